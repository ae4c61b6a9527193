#include "dream/estimate.h"

#include "base/clock.h"
#include "base/round.h"
#include "dream/plan_tape.h"
#include "net/tape.h"

#include <math.h>
#include <stdlib.h>

/* Pixels a side of what is measured: enough to fill a processor, or a GPU, and no more. */
enum { SIDE_ON_HOST = 512, SIDE_ON_DEVICE = 2048 };

static const gd_plan_shape *hardest(const gd_plan *plan)
{
    const gd_plan_shape *found = NULL;
    for (int32_t i = 0; i < plan->shapes.count; i++) {
        const gd_plan_shape *s = &plan->shapes.shapes[i];
        if (!found || s->flop * (double)s->windows > found->flop * (double)found->windows)
            found = s;
    }
    return found;
}

/* What a device computes does not take longer or shorter for its values. */
static gd_status load_zeros(gd_engine *engine, gd_error *error)
{
    const int32_t side = engine->net->smallest_input;
    const gd_lower_options options = {0};
    gd_tape *tape = NULL;
    gd_status status = gd_tape_lower(engine->net, &engine->objective, side, side, &options, &tape, error);
    if (status != GD_OK)
        return status;
    gd_filter_values *values = calloc((size_t)tape->filter_count + 1, sizeof *values);
    bool made = values != NULL;
    for (int32_t f = 0; made && f < tape->filter_count; f++) {
        const gd_filter *filter = &tape->filters[f];
        const size_t taps = (size_t)filter->kernel_rows * (size_t)filter->kernel_cols;
        values[f].kernel = calloc((size_t)filter->in * (size_t)filter->out * taps, sizeof(double));
        values[f].bias = calloc((size_t)filter->out, sizeof(double));
        made = values[f].kernel && values[f].bias;
    }
    status = made ? engine->backend->load(engine->device, tape, values, error)
                  : gd_fail(error, GD_MEMORY, "out of memory for the measurement of a window");
    if (values)
        gd_filters_free(values, tape->filter_count);
    gd_tape_free(tape);
    return status;
}

/* Runs the window until a second is over, a first time left aside; *seconds: the mean. */
static gd_status time_window(const gd_engine *engine, int32_t rows, int32_t cols, double *seconds,
                             gd_error *error)
{
    gd_memory *memory = gd_engine_memory(engine);
    const size_t bytes = (size_t)rows * (size_t)cols * 3 * sizeof(float);
    void *window = NULL, *gradient = NULL;
    gd_worker *worker = NULL;
    gd_status status = memory->class->allocate(memory, GD_FOR_WINDOWS, bytes, &window, error);
    if (status == GD_OK)
        status = memory->class->allocate(memory, GD_FOR_WINDOWS, bytes, &gradient, error);
    if (status == GD_OK)
        status = memory->class->clear(memory, window, bytes, error);
    if (status == GD_OK)
        status = gd_memory_settle(memory, 60, error);
    if (status == GD_OK)
        status = gd_worker_create(engine, &worker, error);
    double sum = 0;
    for (int i = 0; (i < 2 || sum < 1) && status == GD_OK; i++) {
        const double start = gd_clock();
        status = gd_worker_gradient(worker, rows, cols, window, gradient, NULL, error);
        if (status == GD_OK)
            status = gd_engine_finish(engine, error);
        sum += i > 0 ? gd_clock() - start : 0;
        *seconds = sum / fmax(i, 1);
    }
    gd_worker_free(worker);
    if (gradient)
        memory->class->release(memory, GD_FOR_WINDOWS, gradient);
    if (window)
        memory->class->release(memory, GD_FOR_WINDOWS, window);
    return status;
}

gd_status gd_estimate_rate(gd_engine *engine, const gd_plan *plan, double *rate, gd_error *error)
{
    const gd_plan_shape *shape = hardest(plan);
    double flop = 0, seconds = 0;
    *rate = 0;
    if (!shape)
        return GD_OK;
    if (engine->options.described)
        return gd_fail(error, GD_BACKEND, "a device that is only described computes nothing");
    const int32_t most =
        (int32_t)gd_round_up(plan->device.total_bytes > 0 ? SIDE_ON_DEVICE : SIDE_ON_HOST, engine->stride);
    const int32_t rows = shape->rows < most ? shape->rows : most;
    const int32_t cols = shape->cols < most ? shape->cols : most;
    gd_status status = gd_plan_flop(engine, rows, cols, &flop, error);
    if (status == GD_OK && !engine->checksum[0])
        status = load_zeros(engine, error);
    if (status == GD_OK)
        status = time_window(engine, rows, cols, &seconds, error);
    if (status == GD_OK)
        *rate = flop / fmax(seconds, 1e-6);
    return status;
}

double gd_estimate_seconds(const gd_plan *plan, double rate)
{
    double seconds = 0;
    for (int32_t i = 0; i < plan->octave_count && rate > 0; i++) {
        const gd_plan_octave *o = &plan->octaves[i];
        const double side = (double)o->ranks * plan->threads;
        if (o->tiles > 0)
            seconds += o->flop / (double)o->tiles * ceil((double)o->tiles / side) / rate;
    }
    return seconds;
}
