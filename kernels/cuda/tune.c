/* Times engines of cuDNN on random values: those that are compiled in advance, with the kernel of ours behind
 * them, against those that cuDNN compiles here. */
#include "kernels/cuda/tune.h"

#include "base/minmax.h"
#include "base/round.h"
#include "kernels/cuda/compiled.h"
#include "kernels/cuda/convolution/autotune.h"
#include "kernels/cuda/convolution/convolution_search.h"
#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/memory/stored.h"
#include "kernels/cuda/write_mask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What lies in the memory that convolutions are timed in, one after the other; the workspace follows. */
typedef enum part { X, W, BIAS, Y, MASK, SUMMAND, PARTS } part;

typedef struct layout {
    int64_t at[PARTS];
    int64_t bytes; /* of all parts */
} layout;

static layout lay_out(const gd_conv_shape *s)
{
    const int64_t value = (int64_t)gd_stored_bytes(s->type);
    const bool adds = s->backward && s->sum;
    const int64_t mask_rows = s->backward ? s->in_rows : s->out_rows;
    const int64_t bytes[PARTS] = {
        [X] = (int64_t)s->in_rows * s->in_line * s->in_pitch * value,
        [W] = (int64_t)s->out * s->kernel_rows * s->kernel_cols * s->in * value,
        [BIAS] = s->out * value,
        [Y] = (int64_t)s->out_rows * s->out_line * s->out_pitch * value,
        [MASK] = mask_rows * s->mask_line * s->mask_pitch / 8,
        [SUMMAND] = adds ? (int64_t)s->in_rows * s->in_cols * s->in * value : 0,
    };
    layout l = {0};
    for (int p = 0; p < PARTS; p++) {
        l.at[p] = l.bytes;
        l.bytes += gd_round_up(bytes[p], GD_CUDA_ALIGNMENT);
    }
    return l;
}

int64_t gd_cuda_tuning_bytes(const gd_device *device, const gd_tape *tape)
{
    int64_t most = 0;
    for (int32_t o = 0; o < tape->op_count; o++) {
        if (!gd_is_convolution(&tape->ops[o]))
            continue;
        const gd_conv_shape plain = gd_conv_shape_of(tape, &tape->ops[o], device->type, device->tf32);
        const gd_cuda_compiled compiled = gd_cuda_compiled_of(device, tape, o);
        most = gd_max_i64(most, lay_out(&plain).bytes);
        if (compiled.epilogue.way)
            most = gd_max_i64(most, lay_out(&compiled.shape).bytes);
    }
    return most + GD_CUDA_WORKSPACE;
}

static gd_conv_buffers buffers_in(char *memory, const layout *l)
{
    return (gd_conv_buffers){.x = memory + l->at[X],
                             .w = memory + l->at[W],
                             .bias = memory + l->at[BIAS],
                             .y = memory + l->at[Y],
                             .mask = memory + l->at[MASK],
                             .workspace = memory + l->bytes,
                             .workspace_bytes = GD_CUDA_WORKSPACE};
}

/* Random values for the tensors of a shape, the same each time: a GPU is up to a seventh faster on zeros,
 * which take less power, and results of the shape before would grow from shape to shape. The workspace may
 * hold anything. */
static gd_status fill(gd_device *device, char *memory, int64_t bytes, gd_error *error)
{
    const uint64_t seed = 1;
    return gd_cuda_check(gd_launch_random(device->type, seed, memory,
                                          bytes / (int64_t)gd_stored_bytes(device->type), device->compute),
                         "filling tensors to time convolutions on", error);
}

static gd_status tune_plain(gd_device *device, const gd_conv_shape *shape, char *memory,
                            gd_conv_choice *choice, gd_error *error)
{
    const layout l = lay_out(shape);
    const gd_conv_buffers buffers = buffers_in(memory, &l);
    gd_status status = fill(device, memory, l.bytes, error);
    if (status == GD_OK)
        status =
            gd_autotune(device->cudnn, shape, &buffers, gd_conv_time, NULL, &device->timed, choice, error);
    return status == GD_OK ? gd_choices_add(&device->choices, shape, choice, error) : status;
}

/* An operation by both ways of cuDNN, on the same values. */
typedef struct contest {
    gd_device *device;
    const gd_conv_shape *shape; /* of the graph that is compiled */
    char *memory;
    layout layout;           /* of that shape; where the other way's result is summed, it is at SUMMAND */
    gd_epilogue plain;       /* the other way's */
    const gd_conv_plan *run; /* borrowed */
    size_t row_bytes, mask_row_bytes; /* of a row of results and of their mask */
    char *found[2]; /* owned; pinned: ROWS rows and then their masks, by the other way and by a candidate */
} contest;

/* Rows that are compared: the middle one, and the last, where a wrong row or pixel would have gone farthest.
 * Some rows of a gradient may have no summand. */
enum { ROWS = 2 };

static gd_cuda_slice results_of(const contest *c)
{
    const gd_conv_shape *s = c->shape;
    return s->backward ? (gd_cuda_slice){.values = c->memory + c->layout.at[X],
                                         .rows = s->in_rows,
                                         .cols = s->in_cols,
                                         .channels = s->in,
                                         .pitch = s->in_pitch,
                                         .line = s->in_line}
                       : (gd_cuda_slice){.values = c->memory + c->layout.at[Y],
                                         .rows = s->out_rows,
                                         .cols = s->out_cols,
                                         .channels = s->out,
                                         .pitch = s->out_pitch,
                                         .line = s->out_line};
}

static gd_cuda_mask mask_of(const contest *c)
{
    return c->shape->mask == GD_CONV_NO_MASK
               ? (gd_cuda_mask){0}
               : (gd_cuda_mask){.bits = (uint16_t *)(void *)(c->memory + c->layout.at[MASK]),
                                .pitch = c->shape->mask_pitch / 16,
                                .line = c->shape->mask_line};
}

static gd_status run_compiled(void *context, gd_error *error)
{
    const contest *c = context;
    const gd_conv_buffers buffers = buffers_in(c->memory, &c->layout);
    return gd_conv_plan_run(c->device->cudnn, c->run, &buffers, error);
}

/* The kernel of ours behind the other way. What it would say of values that are not finite goes to the
 * workspace, where nobody reads it. */
static gd_status finish_plain(const contest *c, gd_error *error)
{
    gd_cuda_slice summand = {0};
    const gd_cuda_slice results = results_of(c);
    const cudaStream_t stream = c->device->compute;
    if (!c->shape->backward)
        return gd_cuda_write_mask(c->shape->type, results, mask_of(c),
                                  (int32_t *)(void *)(c->memory + c->layout.bytes), stream, error);
    if (c->plain.after & GD_EPILOGUE_SUM) {
        summand = results;
        summand.values = c->memory + c->layout.at[SUMMAND];
        summand.pitch = results.channels;
        summand.line = results.cols;
    }
    return gd_cuda_check(gd_launch_combine(c->shape->type, summand, true, results, c->shape->sum, mask_of(c),
                                           0, results.channels, stream),
                         "a sum or mask of gradients", error);
}

static gd_status run_plain(void *context, gd_error *error)
{
    const contest *c = context;
    gd_conv_buffers buffers = buffers_in(c->memory, &c->layout);
    if (c->plain.after & GD_EPILOGUE_SUM)
        buffers.x = c->memory + c->layout.at[SUMMAND];
    const gd_status status = gd_conv_plan_run(c->device->cudnn, c->run, &buffers, error);
    return status == GD_OK ? finish_plain(c, error) : status;
}

static gd_status fetch(const contest *c, char *to, const void *from, size_t bytes, gd_error *error)
{
    return bytes == 0
               ? GD_OK
               : gd_cuda_check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, c->device->compute),
                               "cudaMemcpyAsync of results that are compared", error);
}

static gd_status fetch_row(const contest *c, int64_t row, char *to, char *mask_to, gd_error *error)
{
    const gd_cuda_slice results = results_of(c);
    const int64_t stride = (int64_t)results.line * results.pitch * (int64_t)gd_stored_bytes(c->shape->type);
    const int64_t mask_stride = (int64_t)c->shape->mask_line * c->shape->mask_pitch / 8;
    const gd_status status = fetch(c, to, (const char *)results.values + row * stride, c->row_bytes, error);
    return status == GD_OK ? fetch(c, mask_to, c->memory + c->layout.at[MASK] + row * mask_stride,
                                   c->mask_row_bytes, error)
                           : status;
}

/* Runs once from the same values, and fetches what is compared. */
static gd_status fetch_results(contest *c, gd_timed_run run, char *to, gd_error *error)
{
    const int64_t last = results_of(c).rows - 1, rows[ROWS] = {last / 2, last};
    char *masks = to + ROWS * c->row_bytes;
    gd_status status = fill(c->device, c->memory, c->layout.bytes, error);
    if (status == GD_OK)
        status = run(c, error);
    for (int i = 0; i < ROWS && status == GD_OK; i++)
        status = fetch_row(c, rows[i], to + (size_t)i * c->row_bytes, masks + (size_t)i * c->mask_row_bytes,
                           error);
    if (status == GD_OK)
        status =
            gd_cuda_check(cudaEventRecord(c->device->read, c->device->compute), "cudaEventRecord", error);
    return status == GD_OK
               ? gd_cuda_wait(c->device->read, "comparing convolutions", &c->device->patience, error)
               : status;
}

/* Values may differ by roundings of the stored type and of what is summed before it is masked, here by 2^-6
 * of the largest one; of the bits one in a thousand, where a value is near zero. A layout of the mask that is
 * not ours is half of either. */
static bool are_same(const contest *c)
{
    const size_t values = ROWS * c->row_bytes / gd_stored_bytes(c->shape->type);
    double largest = 0, error = 0;
    for (size_t i = 0; i < values; i++) {
        const double value = gd_stored_get(c->shape->type, c->found[0], i);
        const double other = gd_stored_get(c->shape->type, c->found[1], i);
        largest = fmax(largest, fabs(value));
        error = isfinite(other) ? fmax(error, fabs(value - other)) : INFINITY;
    }
    size_t bits = 0;
    const size_t masks = ROWS * c->row_bytes, end = masks + ROWS * c->mask_row_bytes;
    for (size_t i = masks; i < end; i++)
        bits += (size_t)__builtin_popcount((unsigned char)(c->found[0][i] ^ c->found[1][i]));
    return error <= ldexp(largest, -6) && bits <= (end - masks) * 8 / 1000;
}

/* Times one candidate; *best and *seconds are replaced if it is faster and computes the same. A candidate
 * that does not start is none. */
static gd_status try_candidate(contest *c, const gd_conv_choice *candidate, gd_conv_choice *best,
                               double *seconds, gd_error *error)
{
    gd_conv_plan *plan;
    gd_error why;
    double took = INFINITY;
    if (gd_conv_plan_create(c->device->cudnn, c->shape, candidate, &plan, &why) != GD_OK)
        return GD_OK;
    c->run = plan;
    gd_status status = gd_time_runs(c->device->compute, run_compiled, c, &took, error);
    const bool faster = status == GD_OK && gd_time_is_less(took, *seconds);
    if (faster)
        status = fetch_results(c, run_compiled, c->found[1], error);
    if (faster && status == GD_OK && are_same(c)) {
        *best = *candidate;
        *seconds = took;
    }
    gd_conv_plan_free(plan);
    return status;
}

/* Each candidate is compiled, which takes the host some time; *best has no engine if none is taken. */
static gd_status try_candidates(contest *c, double seconds, gd_conv_choice *best, gd_error *error)
{
    enum { CANDIDATES = 4 };
    gd_conv_choice found[CANDIDATES];
    gd_error why;
    int32_t count = 0;
    gd_status status = GD_OK;
    *best = (gd_conv_choice){.engine = GD_CONV_NO_ENGINE};
    if (gd_conv_candidates(c->device->cudnn, c->shape, GD_CUDA_WORKSPACE, found, CANDIDATES, &count, &why) !=
        GD_OK)
        return GD_OK; /* none was offered */
    for (int32_t i = 0; i < count && status == GD_OK; i++)
        status = try_candidate(c, &found[i], best, &seconds, error);
    return status;
}

static gd_status hold_contest(contest *c, const gd_conv_plan *plain, gd_conv_choice *best, gd_error *error)
{
    double seconds = 0;
    gd_status status = fill(c->device, c->memory, c->layout.bytes, error);
    c->run = plain;
    if (status == GD_OK)
        status = gd_time_runs(c->device->compute, run_plain, c, &seconds, error);
    if (status == GD_OK)
        status = fetch_results(c, run_plain, c->found[0], error);
    return status == GD_OK ? try_candidates(c, seconds, best, error) : status;
}

static gd_status open_contest(contest *c, gd_error *error)
{
    const gd_cuda_slice results = results_of(c);
    c->row_bytes = (size_t)results.cols * (size_t)results.pitch * gd_stored_bytes(c->shape->type);
    c->mask_row_bytes = (size_t)results.cols * (size_t)c->shape->mask_pitch / 8;
    gd_status status = GD_OK;
    for (int i = 0; i < 2 && status == GD_OK; i++)
        status = gd_cuda_pin((void **)&c->found[i], ROWS * (c->row_bytes + c->mask_row_bytes),
                             "comparing convolutions", error);
    return status;
}

static void close_contest(contest *c)
{
    for (int i = 0; i < 2; i++)
        (void)cudaFreeHost(c->found[i]);
}

static gd_status tune_compiled(gd_device *device, const gd_op *op, const gd_conv_shape *plain_shape,
                               const gd_conv_choice *plain_choice, const gd_conv_shape *shape, char *memory,
                               gd_conv_choice *best, gd_error *error)
{
    contest c = {.device = device,
                 .shape = shape,
                 .memory = memory,
                 .layout = lay_out(shape),
                 .plain = gd_conv_epilogue_of(op, GD_WAY_GRAPH)};
    gd_conv_plan *plain = NULL;
    gd_status status = gd_conv_plan_create(device->cudnn, plain_shape, plain_choice, &plain, error);
    if (status == GD_OK)
        status = open_contest(&c, error);
    if (status == GD_OK)
        status = hold_contest(&c, plain, best, error);
    close_contest(&c);
    gd_conv_plan_free(plain);
    return status == GD_OK ? gd_choices_add(&device->timed, shape, best, error) : status;
}

/* What was timed before, if this device still can. */
static bool is_timed(gd_device *device, const gd_conv_shape *shape, gd_conv_choice *best)
{
    const gd_conv_choice *known = gd_choices_find(&device->timed, shape);
    gd_conv_plan *plan;
    gd_error why;
    if (!known)
        return false;
    *best = *known;
    if (best->engine == GD_CONV_NO_ENGINE)
        return true;
    if (best->workspace > GD_CUDA_WORKSPACE ||
        gd_conv_plan_create(device->cudnn, shape, best, &plan, &why) != GD_OK)
        return false;
    gd_conv_plan_free(plan);
    return true;
}

gd_status gd_cuda_tune(gd_device *device, const gd_tape *tape, int32_t o, char *memory, gd_error *error)
{
    const gd_op *op = &tape->ops[o];
    const gd_conv_shape shape = gd_conv_shape_of(tape, op, device->type, device->tf32);
    const gd_cuda_compiled compiled = gd_cuda_compiled_of(device, tape, o);
    const gd_conv_choice *known = gd_choices_find(&device->choices, &shape);
    gd_conv_choice plain, best;
    if (known && (device->adopted || !compiled.epilogue.way))
        return GD_OK; /* as it began, a render goes on */
    gd_status status = GD_OK;
    if (known)
        plain = *known;
    else
        status = tune_plain(device, &shape, memory, &plain, error);
    if (status != GD_OK || !compiled.epilogue.way || gd_choices_find(&device->choices, &compiled.shape))
        return status;
    if (!is_timed(device, &compiled.shape, &best))
        status = tune_compiled(device, op, &shape, &plain, &compiled.shape, memory, &best, error);
    return status == GD_OK && best.engine != GD_CONV_NO_ENGINE
               ? gd_choices_add(&device->choices, &compiled.shape, &best, error)
               : status;
}
