/* Waves: windows of a rank that are exchanged and computed together, in a step or a resampling. */
#ifndef GD_TILING_WAVE_H
#define GD_TILING_WAVE_H

#include "base/round.h"

#include <stdint.h>

/* Most pixels of a rank's windows in a wave, unless a single window has more: large enough for windows to
 * share halos, small enough for two waves to fit into memory with the planes. */
enum { GD_WAVE_PIXELS = 8 << 20 };

/* Floats from one window of `area` pixels in a wave's memory to the next: each begins at a multiple of 256
 * bytes. */
static inline int64_t gd_wave_slot_floats(int64_t area)
{
    return gd_round_up(area * 3, 64);
}

#endif
