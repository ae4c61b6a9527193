/* The tape as a table for people (--dump-tape). */
#ifndef GD_NET_DUMP_H
#define GD_NET_DUMP_H

#include "net/memory_plan.h"
#include "net/tape.h"

#include <stdio.h>

/* --dump-tape: operations, shapes, live memory, bytes per window pixel. */
void gd_tape_dump(const gd_tape *tape, const gd_net *net, const size_t *tensor_bytes,
                  const size_t *scratch_bytes, const gd_memory_plan *placement, FILE *out);

#endif
