/* Philox counters and keys of random values, for C and for device code. The host's interface to random
 * numbers is base/random.h. */
#ifndef GD_BASE_PHILOX_H
#define GD_BASE_PHILOX_H

#include "base/random_purpose.h"

#include <Random123/philox.h>

#ifdef __CUDACC__
#define GD_PHILOX static __host__ __device__ inline
#else
#define GD_PHILOX static inline
#endif

typedef struct gd_philox_words {
    uint32_t at[4];
} gd_philox_words;

/* The random words for (seed, purpose, c0, c1, c2). */
GD_PHILOX gd_philox_words gd_philox_draw(uint64_t seed, gd_random_purpose purpose, uint32_t c0, uint32_t c1,
                                         uint32_t c2)
{
    philox4x32_ctr_t counter = {{c0, c1, c2, (uint32_t)purpose << 24}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t drawn = philox4x32(counter, key);
    gd_philox_words words = {{drawn.v[0], drawn.v[1], drawn.v[2], drawn.v[3]}};
    return words;
}

/* The words for the three normal values of a pixel: two radii (words 0 and 2), each followed by its angle. */
GD_PHILOX gd_philox_words gd_philox_noise(uint64_t seed, int64_t y, int64_t x)
{
    return gd_philox_draw(seed, GD_RANDOM_NOISE, (uint32_t)y, (uint32_t)x, (uint32_t)GD_RANDOM_NOISE << 24);
}

/* Maps a word to (0, 1], so that its logarithm is finite. */
GD_PHILOX double gd_philox_open_unit(uint32_t word)
{
    return (word + 1.0) * 0x1p-32;
}

#endif
