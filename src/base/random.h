/* Counter-based random numbers (Philox 4x32-10, Salmon et al. 2011, from Random123): a value depends on its
 * arguments alone, so every rank can compute any of them. */
#ifndef GD_BASE_RANDOM_H
#define GD_BASE_RANDOM_H

#include "base/random_purpose.h"

#include <stdint.h>

/* Uniform integer in [0, bound), 1 <= bound < 2^62, for (seed, purpose, a, b, c). Unbiased to 2^-64 of
 * `bound` (Lemire 2019, multiplication without rejection). */
int64_t gd_random_below(uint64_t seed, gd_random_purpose purpose, int64_t bound, int32_t a, int32_t b,
                        uint32_t c);

/* Three independent standard normal values for the pixel (y, x) (Box and Muller 1958). */
void gd_random_normal3(uint64_t seed, int64_t y, int64_t x, double out[3]);

#endif
