/* Queues the operations of a tape on the device's stream, as cuDNN convolutions or launches of our kernels.
 *
 * 1. Nothing here waits, allocates or synchronises, so that a CUDA graph can capture all of it.
 * 2. Only the first operation of a tape reads the window and only the last writes the gradient; all others
 * use the arena alone, so a captured graph is valid for every window.
 * 3. An operation's scratch holds a result to be added, if any, followed by the workspace.
 * 4. Kernels report overflow in device->results, which the host reads after all queued work. */
#include "kernels/cuda/operations.h"

#include "base/minmax.h"
#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/device/check.h"
#include "kernels/cuda/device/range.h"
#include "kernels/cuda/memory/stored.h"
#include "kernels/cuda/write_mask.h"

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
                           .pitch = gd_stored_channels(tensor->channels),
                           .line = tensor->cols};
}

/* The rectangle of rows x cols pixels from (row, col) on. */
static gd_cuda_slice part_of(const run *r, gd_cuda_slice whole, int32_t row, int32_t col, int32_t rows,
                             int32_t cols)
{
    const int64_t skipped = ((int64_t)row * whole.line + col) * whole.pitch;
    whole.values = (char *)whole.values + skipped * (int64_t)gd_stored_bytes(r->type);
    whole.rows = rows;
    whole.cols = cols;
    return whole;
}

static gd_cuda_mask mask_of(const run *r, const gd_op *op)
{
    if (op->mask.channels == 0)
        return (gd_cuda_mask){0};
    const gd_tensor *mask = tensor_of(r, op->mask);
    const gd_tensor *dst = tensor_of(r, op->dst.channels > 0 ? op->dst : op->src);
    const int32_t pitch = r->program->mask_channels[op->mask.tensor] / 16;
    const int64_t first = (int64_t)gd_tensor_row_in(dst, mask) * mask->cols + gd_tensor_col_in(dst, mask);
    return (gd_cuda_mask){.bits = (uint16_t *)start_of(r, op->mask) + op->mask.channel / 16 + first * pitch,
                          .pitch = pitch,
                          .line = mask->cols};
}

/* `in` and `out` are those of the forward operation. */
static gd_cuda_pool pool_of(const run *r, const gd_op *op, gd_slice in, gd_slice out)
{
    gd_cuda_pool pool = {.in = values_of(r, in),
                         .out = values_of(r, out),
                         .stride = op->stride,
                         .pad_rows = op->pad_rows,
                         .pad_cols = op->pad_cols};
    const gd_tensor *results = tensor_of(r, out);
    pool.row = results->row;
    pool.col = results->col;
    pool.whole_rows = results->whole_rows;
    pool.whole_cols = results->whole_cols;
    if (op->winner.channels > 0) {
        const gd_tensor *winner = tensor_of(r, op->winner);
        const int64_t first =
            (int64_t)gd_tensor_row_in(results, winner) * winner->cols + gd_tensor_col_in(results, winner);
        pool.winner = (uint8_t *)start_of(r, op->winner) + op->winner.channel + first * winner->channels;
        pool.winner_pitch = winner->channels;
        pool.winner_line = winner->cols;
    }
    return pool;
}

/* dst (+)= src, then the mask; without src only the mask. A copied tensor is read again; scratch is not. */
static cudaError_t combine(const run *r, const gd_op *op, gd_cuda_slice src)
{
    return gd_launch_combine(r->type, src, op->kind != GD_OP_COPY, values_of(r, op->dst), op->accumulate,
                             mask_of(r, op), op->mask_at, op->mask.channels, r->stream);
}

/* Of `slice` what lies below dst (without one, below src), which begins at the operation's pads in it; on the
 * way back of what has pads it is the other way round. */
static gd_cuda_slice below(const run *r, const gd_op *op, gd_slice slice)
{
    const gd_tensor *dst = tensor_of(r, op->dst.channels > 0 ? op->dst : op->src);
    const int32_t sign = op->kind == GD_OP_CONV_BACK || op->kind == GD_OP_LRN_BACK ? 1 : -1;
    return part_of(r, values_of(r, slice), sign * op->pad_rows, sign * op->pad_cols, dst->rows, dst->cols);
}

static gd_cuda_lrn lrn_of(const run *r, const gd_op *op)
{
    const gd_tensor *dst = tensor_of(r, op->dst);
    gd_cuda_lrn lrn = {.src = below(r, op, op->src),
                       .dst = values_of(r, op->dst),
                       .half = op->lrn.size / 2,
                       .quarters = op->lrn.quarters,
                       .scale = (float)op->lrn.scale,
                       .bias = (float)op->lrn.bias};
    if (op->kept.channels > 0) {
        const gd_tensor *kept = tensor_of(r, op->kept);
        lrn.kept = part_of(r, values_of(r, op->kept), gd_tensor_row_in(dst, kept),
                           gd_tensor_col_in(dst, kept), dst->rows, dst->cols);
    }
    return lrn;
}

/* What a plan reads and writes: parts of the tensors. */
static gd_cuda_slice x_of(const run *r, const gd_conv_parts *p, gd_cuda_slice whole)
{
    return part_of(r, whole, p->x_row, p->x_col, p->shape.in_rows, p->shape.in_cols);
}

static gd_cuda_slice y_of(const run *r, const gd_conv_parts *p, gd_cuda_slice whole)
{
    return part_of(r, whole, p->y_row, p->y_col, p->shape.out_rows, p->shape.out_cols);
}

static gd_status write_mask(const run *r, const gd_op *op, gd_error *error)
{
    return gd_cuda_write_mask(r->type, values_of(r, op->dst), mask_of(r, op),
                              &r->program->device->results->overflow, r->stream, error);
}

/* Adds `sum`, unless it is none, and masks. */
static gd_status apply_mask(const run *r, const gd_op *op, gd_cuda_slice sum, gd_error *error)
{
    return gd_cuda_check(combine(r, op, sum), "a sum or mask of gradients", error);
}

/* x and y are whole tensors, of which the plan takes its parts. */
static gd_status run_plan(const run *r, int32_t o, gd_cuda_slice x, gd_cuda_slice y, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_cuda_op *made = &r->program->ops[o];
    const gd_conv_parts p = gd_conv_parts_of(r->program->tape, op, made->epilogue.way, r->type, false);
    const gd_conv_buffers buffers = {.x = x_of(r, &p, x).values,
                                     .w = made->kernel,
                                     .bias = made->bias,
                                     .y = y_of(r, &p, y).values,
                                     .mask = mask_of(r, op).bits,
                                     .workspace =
                                         r->arena + r->program->plan.scratch_at[o] + made->workspace_at};
    return gd_conv_plan_run(r->program->device->cudnn, made->plan, &buffers, error);
}

static gd_status run_forward(const run *r, int32_t o, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_status status = run_plan(r, o, values_of(r, op->src), values_of(r, op->dst), error);
    if (status != GD_OK || !r->program->ops[o].epilogue.after)
        return status;
    return write_mask(r, op, error);
}

/* A result that our kernel adds goes to scratch, and from there to dst in one pass with the mask. */
static gd_status run_backward(const run *r, int32_t o, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    const unsigned after = r->program->ops[o].epilogue.after;
    gd_cuda_slice result = values_of(r, op->dst);
    if (after & GD_EPILOGUE_SUM) {
        result.values = r->arena + r->program->plan.scratch_at[o];
        result.pitch = result.channels;
    }
    const gd_status status = run_plan(r, o, result, values_of(r, op->src), error);
    if (status != GD_OK || !after)
        return status;
    return apply_mask(r, op, after & GD_EPILOGUE_SUM ? result : (gd_cuda_slice){0}, error);
}

/* A product writes all of dst, and adds and masks in place. */
static gd_status run_product(const run *r, int32_t o, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_cuda_op *made = &r->program->ops[o];
    const gd_cuda_slice src = below(r, op, op->src), dst = values_of(r, op->dst);
    const bool masked = made->epilogue.fused & (GD_EPILOGUE_MASK_OUT | GD_EPILOGUE_MASK_IN);
    const gd_status status =
        gd_product_plan_run(r->program->device->products, made->product, made->kernel, made->bias, src.values,
                            dst.values, masked ? mask_of(r, op).bits : NULL, r->stream, error);
    if (status != GD_OK || !made->epilogue.after)
        return status;
    return op->kind == GD_OP_CONV ? write_mask(r, op, error) : apply_mask(r, op, (gd_cuda_slice){0}, error);
}

static const char *name_of(gd_op_kind kind)
{
    static const char *const names[] = {
        [GD_OP_INPUT] = "reading a window",
        [GD_OP_CONV] = "a convolution",
        [GD_OP_MAX_POOL] = "a max pool",
        [GD_OP_AVG_POOL] = "an average pool",
        [GD_OP_SEAM] = "a seam",
        [GD_OP_LRN] = "a normalization",
        [GD_OP_SEED] = "seeding a gradient",
        [GD_OP_MATCH] = "matching the guide",
        [GD_OP_CONV_BACK] = "a backward convolution",
        [GD_OP_MAX_POOL_BACK] = "a backward max pool",
        [GD_OP_AVG_POOL_BACK] = "a backward average pool",
        [GD_OP_SEAM_BACK] = "a seam on the way back",
        [GD_OP_LRN_BACK] = "a backward normalization",
        [GD_OP_MASK] = "masking a gradient",
        [GD_OP_OUTPUT] = "writing a gradient",
        [GD_OP_COPY] = "copying a tensor",
    };
    return names[kind];
}

_Static_assert((int)GD_GROUP_MAX == (int)GD_CUDA_SEAMS_MAX, "a group is one launch");
_Static_assert((int)GD_SUMMANDS_MORE == (int)GD_CUDA_SEAM_MORE, "all summands are added in one launch");

/* Without dst, only the mask of src; without src, the value everywhere. */
static gd_cuda_seam seam_of(const run *r, const gd_op *op)
{
    const gd_cuda_slice dst = values_of(r, op->dst.channels > 0 ? op->dst : op->src);
    const double scale = r->program->seed_scale;
    gd_cuda_seam seam = {
        .dst = dst, .mask = mask_of(r, op), .relu = op->relu, .value = (float)(op->value * scale)};
    if (op->dst.channels == 0)
        seam.dst.values = NULL;
    if (op->src.channels > 0)
        seam.src = below(r, op, op->src);
    for (int32_t i = 0; i < GD_SUMMANDS_MORE; i++)
        if (op->more[i].channels > 0)
            seam.more[i] = below(r, op, op->more[i]).values;
    return seam;
}

/* A group of seams, [first, last), is one launch. */
static gd_status run_seams(const run *r, int32_t first, int32_t last, gd_error *error)
{
    const gd_op *ops = &r->program->tape->ops[first];
    gd_cuda_seam parts[GD_GROUP_MAX];
    for (int32_t i = 0; i < last - first; i++)
        parts[i] = seam_of(r, &ops[i]);
    return ops->kind == GD_OP_SEAM
               ? gd_cuda_check(gd_launch_seams(r->type, parts, last - first,
                                               &r->program->device->results->overflow, r->stream),
                               name_of(ops->kind), error)
               : gd_cuda_check(gd_launch_seams_back(r->type, parts, last - first, r->stream),
                               name_of(ops->kind), error);
}

/* What takes the gradient back to its size. */
static float unscale(const run *r)
{
    return (float)(1 / r->program->seed_scale);
}

/* Of the first operation or the last; `results` are those of the convolution, or their gradient. */
static gd_cuda_picture_conv picture_conv_of(const run *r, const gd_op *op, gd_cuda_slice results)
{
    const gd_tape *tape = r->program->tape;
    const gd_cuda_op *made = &r->program->ops[op - tape->ops];
    return (gd_cuda_picture_conv){
        .kernel = made->kernel,
        .bias = made->bias,
        .filters = results.channels,
        .pad_rows = op->pad_rows,
        .pad_cols = op->pad_cols,
        .shift = {(float)tape->shift[0], (float)tape->shift[1], (float)tape->shift[2]}};
}

static cudaError_t launch_picture_conv(const run *r, const gd_op *op)
{
    const gd_cuda_slice dst = values_of(r, op->dst);
    const gd_cuda_picture_conv conv = picture_conv_of(r, op, dst);
    return gd_launch_picture_conv(r->type, &conv, r->window, r->program->tape->cols, dst, mask_of(r, op),
                                  &r->program->device->results->overflow, r->stream);
}

static cudaError_t launch_picture_conv_back(const run *r, const gd_op *op)
{
    const gd_rect focus = r->program->tape->focus;
    const gd_cuda_slice src = values_of(r, op->src);
    const gd_cuda_picture_conv conv = picture_conv_of(r, op, src);
    return gd_launch_picture_conv_back(r->type, &conv, src, mask_of(r, op), unscale(r), r->gradient,
                                       (int32_t)focus.rows, (int32_t)focus.cols,
                                       &r->program->device->results->overflow, r->stream);
}

static cudaError_t launch_input(const run *r, const gd_op *op)
{
    const int32_t line = r->program->tape->cols;
    const float *window = r->window - ((int64_t)op->pad_rows * line + op->pad_cols) * 3;
    const double *shift = r->program->tape->shift;
    return gd_launch_input(r->type, window, line, (float)shift[0], (float)shift[1], (float)shift[2],
                           values_of(r, op->dst), r->stream);
}

static cudaError_t launch_output(const run *r, const gd_op *op)
{
    const gd_rect focus = r->program->tape->focus;
    const gd_cuda_slice src = part_of(r, values_of(r, op->src), -op->pad_rows, -op->pad_cols,
                                      (int32_t)focus.rows, (int32_t)focus.cols);
    return gd_launch_output(r->type, src, unscale(r), r->gradient, &r->program->device->results->overflow,
                            r->stream);
}

/* From the activations, from what they match, or of channels by themselves. */
static cudaError_t launch_seed_each(const run *r, const gd_op *op, gd_cuda_slice src,
                                    const gd_cuda_matched *matched)
{
    const double scale = r->program->seed_scale;
    const gd_cuda_slice dst = values_of(r, op->dst);
    float values[dst.channels]; /* channels of padding behind the slice get 0 */
    for (int32_t c = 0; c < dst.channels; c++)
        values[c] = c >= op->dst.channels ? 0
                    : op->by_channel      ? (float)(r->program->tape->factors[op->factors + c] * scale)
                                          : (float)(op->value * scale);
    return gd_launch_seed_each(r->type, values, src, matched, dst, op->accumulate, mask_of(r, op),
                               op->mask_at, op->mask.channels, r->stream);
}

static cudaError_t launch_seed(const run *r, const gd_op *op)
{
    if (op->src.channels > 0)
        return launch_seed_each(r, op, below(r, op, op->src), NULL);
    if (op->by_channel)
        return launch_seed_each(r, op, (gd_cuda_slice){0}, NULL);
    return gd_launch_seed(r->type, (float)(op->value * r->program->seed_scale), values_of(r, op->dst),
                          op->accumulate, mask_of(r, op), op->mask_at, op->mask.channels, r->stream);
}

/* Which units match is noted in scratch. */
static cudaError_t launch_match(const run *r, const gd_op *op)
{
    const int32_t o = (int32_t)(op - r->program->tape->ops);
    int32_t *chosen = (int32_t *)(r->arena + r->program->plan.scratch_at[o]);
    const gd_cuda_matched matched = {.guide = r->program->ops[o].guide, .chosen = chosen};
    const cudaError_t error =
        gd_launch_match(r->type, below(r, op, op->src), matched.guide, op->match->units, chosen, r->stream);
    return error == cudaSuccess ? launch_seed_each(r, op, (gd_cuda_slice){0}, &matched) : error;
}

static cudaError_t launch(const run *r, const gd_op *op)
{
    const gd_cuda_mask mask = mask_of(r, op);
    gd_cuda_pool pool;
    gd_cuda_lrn lrn;
    switch (op->kind) {
    case GD_OP_INPUT:
        return gd_convolves_picture(op) ? launch_picture_conv(r, op) : launch_input(r, op);
    case GD_OP_MAX_POOL:
        pool = pool_of(r, op, op->src, op->dst);
        pool.overflow = op->relu ? &r->program->device->results->overflow : NULL;
        return gd_launch_max_pool(r->type, &pool, r->stream);
    case GD_OP_AVG_POOL:
        pool = pool_of(r, op, op->src, op->dst);
        return gd_launch_avg_pool(r->type, &pool, op->relu, mask, r->stream);
    case GD_OP_LRN:
        lrn = lrn_of(r, op);
        return gd_launch_lrn(r->type, &lrn, r->stream);
    case GD_OP_SEED:
        return launch_seed(r, op);
    case GD_OP_MATCH:
        return launch_match(r, op);
    case GD_OP_MAX_POOL_BACK:
        pool = pool_of(r, op, op->dst, op->src);
        return gd_launch_max_pool_back(r->type, &pool, op->accumulate, mask, op->mask_at, op->mask.channels,
                                       r->stream);
    case GD_OP_AVG_POOL_BACK:
        pool = pool_of(r, op, op->dst, op->src);
        return gd_launch_avg_pool_back(r->type, &pool, op->accumulate, mask, op->mask_at, op->mask.channels,
                                       r->stream);
    case GD_OP_LRN_BACK:
        lrn = lrn_of(r, op);
        return gd_launch_lrn_back(r->type, &lrn, op->accumulate, mask, op->mask_at, op->mask.channels,
                                  r->stream);
    case GD_OP_MASK:
        return combine(r, op, (gd_cuda_slice){0});
    case GD_OP_COPY:
        return combine(r, op, below(r, op, op->src));
    case GD_OP_OUTPUT:
        return gd_convolves_picture(op) ? launch_picture_conv_back(r, op) : launch_output(r, op);
    case GD_OP_CONV:
    case GD_OP_CONV_BACK: /* done by cuDNN or cuBLASLt */
    case GD_OP_SEAM:      /* done in groups */
    case GD_OP_SEAM_BACK:
        break;
    }
    return cudaErrorInvalidValue;
}

/* Operation o, or the group [o, end). */
static gd_status run_op(const run *r, int32_t o, int32_t end, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    gd_status status;
    gd_range_begin(name_of(op->kind), o);
    if (r->program->ops[o].product)
        status = run_product(r, o, error);
    else if (op->kind == GD_OP_CONV)
        status = run_forward(r, o, error);
    else if (op->kind == GD_OP_CONV_BACK)
        status = run_backward(r, o, error);
    else if (op->kind == GD_OP_SEAM || op->kind == GD_OP_SEAM_BACK)
        status = run_seams(r, o, end, error);
    else
        status = gd_cuda_check(launch(r, op), name_of(op->kind), error);
    gd_range_end();
    return status;
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
    for (int32_t o = first, begin, end; o < last && status == GD_OK; o = end) {
        gd_tape_group(program->tape, o, &begin, &end);
        end = gd_min_i32(end, last);
        status = run_op(&r, o, end, error);
    }
    return status;
}
