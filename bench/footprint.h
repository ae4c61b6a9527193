/* What the tapes and programs of an octave take, beside the arena and the packed filters. */
#ifndef GD_BENCH_FOOTPRINT_H
#define GD_BENCH_FOOTPRINT_H

#include "base/status.h"
#include "kernels/backend.h"

/* Prints the mean, over the nine shapes that an octave has for the tape's window and focus, of the memory
 * that a tape takes (heap), that a program takes (heap, and resident with the code that a library makes for
 * it), and of the processor seconds of both. The device has packed its filters for that shape. */
gd_status print_footprint(const gd_backend *backend, gd_device *device, const gd_tape *tape,
                          const gd_net *net, const gd_objective *objective, bool no_shrink,
                          gd_error *error) GD_CHECKED;

#endif
