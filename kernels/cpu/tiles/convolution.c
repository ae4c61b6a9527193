/* Compiled for the processor's tiles and for their emulation: GD_TILES_EMULATED, and GD_TILE_CONV, the
 * function's name.
 *
 * 1. Registers 0 to 3 hold sums, of pixels 0-15 and 16-31 by the lower and upper 16 channels; 4 and 5 the two
 * strips of pixels, 6 and 7 the two halves of a step's weights.
 * 2. Where a block has but 16 channels with weights, 1 and 3 take the odd steps instead: two sums of each
 * result, so that products do not wait for each other.
 * 3. A strip whose pixels lie side by side in bounds is loaded from src. Otherwise its pixels are gathered,
 * with zeros outside; from tap to tap along a kernel's row the gathered strip slides by one pixel, so that
 * only the last pixel of each of its rows is copied anew. A strip without any pixel in bounds takes no part.
 */
#include "kernels/cpu/tiles/convolution.h"

#include "base/minmax.h"
#include "kernels/cpu/tiles/plan.h"
#include "kernels/cpu/tiles/registers.h"

#include <stdbool.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum {
    STRIP = GD_TILE_PIXELS / 2, /* pixels of a tile */
    BLOCK = GD_TILE_BLOCK,
    HALF = BLOCK / 2,
    PIXEL = BLOCK * 2,      /* bytes of one of a block */
    STEP = BLOCK * BLOCK,   /* weights of a step */
    WEIGHTS = HALF * 2 * 2, /* bytes of a tile's row of weights */
    SUMS = BLOCK * 4,       /* bytes of a row of sums */
    WINDOW_MAX = (GD_TILE_KERNEL_MAX * GD_TILE_KERNEL_MAX * GD_TILE_PICTURE + BLOCK - 1) / BLOCK * BLOCK,
    ALL = (1 << STRIP) - 1, /* pixels of a strip */
    LAST = 1 << (STRIP - 1),
    NOWHERE = INT32_MIN / 2 /* a row outside of any src */
};

/* A pixel of the results. */
typedef struct place {
    int32_t index, y, x;
} place;

/* 16 pixels, by where their windows begin in src. */
typedef struct strip {
    _Alignas(64) uint16_t gathered[STRIP + GD_TILE_KERNEL_MAX - 1][BLOCK];
    int32_t y[STRIP], x[STRIP];
    bool run;      /* all in one row of the results */
    bool laid;     /* x and y are there; else, of a run, the first only */
    bool none;     /* no pixels at all */
    uint32_t ends; /* a bit for each pixel that the next one does not lie beside */
    int32_t held;  /* the tap of the kernel's row that was gathered last; -1: none */
} strip;

/* What one thread holds. */
typedef struct worker {
    tile_file file;
    strip strips[2];
    /* Of a picture: what each pixel's kernel sees. */
    _Alignas(64) uint16_t windows[GD_TILE_PIXELS][WINDOW_MAX];
    _Alignas(64) float sums[GD_TILE_PIXELS][BLOCK];
} worker;

static place place_at(const gd_tile_walk *w, int32_t index)
{
    return (place){index, index / w->cols, index % w->cols};
}

static void advance(const gd_tile_walk *w, place *at, int32_t count)
{
    at->index += count;
    for (at->x += count; at->x >= w->cols; at->x -= w->cols)
        at->y++;
}

/* all: every pixel's place is wanted, also where the strip is a run. */
static void lay_strip(const gd_tile_walk *w, place at, bool all, strip *s)
{
    s->held = -1;
    s->none = at.index >= w->pixels;
    s->run = at.x + STRIP <= w->cols && at.index + STRIP <= w->pixels;
    s->y[0] = at.y * w->stride - w->pad_rows;
    s->x[0] = at.x * w->stride - w->pad_cols;
    s->ends = LAST;
    s->laid = all || !s->run;
    if (!s->laid)
        return;
    for (int i = 0; i < STRIP; i++) {
        if (at.x + 1 == w->cols)
            s->ends |= 1U << i;
        s->y[i] = at.index < w->pixels ? at.y * w->stride - w->pad_rows : NOWHERE;
        s->x[i] = at.x * w->stride - w->pad_cols;
        advance(w, &at, 1);
    }
}

static void lay_strips(const gd_tile_walk *w, place at, bool all, strip strips[2])
{
    lay_strip(w, at, all, &strips[0]);
    advance(w, &at, STRIP);
    lay_strip(w, at, all, &strips[1]);
}

INLINE void copy_pixel(const gd_tile_walk *w, const uint16_t *src, int32_t y, int32_t x, uint16_t *to)
{
    if ((uint32_t)y < (uint32_t)w->src_rows && (uint32_t)x < (uint32_t)w->src_cols)
        memcpy(to, src + ((ptrdiff_t)y * w->src_cols + x) * BLOCK, PIXEL);
    else
        memset(to, 0, PIXEL);
}

/* The places of a run's pixels after the first. */
static void lay_run(const gd_tile_walk *w, strip *s)
{
    for (int i = 1; i < STRIP; i++) {
        s->y[i] = s->y[0];
        s->x[i] = s->x[0] + i * w->stride;
    }
    s->laid = true;
}

/* The pixels of a strip at a tap, gathered. */
static const uint16_t *gather(const gd_tile_walk *w, const uint16_t *src, strip *s, int32_t ky, int32_t kx)
{
    const bool slides = w->stride == 1 && w->tap_step == 1;
    const bool sliding = slides && s->held >= 0 && s->held == kx - 1;
    uint16_t(*to)[BLOCK] = s->gathered + (slides ? kx : 0);
    if (!s->laid)
        lay_run(w, s);
    for (uint32_t left = sliding ? s->ends : ALL; left != 0; left &= left - 1) {
        const int i = __builtin_ctz(left);
        copy_pixel(w, src, s->y[i] + ky, s->x[i] + kx * w->tap_step, to[i]);
    }
    s->held = kx;
    TILE_FENCE();
    return to[0];
}

/* A tile of pixels: where it lies, NULL if all of it lies outside; *step: bytes from row to row. */
INLINE const uint16_t *find_pixels(const gd_tile_walk *w, const uint16_t *src, strip *s, int32_t ky,
                                   int32_t kx, ptrdiff_t *step)
{
    *step = PIXEL;
    if (s->none)
        return NULL;
    if (s->run) {
        const int32_t y = s->y[0] + ky, x = s->x[0] + kx * w->tap_step;
        if (y < 0 || y >= w->src_rows)
            return NULL;
        if (x >= 0 && x + (STRIP - 1) * w->stride < w->src_cols) {
            *step *= w->stride;
            return src + ((ptrdiff_t)y * w->src_cols + x) * BLOCK;
        }
    }
    return gather(w, src, s, ky, kx);
}

/* Two tiles of pixels, either of which may be missing, and where their rows lie. */
typedef struct operands {
    const uint16_t *pixels[2];
    ptrdiff_t steps[2];
} operands;

INLINE void load(worker *own, const operands *of, const uint16_t *weights, bool narrow)
{
    (void)own;
    TILE_LOAD(&own->file, 6, weights, WEIGHTS);
    if (of->pixels[0])
        TILE_LOAD(&own->file, 4, of->pixels[0], of->steps[0]);
    if (!narrow)
        TILE_LOAD(&own->file, 7, weights + STEP / 2, WEIGHTS);
    if (of->pixels[1])
        TILE_LOAD(&own->file, 5, of->pixels[1], of->steps[1]);
}

INLINE void multiply_wide(worker *own, const operands *of)
{
    (void)own;
    if (of->pixels[0]) {
        TILE_MULTIPLY(&own->file, 0, 4, 6);
        TILE_MULTIPLY(&own->file, 1, 4, 7);
    }
    if (of->pixels[1]) {
        TILE_MULTIPLY(&own->file, 2, 5, 6);
        TILE_MULTIPLY(&own->file, 3, 5, 7);
    }
}

INLINE void multiply_even(worker *own, const operands *of)
{
    (void)own;
    if (of->pixels[0])
        TILE_MULTIPLY(&own->file, 0, 4, 6);
    if (of->pixels[1])
        TILE_MULTIPLY(&own->file, 2, 5, 6);
}

INLINE void multiply_odd(worker *own, const operands *of)
{
    (void)own;
    if (of->pixels[0])
        TILE_MULTIPLY(&own->file, 1, 4, 6);
    if (of->pixels[1])
        TILE_MULTIPLY(&own->file, 3, 5, 6);
}

INLINE void multiply(worker *own, const operands *of, int32_t step, bool narrow)
{
    if (!narrow)
        multiply_wide(own, of);
    else if (step % 2 == 0)
        multiply_even(own, of);
    else
        multiply_odd(own, of);
}

/* A tap of a block of src. */
typedef struct tap {
    const uint16_t *src; /* the block */
    int32_t ky, kx;
} tap;

INLINE void find_operands(const gd_tile_walk *w, const tap *at, strip strips[2], operands *of)
{
    for (int i = 0; i < 2; i++)
        of->pixels[i] = find_pixels(w, at->src, &strips[i], at->ky, at->kx, &of->steps[i]);
}

INLINE void next_tap(const gd_tile_walk *w, tap *at, strip strips[2])
{
    if (++at->kx < w->kernel_cols)
        return;
    at->kx = 0;
    strips[0].held = strips[1].held = -1;
    if (++at->ky < w->kernel_rows)
        return;
    at->ky = 0;
    at->src += (ptrdiff_t)w->src_rows * w->src_cols * BLOCK;
}

/* What is gathered for a step is stored before the products of the step before it: it has left the store
 * buffer when it is loaded. */
INLINE void sum_blocks(const gd_tile_conv *c, const gd_tile_walk *w, place at, const uint16_t *weights,
                       bool narrow, worker *own)
{
    const int32_t steps = c->pack->steps;
    tap cursor = {.src = c->src};
    operands next;
    lay_strips(w, at, false, own->strips);
    if (steps > 0)
        find_operands(w, &cursor, own->strips, &next);
    for (int32_t step = 0; step < steps; step++, weights += STEP) {
        const operands of = next;
        load(own, &of, weights, narrow);
        if (step + 1 < steps) {
            next_tap(w, &cursor, own->strips);
            find_operands(w, &cursor, own->strips, &next);
        }
        multiply(own, &of, step, narrow);
    }
}

/* What the kernel sees of the picture from (y, x) on, row by row, pixel by pixel; the rest of `length` is
 * zero. */
static void copy_window(const gd_tile_conv *c, const gd_tile_walk *w, int32_t y, int32_t x, int32_t length,
                        uint16_t *to)
{
    const int32_t first = gd_max_i32(0, -x), end = gd_min_i32(w->kernel_cols, w->src_cols - x);
    memset(to, 0, sizeof *to * (size_t)length);
    for (int32_t ky = 0; ky < w->kernel_rows; ky++, to += (ptrdiff_t)w->kernel_cols * GD_TILE_PICTURE) {
        if (y + ky < 0 || y + ky >= w->src_rows || first >= end)
            continue;
        const uint16_t *from = c->src + ((ptrdiff_t)(y + ky) * w->src_cols + x + first) * GD_TILE_PICTURE;
        memcpy(to + (ptrdiff_t)first * GD_TILE_PICTURE, from,
               sizeof *to * (size_t)(end - first) * GD_TILE_PICTURE);
    }
}

INLINE void sum_picture(const gd_tile_conv *c, const gd_tile_walk *w, place at, const uint16_t *weights,
                        bool narrow, worker *own)
{
    operands of = {.steps = {sizeof own->windows[0], sizeof own->windows[0]}};
    lay_strips(w, at, true, own->strips);
    for (int i = 0; i < GD_TILE_PIXELS; i++) {
        const strip *s = &own->strips[i / STRIP];
        copy_window(c, w, s->y[i % STRIP], s->x[i % STRIP], c->pack->steps * BLOCK, own->windows[i]);
    }
    TILE_FENCE();
    for (int32_t step = 0; step < c->pack->steps; step++) {
        for (int i = 0; i < 2; i++)
            of.pixels[i] = own->strips[i].none ? NULL : &own->windows[(ptrdiff_t)i * STRIP][step * BLOCK];
        load(own, &of, weights + (ptrdiff_t)step * STEP, narrow);
        multiply(own, &of, step, narrow);
    }
}

static void join_steps(float sums[][BLOCK])
{
    for (int p = 0; p < GD_TILE_PIXELS; p++)
        for (int d = 0; d < HALF; d++) {
            sums[p][d] += sums[p][HALF + d];
            sums[p][HALF + d] = 0;
        }
}

/* 32 results by a block of channels. */
static void convolve(const gd_tile_conv *c, const gd_tile_walk *w, place at, int32_t block, worker *own)
{
    const bool narrow = c->pack->narrow[block];
    const uint16_t *weights = c->pack->values + (ptrdiff_t)block * c->pack->steps * STEP;
    TILE_ZERO(&own->file, 0);
    TILE_ZERO(&own->file, 1);
    TILE_ZERO(&own->file, 2);
    TILE_ZERO(&own->file, 3);
    if (c->pack->src_blocks == 0)
        sum_picture(c, w, at, weights, narrow, own);
    else if (narrow)
        sum_blocks(c, w, at, weights, true, own);
    else
        sum_blocks(c, w, at, weights, false, own);
    TILE_STORE(&own->file, 0, &own->sums[0][0], SUMS);
    TILE_STORE(&own->file, 1, &own->sums[0][HALF], SUMS);
    TILE_STORE(&own->file, 2, &own->sums[STRIP][0], SUMS);
    TILE_STORE(&own->file, 3, &own->sums[STRIP][HALF], SUMS);
    if (narrow)
        join_steps(own->sums);
    c->ending(c->context, own->sums[0], block, at.index, gd_min_i32(GD_TILE_PIXELS, w->pixels - at.index));
}

static void run_task(const gd_tile_conv *c, const gd_tile_walk *w, const gd_tile_cut *by, int32_t task,
                     worker *own)
{
    const int32_t piece = task / by->splits, split = task % by->splits;
    const int32_t end = gd_tile_part(by->groups, piece + 1, by->pieces);
    const int32_t last = gd_tile_part(c->pack->dst_blocks, split + 1, by->splits);
    for (int32_t block = gd_tile_part(c->pack->dst_blocks, split, by->splits); block < last; block++) {
        int32_t group = gd_tile_part(by->groups, piece, by->pieces);
        place at = place_at(w, group * GD_TILE_PIXELS);
        for (; group < end; group++, advance(w, &at, GD_TILE_PIXELS))
            convolve(c, w, at, block, own);
    }
}

static size_t src_bytes(const gd_tile_conv *c)
{
    const size_t channels =
        c->pack->src_blocks ? (size_t)c->pack->src_blocks * BLOCK : (size_t)GD_TILE_PICTURE;
    return sizeof *c->src * channels * (size_t)c->src_rows * (size_t)c->src_cols;
}

static void begin(const gd_tile_conv *c, worker *own)
{
    gd_tile_config config = {.palette = 1};
    for (int t = 0; t < GD_TILES; t++) {
        config.rows[t] = GD_TILE_ROWS;
        config.row_bytes[t] = GD_TILE_ROW;
    }
    own->file = (tile_file){.fault = NULL};
    TILE_ALLOW(&own->file, c->src, src_bytes(c));
    TILE_ALLOW(&own->file, c->pack->values,
               sizeof *c->pack->values * STEP * (size_t)c->pack->dst_blocks * (size_t)c->pack->steps);
    TILE_ALLOW(&own->file, own, sizeof *own);
    TILE_FENCE();
    TILE_CONFIGURE(&own->file, &config);
}

const char *GD_TILE_CONV(const gd_tile_conv *c)
{
    const gd_tile_walk w = gd_tile_walk_of(c);
    const gd_tile_cut by = gd_tile_cut_of(c, &w);
    const char *fault = NULL;
#pragma omp parallel
    {
        worker own;
        begin(c, &own);
        /* Registers are given back before threads wait: what they hold costs every switch of threads. */
#pragma omp for schedule(dynamic) nowait
        for (int32_t task = 0; task < by.pieces * by.splits; task++)
            run_task(c, &w, &by, task, &own);
        TILE_RELEASE(&own.file);
        if (own.file.fault) {
#pragma omp critical(gd_tile_fault)
            fault = own.file.fault;
        }
    }
    return fault;
}
