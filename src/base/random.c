/* Random integers and normal values, drawn from Philox counters. */
#include "base/random.h"

#include "base/philox.h"

#include <math.h>

int64_t gd_random_below(uint64_t seed, gd_random_purpose purpose, int64_t bound, int32_t a, int32_t b,
                        uint32_t c)
{
    gd_philox_words r = gd_philox_draw(seed, purpose, (uint32_t)a, (uint32_t)b, c);
    uint64_t x = (uint64_t)r.at[1] << 32 | r.at[0];
    return (int64_t)(((unsigned __int128)x * (uint64_t)bound) >> 64);
}

void gd_random_normal3(uint64_t seed, int64_t y, int64_t x, double out[3])
{
    const double two_pi = 6.283185307179586476925286766559;
    gd_philox_words r = gd_philox_noise(seed, y, x);
    double radius0 = sqrt(-2.0 * log(gd_philox_open_unit(r.at[0])));
    double radius1 = sqrt(-2.0 * log(gd_philox_open_unit(r.at[2])));
    out[0] = radius0 * cos(two_pi * gd_philox_open_unit(r.at[1]));
    out[1] = radius0 * sin(two_pi * gd_philox_open_unit(r.at[1]));
    out[2] = radius1 * cos(two_pi * gd_philox_open_unit(r.at[3]));
}
