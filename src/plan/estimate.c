/* Times pieces of the windows with most of a plan's work, and extrapolates to the whole render. */
#include "plan/estimate.h"

#include "base/clock.h"
#include "base/minmax.h"
#include "base/round.h"
#include "engine/pool.h"
#include "net/fold.h"
#include "net/tape.h"
#include "plan/plan_tape.h"

#include <math.h>
#include <stdlib.h>

/* Limits of the measurement: number of window shapes, and share of all work. */
enum { SHAPES_MOST = 4 };
static const double enough_work = 0.9;

/* Total time in seconds for all shapes: a share of the render's, within limits, since a plan should take less
 * time than what it plans. And the runs of a shape that should fit into its part. */
static const double seconds_most = 4, seconds_least = 1, share_of_render = 0.05;
enum { RUNS = 3 };

/* Pixels of the first piece, from whose time the others are sized; minimum of the others; and maximum that is
 * computed at a time, to limit memory. */
enum { FIRST_PIXELS = 1 << 18, LEAST_PIXELS = 1 << 16, MOST_PIXELS = 1 << 22 };

static double work_of(const gd_plan_shape *s)
{
    return s->flop * (double)s->windows;
}

/* Arbitrary values other than zero: with zeros, a processor needs less power and may be faster. */
static double next_value(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U; /* Knuth's MMIX */
    return (double)(*state >> 11) * 0x1p-52 - 1;
}

/* Weights that preserve the variance of activations (He et al. 2015), so that nothing underflows. */
static gd_status make_filter(const gd_filter *filter, gd_filter_values *values, gd_error *error)
{
    const size_t taps = (size_t)filter->kernel_rows * (size_t)filter->kernel_cols;
    const size_t inputs = (size_t)filter->in * taps, all = (size_t)filter->out * inputs;
    const double bound = sqrt(6.0 / (double)inputs);
    uint64_t state = 1;
    values->kernel = malloc(all * sizeof(double));
    values->bias = malloc((size_t)filter->out * sizeof(double));
    if (!values->kernel || !values->bias)
        return gd_no_memory(error, "the measurement of a window");
    for (size_t i = 0; i < all; i++)
        values->kernel[i] = bound * next_value(&state);
    for (int32_t i = 0; i < filter->out; i++)
        values->bias[i] = next_value(&state);
    return GD_OK;
}

static gd_status load_values(gd_engine *engine, gd_error *error)
{
    const gd_window_shape smallest =
        gd_window_shape_whole(engine->net->smallest_input, engine->net->smallest_input);
    gd_tape *tape = NULL;
    gd_status status = gd_engine_lower(engine, &smallest, &tape, error);
    if (status != GD_OK)
        return status;
    gd_filter_values *values = calloc((size_t)tape->filter_count + 1, sizeof *values);
    if (!values)
        status = gd_no_memory(error, "the measurement of a window");
    for (int32_t f = 0; status == GD_OK && f < tape->filter_count; f++)
        status = make_filter(&tape->filters[f], &values[f], error);
    if (status == GD_OK)
        status = engine->backend->load(engine->device, tape, values, error);
    if (values)
        gd_filters_free(values, tape->filter_count);
    gd_tape_free(tape);
    return status;
}

/* The measurement: as many windows at a time as in the render. */
typedef struct bench {
    gd_engine *engine;
    gd_memory *memory;
    int32_t windows;         /* at a time */
    gd_pool *pool;           /* owned */
    gd_job *jobs;            /* owned; [windows] */
    double *sums;            /* owned; [windows, 2]; of the jobs */
    void *window, *gradient; /* owned; one input window for all, one gradient each */
} bench;

static void close_windows(bench *b)
{
    void *all[2] = {b->window, b->gradient};
    for (int i = 0; i < 2; i++)
        if (all[i])
            b->memory->class->release(b->memory, GD_FOR_WINDOWS, all[i]);
    b->window = b->gradient = NULL;
}

static gd_status open_windows(bench *b, const gd_window_shape *window, gd_error *error)
{
    const gd_memory_class *class = b->memory->class;
    const size_t floats = (size_t)window->rows * (size_t)window->cols * 3, bytes = floats * sizeof(float);
    gd_status status = class->allocate(b->memory, GD_FOR_WINDOWS, bytes, &b->window, error);
    if (status == GD_OK)
        status = class->allocate(b->memory, GD_FOR_WINDOWS, bytes * (size_t)b->windows, &b->gradient, error);
    if (status == GD_OK)
        status = class->clear(b->memory, b->window, bytes, error);
    if (status == GD_OK)
        status = gd_memory_synchronize(b->memory, error);
    for (int32_t i = 0; status == GD_OK && i < b->windows; i++)
        b->jobs[i] = (gd_job){.shape = *window,
                              .window = b->window,
                              .gradient = (float *)b->gradient + (size_t)i * floats,
                              .core = window->focus,
                              .sums = b->sums + 2 * (size_t)i};
    return status;
}

/* Repeats until `seconds` have passed. Returns the fastest run, because other programs may use the cores. The
 * first run is a warm-up, unless `seconds` is 0, and it is the only one. */
static gd_status time_windows(bench *b, const gd_window_shape *window, double seconds, double *fastest,
                              gd_error *error)
{
    gd_status status = open_windows(b, window, error);
    const double begin = gd_clock();
    bool first = true, over = false;
    *fastest = INFINITY;
    while (status == GD_OK && !(over && isfinite(*fastest))) {
        const double start = gd_clock();
        gd_pool_start(b->pool, b->jobs, b->windows);
        (void)gd_pool_wait(b->pool, -1);
        status = gd_pool_result(b->pool, error);
        if (status == GD_OK)
            status = gd_engine_finish(b->engine, error);
        over = gd_clock() - begin >= seconds;
        if (!first || seconds == 0)
            *fastest = fmin(*fastest, fmax(gd_clock() - start, 1e-6));
        first = false;
    }
    close_windows(b);
    return status;
}

/* Rows of a piece with at most `pixels` pixels, reduced in whole strides. It has the full width, because a
 * convolution's speed may depend on it. */
static int32_t rows_within(const gd_engine *engine, const gd_window_shape *shape, double pixels)
{
    const int32_t stride = engine->stride, least = engine->net->smallest_input;
    const int32_t most = (int32_t)fmax(least, fmin(shape->rows, pixels / shape->cols));
    const int32_t rows = shape->rows - (int32_t)gd_round_up(shape->rows - most, stride);
    return rows >= least ? rows : most;
}

/* The piece: with as many rows beyond the focus as the window has, where that leaves it a stride. */
static gd_window_shape piece_of(const gd_engine *engine, const gd_window_shape *window, double pixels)
{
    gd_window_shape piece = *window;
    piece.rows = rows_within(engine, window, pixels);
    piece.focus.rows = gd_max_i64(engine->stride, window->focus.rows - (window->rows - piece.rows));
    piece.focus.y = gd_min_i64(window->focus.y, piece.rows - piece.focus.rows);
    return piece;
}

/* Measures the FLOP a second of each of the windows computed at the same time, on a piece. */
static gd_status measure_piece(bench *b, const gd_plan_shape *shape, double pixels, double seconds,
                               double *rate, gd_error *error)
{
    const gd_window_shape piece = piece_of(b->engine, &shape->window, pixels);
    double flop = 0, fastest = 0;
    gd_status status = gd_plan_flop(b->engine, &piece, &flop, error);
    if (status == GD_OK)
        status = time_windows(b, &piece, seconds, &fastest, error);
    if (status == GD_OK)
        *rate = flop / fastest;
    return status;
}

/* Index of the shape with the most work among those without a rate; -1: none left. */
static int32_t hardest(const gd_plan_shapes *shapes, const double *rates)
{
    int32_t found = -1;
    for (int32_t i = 0; i < shapes->count; i++)
        if (rates[i] == 0 && (found < 0 || work_of(&shapes->shapes[i]) > work_of(&shapes->shapes[found])))
            found = i;
    return found;
}

/* Pixels of a piece of this shape that takes `seconds` at `rate`. */
static double pixels_within(const bench *b, const gd_plan_shape *s, double seconds, double rate)
{
    const double most = (double)MOST_PIXELS / b->windows;
    const double flop_of_pixel = s->flop / ((double)s->window.rows * s->window.cols);
    return fmax(LEAST_PIXELS, fmin(most, rate * seconds / flop_of_pixel));
}

/* Time for the sequence of windows of the rank with the most. `rates` is by shape; NULL: `rate` for all. */
static double seconds_of(const gd_plan *plan, const double *rates, double rate)
{
    double seconds = 0;
    for (int32_t i = 0; i < plan->octave_count; i++) {
        const gd_plan_octave *o = &plan->octaves[i];
        const double longest = ceil((double)o->tiles / o->ranks); /* tiles of a rank */
        double all = 0;
        for (int32_t k = 0; k < o->shapes.count; k++) {
            const gd_plan_shape *s = &o->shapes.shapes[k];
            all += work_of(s) / (rates ? rates[gd_plan_find(&plan->shapes, &s->window)] : rate);
        }
        if (o->tiles > 0)
            seconds += all / o->ranks * o->uneven * ceil(longest / plan->threads) / longest;
    }
    return seconds * (1 + plan->others);
}

/* rates[shapes->count]: measured for the shapes with most work; the mean of these for the others. */
static gd_status measure(bench *b, const gd_plan *plan, double *rates, gd_estimate *e, gd_error *error)
{
    const gd_plan_shapes *shapes = &plan->shapes;
    const int32_t count = shapes->count < SHAPES_MOST ? shapes->count : SHAPES_MOST;
    const double begin = gd_clock();
    double all = 0, work = 0, seconds = 0, first = 0;
    for (int32_t i = 0; i < shapes->count; i++)
        all += work_of(&shapes->shapes[i]);
    gd_status status =
        measure_piece(b, &shapes->shapes[hardest(shapes, rates)], FIRST_PIXELS, 0, &first, error);
    const double limit =
        status == GD_OK
            ? fmin(seconds_most, fmax(seconds_least, share_of_render * seconds_of(plan, NULL, first)))
            : 0;
    const double share = limit / count;
    while (status == GD_OK && e->measured < count && work < enough_work * all &&
           (e->measured == 0 || gd_clock() - begin < 2 * limit)) {
        const int32_t i = hardest(shapes, rates);
        const gd_plan_shape *s = &shapes->shapes[i];
        status = measure_piece(b, s, pixels_within(b, s, share / RUNS, first), share, &rates[i], error);
        work += work_of(s);
        seconds += status == GD_OK ? work_of(s) / rates[i] : 0;
        e->measured++;
    }
    e->rate = work / fmax(seconds, 1e-9);
    for (int32_t i = 0; i < shapes->count; i++)
        rates[i] = rates[i] > 0 ? rates[i] : e->rate;
    return status;
}

static gd_status open_bench(bench *b, gd_engine *engine, int32_t windows, gd_error *error)
{
    *b = (bench){.engine = engine, .memory = gd_engine_memory(engine), .windows = windows};
    b->jobs = calloc((size_t)windows, sizeof *b->jobs);
    b->sums = calloc((size_t)windows * 2, sizeof *b->sums);
    if (!b->jobs || !b->sums)
        return gd_no_memory(error, "the measurement of %d windows", windows);
    return gd_pool_create(engine, windows, &b->pool, error);
}

gd_status gd_estimate_measure(gd_engine *engine, const gd_plan *plan, gd_estimate *e, gd_error *error)
{
    bench b = {.engine = engine};
    *e = (gd_estimate){0};
    if (plan->flop <= 0)
        return GD_OK;
    if (engine->options.described)
        return gd_fail(error, GD_BACKEND, "a device that is only described computes nothing");
    double *rates = calloc((size_t)plan->shapes.count, sizeof *rates);
    gd_status status = rates ? GD_OK : gd_no_memory(error, "%d rates", plan->shapes.count);
    if (status == GD_OK && !engine->checksum[0])
        status = load_values(engine, error);
    if (status == GD_OK)
        status = open_bench(&b, engine, plan->threads, error);
    if (status == GD_OK)
        status = measure(&b, plan, rates, e, error);
    if (status == GD_OK)
        e->seconds = seconds_of(plan, rates, 0);
    gd_pool_free(b.pool);
    free(b.jobs);
    free(b.sums);
    free(rates);
    return status;
}

double gd_estimate_seconds(const gd_plan *plan, double rate)
{
    return rate > 0 ? seconds_of(plan, NULL, rate) : 0;
}
