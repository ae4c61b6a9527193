/* Both directions are one loop: each value to write is a sum over taps, and a tap is a weight matrix and a
 * place in the tensor that is read. Backward with a stride falls into stride x stride such loops, one for
 * each remainder. */
#include "standin/convolve.h"

#include <stdlib.h>

enum { PIXELS = 8, LANES = 16, BLOCK = 2 * LANES };

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(64)));

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

/* One axis of the loop: target first + by * i, for i in 0 .. count - 1, reads i * step + offset[t] for tap t.
 */
typedef struct axis {
    int64_t first, by, count, step;
    int64_t taps, kernel[GD_KERNEL_MAX], offset[GD_KERNEL_MAX];
    int64_t low, extent; /* what is read: [low, low + extent) */
} axis;

typedef struct work {
    const gd_convolve *conv;
    const gd_strided *from, *to;
    const void *from_values, *weights_from, *bias, *added;
    void *to_values, *mask;
    axis rows, cols;
    int64_t channels, targets; /* read and written */
    float *source;             /* [rows.extent, cols.extent, channels] with zeros around */
    float *weights;            /* [taps, channels, BLOCK], of one block of targets */
    int64_t *pixels;           /* [rows.count * cols.count] where each starts in source */
    int64_t *taps;             /* [rows.taps * cols.taps] where each lies from there */
} work;

static void bound(axis *a)
{
    int64_t high = 0;
    a->low = 0;
    for (int64_t t = 0; t < a->taps; t++) {
        int64_t last = (a->count - 1) * a->step + a->offset[t];
        if (t == 0 || a->offset[t] < a->low)
            a->low = a->offset[t];
        if (t == 0 || last > high)
            high = last;
    }
    a->extent = a->taps ? high - a->low + 1 : 0;
}

static axis forward_axis(const gd_convolve *c, int k)
{
    axis a = {.by = 1, .count = c->y.dim[2 + k], .step = c->step[k], .taps = c->w.dim[2 + k]};
    for (int64_t t = 0; t < a.taps; t++) {
        a.kernel[t] = t;
        a.offset[t] = t * c->dilation[k] - c->pad[k];
    }
    bound(&a);
    return a;
}

static axis backward_axis(const gd_convolve *c, int k, int64_t remainder)
{
    axis a = {.first = remainder, .by = c->step[k], .step = 1};
    a.count = (c->x.dim[2 + k] - remainder + c->step[k] - 1) / c->step[k];
    for (int64_t t = 0; t < c->w.dim[2 + k]; t++) {
        int64_t place = remainder + c->pad[k] - t * c->dilation[k];
        if (place % c->step[k])
            continue;
        a.kernel[a.taps] = t;
        a.offset[a.taps++] = place / c->step[k];
    }
    bound(&a);
    return a;
}

CLONES static void load_row(float *to, gd_value_type type, bool tf32, const void *values, int64_t at,
                            int64_t stride, int64_t count)
{
    if (stride == 1 && type == GD_VALUE_BF16)
        for (int64_t i = 0; i < count; i++)
            to[i] = gd_float_of_bits((uint32_t)((const uint16_t *)values)[at + i] << 16);
    else
        for (int64_t i = 0; i < count; i++)
            to[i] = gd_value_load(type, values, at + i * stride);
    for (int64_t i = 0; tf32 && i < count; i++)
        to[i] = gd_tf32_round(to[i]);
}

static void load_source(const work *w, int64_t n)
{
    const gd_strided *t = w->from;
    int64_t row_floats = w->cols.extent * w->channels;
    memset(w->source, 0, (size_t)(w->rows.extent * row_floats) * sizeof *w->source);
    for (int64_t y = 0; y < w->rows.extent; y++)
        for (int64_t x = 0; x < w->cols.extent; x++) {
            int64_t row = y + w->rows.low, col = x + w->cols.low;
            if (row < 0 || row >= t->dim[2] || col < 0 || col >= t->dim[3])
                continue;
            load_row(w->source + y * row_floats + x * w->channels, t->type, w->conv->tf32, w->from_values,
                     n * t->stride[0] + row * t->stride[2] + col * t->stride[3], t->stride[1], w->channels);
        }
}

static void load_weights(const work *w, int64_t block)
{
    const gd_strided *t = &w->conv->w;
    int64_t of = t->stride[w->conv->backward ? 0 : 1], target = t->stride[w->conv->backward ? 1 : 0];
    int64_t count = w->targets - block < BLOCK ? w->targets - block : BLOCK;
    float *to = w->weights;
    for (int64_t r = 0; r < w->rows.taps; r++)
        for (int64_t c = 0; c < w->cols.taps; c++)
            for (int64_t i = 0; i < w->channels; i++, to += BLOCK) {
                memset(to, 0, BLOCK * sizeof *to);
                load_row(to, t->type, w->conv->tf32, w->weights_from,
                         w->rows.kernel[r] * t->stride[2] + w->cols.kernel[c] * t->stride[3] + i * of +
                             block * target,
                         target, count);
            }
}

/* sums [PIXELS, BLOCK] of the pixels that start at `at`. */
CLONES static void sum_block(const work *w, const int64_t at[PIXELS], float *sums)
{
    lanes low[PIXELS] = {0}, high[PIXELS] = {0};
    const float *weight = w->weights;
    for (int64_t t = 0; t < w->rows.taps * w->cols.taps; t++) {
        const float *from[PIXELS];
        for (int p = 0; p < PIXELS; p++)
            from[p] = w->source + at[p] + w->taps[t];
        for (int64_t i = 0; i < w->channels; i++, weight += BLOCK) {
            const lanes *pair = (const lanes *)weight;
#pragma GCC unroll 8
            for (int p = 0; p < PIXELS; p++) {
                low[p] += from[p][i] * pair[0];
                high[p] += from[p][i] * pair[1];
            }
        }
    }
    for (int p = 0; p < PIXELS; p++) {
        ((lanes *)sums)[2 * p] = low[p];
        ((lanes *)sums)[2 * p + 1] = high[p];
    }
}

CLONES static void store_pixel(const work *w, int64_t n, int64_t pixel, int64_t block, const float *sums)
{
    const gd_convolve *c = w->conv;
    int64_t row = w->rows.first + pixel / w->cols.count * w->rows.by;
    int64_t col = w->cols.first + pixel % w->cols.count * w->cols.by;
    int64_t at = n * w->to->stride[0] + row * w->to->stride[2] + col * w->to->stride[3];
    int64_t z = n * c->z.stride[0] + row * c->z.stride[2] + col * c->z.stride[3];
    int64_t m = n * c->m.stride[0] + row * c->m.stride[2] + col * c->m.stride[3];
    for (int64_t k = 0; k < BLOCK && block + k < w->targets; k++) {
        float sum = sums[k];
        if (c->sum)
            sum += gd_value_load(c->z.type, w->added, z + (block + k) * c->z.stride[1]);
        if (c->bias)
            sum += gd_value_load(c->b.type, w->bias, (block + k) * c->b.stride[1]);
        if (c->mask == GD_WRITES_MASK)
            gd_mask_set(c, w->mask, m + block + k, sum > 0);
        if (c->relu && !(sum > 0))
            sum = 0;
        if (c->mask == GD_APPLIES_MASK)
            sum *= gd_mask_get(c, w->mask, m + block + k);
        gd_value_store(w->to->type, w->to_values, at + (block + k) * w->to->stride[1], sum);
    }
}

static void run_block(const work *w, int64_t n, int64_t block)
{
    float sums[PIXELS * BLOCK] __attribute__((aligned(64)));
    int64_t count = w->rows.count * w->cols.count, at[PIXELS];
    for (int64_t first = 0; first < count; first += PIXELS) {
        for (int64_t p = 0; p < PIXELS; p++)
            at[p] = w->pixels[first + p < count ? first + p : count - 1];
        sum_block(w, at, sums);
        for (int64_t p = 0; p < PIXELS && first + p < count; p++)
            store_pixel(w, n, first + p, block, sums + p * BLOCK);
    }
}

static void place(work *w)
{
    int64_t row_floats = w->cols.extent * w->channels;
    for (int64_t y = 0; y < w->rows.count; y++)
        for (int64_t x = 0; x < w->cols.count; x++)
            w->pixels[y * w->cols.count + x] = y * w->rows.step * row_floats + x * w->cols.step * w->channels;
    for (int64_t r = 0; r < w->rows.taps; r++)
        for (int64_t c = 0; c < w->cols.taps; c++)
            w->taps[r * w->cols.taps + c] = (w->rows.offset[r] - w->rows.low) * row_floats +
                                            (w->cols.offset[c] - w->cols.low) * w->channels;
}

static void *aligned(int64_t count, size_t bytes)
{
    return aligned_alloc(64, ((size_t)count * bytes + 64) / 64 * 64 + 64);
}

static bool run(work *w)
{
    int64_t taps = w->rows.taps * w->cols.taps, count = w->rows.count * w->cols.count;
    w->source = aligned(w->rows.extent * w->cols.extent * w->channels, sizeof *w->source);
    w->weights = aligned(taps * w->channels * BLOCK, sizeof *w->weights);
    w->pixels = aligned(count, sizeof *w->pixels);
    w->taps = aligned(taps, sizeof *w->taps);
    bool ok = w->source && w->weights && w->pixels && w->taps;
    if (ok)
        place(w);
    for (int64_t n = 0; ok && n < w->from->dim[0]; n++) {
        load_source(w, n);
        for (int64_t block = 0; block < w->targets; block += BLOCK) {
            load_weights(w, block);
            run_block(w, n, block);
        }
    }
    free(w->source);
    free(w->weights);
    free(w->pixels);
    free(w->taps);
    return ok;
}

bool gd_convolve_fast(const gd_convolve *c, gd_convolve_data data)
{
    work w = {.conv = c, .weights_from = data.w, .bias = data.b, .added = data.z, .mask = data.m};
    w.from = c->backward ? &c->y : &c->x;
    w.to = c->backward ? &c->x : &c->y;
    w.from_values = c->backward ? data.y : data.x;
    w.to_values = c->backward ? data.x : data.y;
    w.channels = w.from->dim[1];
    w.targets = w.to->dim[1];
    if (!c->backward) {
        w.rows = forward_axis(c, 0);
        w.cols = forward_axis(c, 1);
        return run(&w);
    }
    for (int64_t y = 0; y < c->step[0]; y++)
        for (int64_t x = 0; x < c->step[1]; x++) {
            w.rows = backward_axis(c, 0, y);
            w.cols = backward_axis(c, 1, x);
            if (w.rows.count > 0 && w.cols.count > 0 && !run(&w))
                return false;
        }
    return true;
}
