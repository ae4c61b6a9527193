/* Waves: the windows of a rank that travel and are computed together, of a step or of a resampling. */
#ifndef GD_TILING_WAVE_H
#define GD_TILING_WAVE_H

#include "base/round.h"

#include <stdint.h>

/* What a rank's windows in a wave come to, at most, unless one alone has more: large enough that windows
 * share halos, small enough that two waves fit beside the planes. */
enum { GD_WAVE_PIXELS = 8 << 20 };

/* Floats from one window of `area` pixels in a wave's memory to the next: each begins at a multiple of 256
 * bytes. */
static inline int64_t gd_wave_slot_floats(int64_t area)
{
    return gd_round_up(area * 3, 64);
}

#endif
