/* Runs a compiled tape: each operation becomes a convolution or an elementwise function, with the team of
 * threads. */
#include "kernels/cpu/run.h"

#include "kernels/cpu/product.h"
#include "kernels/cpu/specs.h"
#include "kernels/cpu/tile_op.h"

#include <string.h>

/* One run: a program on an arena. */
typedef struct run {
    const gd_program *program;
    char *arena;
    const float *window;
    float *gradient;
} run;

static const gd_tensor *tensor_of(const run *r, gd_slice slice)
{
    return &r->program->tape->tensors[slice.tensor];
}

/* Address of a slice. */
static void *at(const run *r, gd_slice slice)
{
    const gd_tensor *tensor = tensor_of(r, slice);
    size_t pixels = (size_t)tensor->rows * (size_t)tensor->cols;
    size_t units = (size_t)slice.channel * pixels;
    size_t bytes = units;
    if (tensor->kind == GD_TENSOR_MASK)
        bytes = units / 8;
    else if (tensor->kind == GD_TENSOR_VALUES)
        bytes = units * (size_t)r->program->device->elementwise->bytes;
    return r->arena + r->program->plan.tensor_at[slice.tensor] + bytes;
}

/* Masks and winners may be of tensors that hold more units than the values beside them. */
static void set_mask(const run *r, const gd_op *op, gd_pass *pass)
{
    const gd_tensor *mask = tensor_of(r, op->mask), *dst = tensor_of(r, op->dst);
    const int32_t block = r->program->device->elementwise->block;
    const int64_t first = (int64_t)gd_tensor_row_in(dst, mask) * mask->cols + gd_tensor_col_in(dst, mask);
    pass->mask = (char *)at(r, op->mask) + first * block / 8;
    pass->mask_at = op->mask_at / block;
    pass->mask_blocks = op->mask.channels / block;
    pass->mask_pitch = mask->cols;
    pass->mask_size = (int64_t)mask->rows * mask->cols;
}

static void set_winner(const run *r, const gd_op *op, gd_pass *pass)
{
    const gd_tensor *winner = tensor_of(r, op->winner);
    const gd_tensor *beside = tensor_of(r, op->kind == GD_OP_MAX_POOL ? op->dst : op->src);
    const int64_t first =
        (int64_t)gd_tensor_row_in(beside, winner) * winner->cols + gd_tensor_col_in(beside, winner);
    pass->winner = (uint8_t *)at(r, op->winner) + first * r->program->device->elementwise->block;
    pass->winner_pitch = winner->cols;
    pass->winner_size = (int64_t)winner->rows * winner->cols;
}

/* What a normalization read may hold more units than the gradient beside it. */
static void set_kept(const run *r, const gd_op *op, gd_pass *pass)
{
    const gd_tensor *kept = tensor_of(r, op->kept), *dst = tensor_of(r, op->dst);
    const gd_elementwise *elementwise = r->program->device->elementwise;
    const int64_t first = (int64_t)gd_tensor_row_in(dst, kept) * kept->cols + gd_tensor_col_in(dst, kept);
    pass->kept = (const char *)at(r, op->kept) + first * elementwise->block * elementwise->bytes;
    pass->kept_pitch = kept->cols;
    pass->kept_size = (int64_t)kept->rows * kept->cols;
}

static gd_pass pass_of(const run *r, const gd_op *op)
{
    int32_t block = r->program->device->elementwise->block;
    const gd_tensor *dst = tensor_of(r, op->dst);
    gd_pass pass = {
        .dst = at(r, op->dst),
        .blocks = op->dst.channels / block,
        .dst_rows = dst->rows,
        .dst_cols = dst->cols,
        .relu = op->relu,
        .accumulate = op->accumulate,
        .write_mask = op->kind == GD_OP_CONV || op->kind == GD_OP_AVG_POOL,
        .value = (float)op->value,
        .factors = op->by_channel ? r->program->tape->factors + op->factors : NULL,
        .stride = op->stride,
        .lrn = op->lrn,
    };
    if (op->src.channels > 0) {
        const gd_tensor *src = tensor_of(r, op->src);
        pass.src = at(r, op->src);
        pass.src_rows = src->rows;
        pass.src_cols = src->cols;
        pass.src_row = src->row;
        pass.src_col = src->col;
        pass.src_whole_rows = src->whole_rows;
        pass.src_whole_cols = src->whole_cols;
    }
    if (!gd_is_convolution(op)) {
        pass.pad_rows = op->pad_rows;
        pass.pad_cols = op->pad_cols;
    }
    if (op->mask.channels > 0)
        set_mask(r, op, &pass);
    if (op->winner.channels > 0)
        set_winner(r, op, &pass);
    if (op->kept.channels > 0)
        set_kept(r, op, &pass);
    return pass;
}

/* The part of dst that has a mask, as a pass of its own: dst = keep(mask, dst). */
static gd_pass masked_part(const run *r, const gd_pass *pass)
{
    const gd_elementwise *elementwise = r->program->device->elementwise;
    gd_pass part = *pass;
    size_t block_bytes = (size_t)pass->dst_rows * (size_t)pass->dst_cols * (size_t)elementwise->block *
                         (size_t)elementwise->bytes;
    part.dst = (char *)pass->dst + (size_t)pass->mask_at * block_bytes;
    part.src = NULL;
    part.blocks = pass->mask_blocks;
    part.mask_at = 0;
    part.accumulate = true;
    return part;
}

static void picture_back(const run *r, const gd_op *op, const gd_cpu_op *made)
{
    const gd_tensor *src = tensor_of(r, op->src), *dst = tensor_of(r, op->dst);
    const gd_elementwise *elementwise = r->program->device->elementwise;
    gd_picture_pass pass = {
        .src = at(r, op->src),
        .weights = made->picture,
        .dst = at(r, op->dst),
        .blocks = op->src.channels / elementwise->block,
        .src_rows = src->rows,
        .src_cols = src->cols,
        .rows = dst->rows,
        .cols = dst->cols,
        .kernel_rows = op->kernel_rows,
        .kernel_cols = op->kernel_cols,
        .stride = op->stride,
        .pad_rows = op->pad_rows,
        .pad_cols = op->pad_cols,
    };
    elementwise->picture_back(&pass);
}

static void run_native(const run *r, int32_t o)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_cpu_op *made = &r->program->ops[o];
    const gd_tensor *dst = tensor_of(r, op->dst);
    gd_winograd w = {
        .pass = pass_of(r, op),
        .shape = {.src_channels = op->src.channels,
                  .dst_channels = op->dst.channels,
                  .dst_rows = dst->rows,
                  .dst_cols = dst->cols,
                  .kernel_rows = op->kernel_rows,
                  .kernel_cols = op->kernel_cols},
        .pad_rows = made->turned ? op->kernel_rows - 1 - op->pad_rows : op->pad_rows,
        .pad_cols = made->turned ? op->kernel_cols - 1 - op->pad_cols : op->pad_cols,
        .weights = made->native,
        .bias = made->bias,
        .scratch = r->arena + r->program->plan.scratch_at[o],
    };
    if (made->algorithm == GD_CPU_PRODUCT)
        gd_product_bf16(&w);
    else
        r->program->device->elementwise->winograd(&w);
}

/* The part of src that a 1x1 convolution reads. */
static const void *narrow(const run *r, int32_t o, const gd_pass *pass, char *scratch)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_elementwise *elementwise = r->program->device->elementwise;
    const int32_t sign = r->program->ops[o].turned ? -1 : 1; /* op's pads are those of the way forward */
    const gd_pass copy = {.src = pass->src,
                          .src_rows = pass->src_rows,
                          .src_cols = pass->src_cols,
                          .dst = scratch + r->program->ops[o].narrowed_at,
                          .dst_rows = pass->dst_rows,
                          .dst_cols = pass->dst_cols,
                          .blocks = op->src.channels / elementwise->block,
                          .pad_rows = sign * op->pad_rows,
                          .pad_cols = sign * op->pad_cols};
    elementwise->combine(&copy);
    return copy.dst;
}

/* Input of the library's convolutions: src, a part of it, or its copy in float32. */
static const void *library_src(const run *r, int32_t o, const gd_pass *pass, char *scratch)
{
    const gd_cpu_op *made = &r->program->ops[o];
    if (made->narrowed)
        return narrow(r, o, pass, scratch);
    if (!made->widened)
        return pass->src;
    float *widened = (float *)(scratch + made->widened_at);
    const int64_t channels = r->program->tape->ops[o].src.channels;
    r->program->device->elementwise->widen(pass->src, channels * pass->src_rows * pass->src_cols, widened);
    return widened;
}

/* The parts one after the other, each from the same src to a place of its own, and from there to its pixels
 * of dst. */
static gd_status run_parts(const run *r, int32_t o, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_cpu_op *made = &r->program->ops[o];
    char *scratch = r->arena + r->program->plan.scratch_at[o];
    const gd_pass whole = pass_of(r, op);
    const void *src = library_src(r, o, &whole, scratch);
    for (int32_t i = 0; i < GD_CPU_PARTS; i++) {
        const gd_cpu_call *call = &made->calls[i];
        const gd_cpu_part part = gd_cpu_part_of(i);
        gd_pass pass = whole;
        pass.src = scratch + made->aside_at;
        pass.src_floats = made->widened;
        pass.src_rows += gd_cpu_part_taps(op->kernel_rows, part.row) - 1;
        pass.src_cols += gd_cpu_part_taps(op->kernel_cols, part.col) - 1;
        pass.row = part.row - op->pad_rows;
        pass.col = part.col - op->pad_cols;
        pass.step = op->stride;
        gd_status status =
            gd_conv_run(call->conv, call->packed, NULL, src, scratch + made->aside_at, scratch, error);
        if (status != GD_OK)
            return status;
        r->program->device->elementwise->combine_lattice(&pass);
    }
    return GD_OK;
}

/* A convolution of the library's, and what it leaves to do. */
static gd_status run_library(const run *r, int32_t o, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_cpu_op *made = &r->program->ops[o];
    const gd_cpu_call *call = &made->calls[0];
    const gd_elementwise *elementwise = r->program->device->elementwise;
    gd_pass pass = pass_of(r, op);
    char *scratch = r->arena + r->program->plan.scratch_at[o];
    const void *src = library_src(r, o, &pass, scratch);
    void *result = made->aside ? scratch + made->aside_at : pass.dst;
    gd_status status = gd_conv_run(call->conv, call->packed, made->bias, src, result, scratch, error);
    if (status != GD_OK)
        return status;
    if (made->aside) {
        pass.src = result;
        pass.src_floats = made->widened;
        pass.src_rows = made->aside_rows;
        pass.src_cols = made->aside_cols;
        pass.pad_rows = -made->skip_rows;
        pass.pad_cols = -made->skip_cols;
        elementwise->combine(&pass);
    } else if (pass.write_mask && pass.mask_blocks) {
        elementwise->extract(&pass);
    } else if (pass.mask_blocks) {
        gd_pass part = masked_part(r, &pass);
        elementwise->combine(&part);
    }
    return GD_OK;
}

static gd_status run_conv(const run *r, int32_t o, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_cpu_op *made = &r->program->ops[o];
    if (made->algorithm == GD_CPU_TILES) {
        const gd_pass pass = pass_of(r, op);
        return gd_cpu_tiles_run(r->program, o, &pass, error);
    }
    if (made->picture)
        picture_back(r, op, made);
    else if (made->algorithm == GD_CPU_PARITY)
        return run_parts(r, o, error);
    else if (made->algorithm != GD_CPU_LIBRARY)
        run_native(r, o);
    else
        return run_library(r, o, error);
    return GD_OK;
}

static void run_mask(const run *r, const gd_op *op)
{
    gd_pass pass = pass_of(r, op);
    gd_pass part = masked_part(r, &pass);
    r->program->device->elementwise->combine(&part);
}

static void run_output(const run *r, const gd_op *op)
{
    const gd_rect focus = r->program->tape->focus;
    const int64_t cols = tensor_of(r, op->src)->cols;
    const float *src = (const float *)at(r, op->src) - (op->pad_rows * cols + op->pad_cols) * 3;
    for (int64_t y = 0; y < focus.rows; y++)
        memcpy(r->gradient + y * focus.cols * 3, src + y * cols * 3, sizeof(float) * 3 * (size_t)focus.cols);
}

static void run_input(const run *r, const gd_op *op, const gd_pass *pass)
{
    const int64_t stride = (int64_t)r->program->tape->cols * 3;
    const float *window = r->window - op->pad_rows * stride - (int64_t)op->pad_cols * 3;
    float shift[3];
    for (int c = 0; c < 3; c++)
        shift[c] = (float)r->program->tape->shift[c];
    r->program->device->elementwise->read_picture(window, stride, shift, pass->dst_rows, pass->dst_cols,
                                                  pass->dst);
}

static void run_match(const run *r, int32_t o)
{
    const gd_cpu_match *match = r->program->ops[o].match;
    const gd_match_pass pass = {.pass = pass_of(r, &r->program->tape->ops[o]),
                                .panels = match->panels,
                                .rows = match->rows,
                                .units = match->of->units,
                                .scratch = (float *)(r->arena + r->program->plan.scratch_at[o])};
    r->program->device->elementwise->match(&pass);
}

static gd_status run_op(const run *r, int32_t o, gd_error *error)
{
    const gd_op *op = &r->program->tape->ops[o];
    const gd_elementwise *elementwise = r->program->device->elementwise;
    gd_pass pass = op->dst.channels > 0 ? pass_of(r, op) : (gd_pass){0};
    switch (op->kind) {
    case GD_OP_INPUT:
        run_input(r, op, &pass);
        break;
    case GD_OP_CONV:
    case GD_OP_CONV_BACK:
        return run_conv(r, o, error);
    case GD_OP_MAX_POOL:
        elementwise->max_pool(&pass);
        break;
    case GD_OP_AVG_POOL:
        elementwise->avg_pool(&pass);
        break;
    case GD_OP_LRN:
        elementwise->lrn(&pass);
        break;
    case GD_OP_SEED:
        elementwise->seed(&pass);
        break;
    case GD_OP_MATCH:
        run_match(r, o);
        break;
    case GD_OP_MAX_POOL_BACK:
        elementwise->max_pool_back(&pass);
        break;
    case GD_OP_AVG_POOL_BACK:
        elementwise->avg_pool_back(&pass);
        break;
    case GD_OP_LRN_BACK:
        elementwise->lrn_back(&pass);
        break;
    case GD_OP_MASK:
        run_mask(r, op);
        break;
    case GD_OP_COPY:
        elementwise->combine(&pass);
        break;
    case GD_OP_OUTPUT:
        run_output(r, op);
        break;
    case GD_OP_SEAM:
    case GD_OP_SEAM_BACK:
        return gd_fail(error, GD_INTERNAL, "operation %d of a dense tape, which processors do not take", o);
    }
    return GD_OK;
}

gd_status gd_cpu_run(gd_program *program, void *arena, int32_t first, int32_t last, const float *window,
                     float *gradient, gd_error *error)
{
    run r = {program, arena, window, gradient};
    if (!program->loaded)
        return gd_fail(error, GD_INTERNAL, "a program without weights cannot run");
    gd_team team = gd_team_enter(&program->device->cores);
    gd_status status = GD_OK;
    for (int32_t o = first; o < last && status == GD_OK; o++)
        status = run_op(&r, o, error);
    gd_team_leave(&team);
    return status;
}
