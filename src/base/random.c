#include "base/random.h"

#include <Random123/philox.h>
#include <math.h>

static philox4x32_ctr_t draw(uint64_t seed, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3)
{
    philox4x32_ctr_t counter = {{c0, c1, c2, c3}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    return philox4x32(counter, key);
}

int64_t gd_random_below(uint64_t seed, gd_random_purpose purpose, int64_t bound, int32_t a, int32_t b,
                        uint32_t c)
{
    philox4x32_ctr_t r = draw(seed, (uint32_t)a, (uint32_t)b, c, (uint32_t)purpose << 24);
    uint64_t x = (uint64_t)r.v[1] << 32 | r.v[0];
    return (int64_t)(((unsigned __int128)x * (uint64_t)bound) >> 64);
}

/* (0, 1], so that its logarithm is finite. */
static double open_unit(uint32_t x)
{
    return (x + 1.0) * 0x1p-32;
}

void gd_random_normal3(uint64_t seed, int64_t y, int64_t x, double out[3])
{
    const double two_pi = 6.283185307179586476925286766559;
    philox4x32_ctr_t r = draw(seed, (uint32_t)y, (uint32_t)x, (uint32_t)GD_RANDOM_NOISE << 24,
                              (uint32_t)GD_RANDOM_NOISE << 24);
    double radius0 = sqrt(-2.0 * log(open_unit(r.v[0])));
    double radius1 = sqrt(-2.0 * log(open_unit(r.v[2])));
    out[0] = radius0 * cos(two_pi * open_unit(r.v[1]));
    out[1] = radius0 * sin(two_pi * open_unit(r.v[1]));
    out[2] = radius1 * cos(two_pi * open_unit(r.v[3]));
}
