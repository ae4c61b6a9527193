/* Convolutions of the stand-in's cuDNN by their definition, element by element. */
#include "standin/convolve.h"

static double value(const gd_convolve *conv, const gd_strided *t, const void *values, int64_t n, int64_t c,
                    int64_t h, int64_t w)
{
    if (h < 0 || h >= t->dim[2] || w < 0 || w >= t->dim[3])
        return 0;
    int64_t at = n * t->stride[0] + c * t->stride[1] + h * t->stride[2] + w * t->stride[3];
    float found = gd_value_load(t->type, values, at);
    return conv->tf32 ? gd_tf32_round(found) : found;
}

static int64_t place_of(const gd_strided *t, const int64_t at[4])
{
    return at[0] * t->stride[0] + at[1] * t->stride[1] + at[2] * t->stride[2] + at[3] * t->stride[3];
}

static void store(const gd_strided *t, void *values, const int64_t at[4], double sum)
{
    gd_value_store(t->type, values, place_of(t, at), (float)sum);
}

static double forward(const gd_convolve *c, gd_convolve_data data, const int64_t at[4])
{
    double sum = 0;
    for (int64_t ky = 0; ky < c->w.dim[2]; ky++)
        for (int64_t kx = 0; kx < c->w.dim[3]; kx++)
            for (int64_t i = 0; i < c->w.dim[1]; i++)
                sum += value(c, &c->w, data.w, at[1], i, ky, kx) *
                       value(c, &c->x, data.x, at[0], i, at[2] * c->step[0] - c->pad[0] + ky * c->dilation[0],
                             at[3] * c->step[1] - c->pad[1] + kx * c->dilation[1]);
    if (c->sum)
        sum += gd_value_load(c->z.type, data.z, place_of(&c->z, at));
    if (c->bias)
        sum += gd_value_load(c->b.type, data.b, at[1] * c->b.stride[1]);
    if (c->mask == GD_WRITES_MASK)
        gd_mask_set(c, data.m, place_of(&c->m, at), sum > 0);
    return c->relu && !(sum > 0) ? 0 : sum;
}

static double backward(const gd_convolve *c, gd_convolve_data data, const int64_t at[4])
{
    double sum = 0;
    for (int64_t ky = 0; ky < c->w.dim[2]; ky++)
        for (int64_t kx = 0; kx < c->w.dim[3]; kx++) {
            int64_t y = at[2] + c->pad[0] - ky * c->dilation[0], x = at[3] + c->pad[1] - kx * c->dilation[1];
            if (y % c->step[0] || x % c->step[1])
                continue;
            for (int64_t o = 0; o < c->w.dim[0]; o++)
                sum += value(c, &c->w, data.w, o, at[1], ky, kx) *
                       value(c, &c->y, data.y, at[0], o, y / c->step[0], x / c->step[1]);
        }
    if (c->sum)
        sum += gd_value_load(c->z.type, data.z, place_of(&c->z, at));
    return c->mask == GD_APPLIES_MASK ? sum * gd_mask_get(c, data.m, place_of(&c->m, at)) : sum;
}

void gd_convolve_slow(const gd_convolve *c, gd_convolve_data data)
{
    const gd_strided *to = c->backward ? &c->x : &c->y;
    int64_t at[4];
    for (at[0] = 0; at[0] < to->dim[0]; at[0]++)
        for (at[1] = 0; at[1] < to->dim[1]; at[1]++)
            for (at[2] = 0; at[2] < to->dim[2]; at[2]++)
                for (at[3] = 0; at[3] < to->dim[3]; at[3]++)
                    store(to, c->backward ? data.x : data.y, at,
                          c->backward ? backward(c, data, at) : forward(c, data, at));
}
