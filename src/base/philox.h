/* Philox counters and keys of random values, for C and for device code. The host's interface to random
 * numbers is base/random.h. */
#ifndef GD_BASE_PHILOX_H
#define GD_BASE_PHILOX_H

#include "base/philox_rounds.h"
#include "base/random_purpose.h"

#if __has_include(<Random123/philox.h>)
#include <Random123/philox.h>
#define GD_HAVE_RANDOM123
#endif

/* The random words for (seed, purpose, c0, c1, c2). */
GD_PHILOX gd_philox_words gd_philox_draw(uint64_t seed, gd_random_purpose purpose, uint32_t c0, uint32_t c1,
                                         uint32_t c2)
{
    const gd_philox_words counter = {{c0, c1, c2, (uint32_t)purpose << 24}};
    const uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
#ifdef GD_HAVE_RANDOM123
    const philox4x32_ctr_t position = {{counter.at[0], counter.at[1], counter.at[2], counter.at[3]}};
    const philox4x32_key_t key = {{k0, k1}};
    const philox4x32_ctr_t drawn = philox4x32(position, key);
    const gd_philox_words words = {{drawn.v[0], drawn.v[1], drawn.v[2], drawn.v[3]}};
    return words;
#else
    return gd_philox_rounds(counter, k0, k1);
#endif
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
