/* Queues the operations of a tape on the device's stream, as cuDNN convolutions or launches of our kernels.
 *
 * 1. Nothing here waits, allocates or synchronises, so that a CUDA graph can capture all of it.
 * 2. Only the first operation of a tape reads the window and only the last writes the gradient; all others
 * use the arena alone, so a captured graph is valid for every window.
 * 3. An operation's scratch holds a result to be added, if any, followed by the workspace.
 * 4. Kernels report overflow in device->results, which the host reads after all queued work. */
#include "kernels/cuda/operations.h"

#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/device/check.h"
#include "kernels/cuda/memory/stored.h"

/* One run: a program on an arena. */
typedef struct run {
    const gd_program *program;
    char *arena;
    const float *window;
    float *gradient;
    gd_cuda_type type;
    cudaStream_t stream;
} run;

static const gd_tensor *tensor_of(const run *r, gd_slice slice)
{
    return &r->program->tape->tensors[slice.tensor];
}

static char *start_of(const run *r, gd_slice slice)
{
    return r->arena + r->program->plan.tensor_at[slice.tensor];
}

static gd_cuda_slice values_of(const run *r, gd_slice slice)
{
    const gd_tensor *tensor = tensor_of(r, slice);
    return (gd_cuda_slice){.values = start_of(r, slice) + (size_t)slice.channel * gd_stored_bytes(r->type),
                           .rows = tensor->rows,
                           .cols = tensor->cols,
                           .channels = gd_stored_channels(slice.channels),
                           .pitch = gd_stored_channels(tensor->channels)};
}

static gd_cuda_mask mask_of(const run *r, const gd_op *op)
{
    if (op->mask.channels == 0)
        return (gd_cuda_mask){0};
    return (gd_cuda_mask){.bits = (uint16_t *)start_of(r, op->mask) + op->mask.channel / 16,
                          .pitch = tensor_of(r, op->mask)->channels / 16};
}

/* `in` and `out` are those of the forward operation. */
static gd_cuda_pool pool_of(const run *r, const gd_op *op, gd_slice in, gd_slice out)
{
    gd_cuda_pool pool = {.in = values_of(r, in),
                         .out = values_of(r, out),
                         .stride = op->stride,
                         .pad_rows = op->pad_rows,
                         .pad_cols = op->pad_cols};
    if (op->winner.channels > 0) {
        pool.winner = (uint8_t *)start_of(r, op->winner) + op->winner.channel;
        pool.winner_pitch = tensor_of(r, op->winner)->channels;
    }
    return pool;
}

/* dst (+)= src, then the mask; without src only the mask. */
static cudaError_t combine(const run *r, const gd_op *op, gd_cuda_slice src)
{
    return gd_launch_combine(r->type, src, values_of(r, op->dst), op->accumulate, mask_of(r, op), op->mask_at,
                             op->mask.channels, r->stream);
}

static gd_status run_forward(const run *r, int32_t o, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_cuda_op *made = &r->program->ops[o];
    const gd_cuda_slice dst = values_of(r, op->dst);
    const gd_status status = gd_conv_plan_run(
        r->program->device->cudnn, made->plan, values_of(r, op->src).values, made->kernel, made->bias,
        dst.values, r->arena + r->program->plan.scratch_at[o] + made->workspace_at, error);
    if (status != GD_OK || op->mask.channels == 0)
        return status;
    return gd_cuda_check(
        gd_launch_mask_of(r->type, dst, mask_of(r, op), &r->program->device->results->overflow, r->stream),
        "a ReLU's mask", error);
}

/* cuDNN's backward convolutions cannot accumulate: the result goes to scratch, and is then added to dst and
 * masked in one pass. */
static gd_status run_backward(const run *r, int32_t o, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_cuda_op *made = &r->program->ops[o];
    char *scratch = r->arena + r->program->plan.scratch_at[o];
    gd_cuda_slice result = values_of(r, op->dst);
    if (op->accumulate) {
        result.values = scratch;
        result.pitch = result.channels;
    }
    const gd_status status =
        gd_conv_plan_run(r->program->device->cudnn, made->plan, result.values, made->kernel, NULL,
                         values_of(r, op->src).values, scratch + made->workspace_at, error);
    if (status != GD_OK || (!op->accumulate && op->mask.channels == 0))
        return status;
    return gd_cuda_check(combine(r, op, op->accumulate ? result : (gd_cuda_slice){0}),
                         "a sum or mask of gradients", error);
}

static cudaError_t launch(const run *r, const gd_op *op)
{
    const gd_cuda_mask mask = mask_of(r, op);
    const double scale = r->program->seed_scale;
    gd_cuda_pool pool;
    switch (op->kind) {
    case GD_OP_INPUT:
        return gd_launch_input(r->type, r->window, values_of(r, op->dst), r->stream);
    case GD_OP_MAX_POOL:
        pool = pool_of(r, op, op->src, op->dst);
        return gd_launch_max_pool(r->type, &pool, r->stream);
    case GD_OP_AVG_POOL:
        pool = pool_of(r, op, op->src, op->dst);
        return gd_launch_avg_pool(r->type, &pool, op->relu, mask, r->stream);
    case GD_OP_SEED:
        return gd_launch_seed(r->type, (float)(op->value * scale), values_of(r, op->dst), op->accumulate,
                              mask, op->mask_at, op->mask.channels, r->stream);
    case GD_OP_MAX_POOL_BACK:
        pool = pool_of(r, op, op->dst, op->src);
        return gd_launch_max_pool_back(r->type, &pool, op->accumulate, mask, op->mask_at, op->mask.channels,
                                       r->stream);
    case GD_OP_AVG_POOL_BACK:
        pool = pool_of(r, op, op->dst, op->src);
        return gd_launch_avg_pool_back(r->type, &pool, op->accumulate, mask, op->mask_at, op->mask.channels,
                                       r->stream);
    case GD_OP_MASK:
        return combine(r, op, (gd_cuda_slice){0});
    case GD_OP_COPY:
        return combine(r, op, values_of(r, op->src));
    case GD_OP_OUTPUT:
        return gd_launch_output(r->type, values_of(r, op->src), -op->pad_rows, -op->pad_cols,
                                (float)(1 / scale), r->gradient, (int32_t)r->program->tape->focus.rows,
                                (int32_t)r->program->tape->focus.cols, &r->program->device->results->overflow,
                                r->stream);
    case GD_OP_CONV:
    case GD_OP_CONV_BACK:
        break; /* done by cuDNN */
    }
    return cudaErrorInvalidValue;
}

static const char *name_of(gd_op_kind kind)
{
    static const char *const names[] = {
        [GD_OP_INPUT] = "reading a window",
        [GD_OP_CONV] = "a convolution",
        [GD_OP_MAX_POOL] = "a max pool",
        [GD_OP_AVG_POOL] = "an average pool",
        [GD_OP_SEED] = "seeding a gradient",
        [GD_OP_CONV_BACK] = "a backward convolution",
        [GD_OP_MAX_POOL_BACK] = "a backward max pool",
        [GD_OP_AVG_POOL_BACK] = "a backward average pool",
        [GD_OP_MASK] = "masking a gradient",
        [GD_OP_OUTPUT] = "writing a gradient",
        [GD_OP_COPY] = "copying a tensor",
    };
    return names[kind];
}

static gd_status run_op(const run *r, int32_t o, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    if (op->kind == GD_OP_CONV)
        return run_forward(r, o, error);
    if (op->kind == GD_OP_CONV_BACK)
        return run_backward(r, o, error);
    return gd_cuda_check(launch(r, op), name_of(op->kind), error);
}

gd_status gd_cuda_queue(const gd_program *program, void *arena, int32_t first, int32_t last,
                        const float *window, float *gradient, gd_error *error)
{
    const run r = {.program = program,
                   .arena = arena,
                   .window = window,
                   .gradient = gradient,
                   .type = program->device->type,
                   .stream = program->device->compute};
    gd_status status = GD_OK;
    for (int32_t o = first; o < last && status == GD_OK; o++)
        status = run_op(&r, o, error);
    return status;
}
