/* A tape as a readable table (--dump-tape). */
#ifndef GD_NET_DUMP_H
#define GD_NET_DUMP_H

#include "net/memory_plan.h"
#include "net/tape.h"

#include <stdio.h>

/* Prints operations, shapes, memory in use and bytes per pixel of the window. tensor_bytes[tensor_count] and
 * scratch_bytes[op_count] are the backend's. */
void gd_tape_dump(const gd_tape *tape, const gd_net *net, const size_t *tensor_bytes,
                  const size_t *scratch_bytes, const gd_memory_plan *placement, FILE *out);

#endif
