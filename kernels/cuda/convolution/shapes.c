/* Derives the shapes of convolutions from the operations of a tape. */
#include "kernels/cuda/convolution/shapes.h"

#include "base/minmax.h"

int32_t gd_stored_channels(int32_t channels)
{
    return (channels + 7) / 8 * 8;
}

static unsigned epilogue_parts(const gd_op *op)
{
    const bool backward = op->kind == GD_OP_CONV_BACK;
    return (op->accumulate ? GD_EPILOGUE_SUM : 0U) | (backward ? 0U : GD_EPILOGUE_BIAS) |
           (op->relu ? GD_EPILOGUE_RELU : 0U) |
           (op->mask.channels == 0 ? 0U
            : backward             ? GD_EPILOGUE_MASK_IN
                                   : GD_EPILOGUE_MASK_OUT);
}

gd_epilogue gd_conv_epilogue_of(const gd_op *op, unsigned ways)
{
    gd_epilogue epilogue;
    (void)gd_epilogue_find(op->kind == GD_OP_CONV_BACK, epilogue_parts(op), ways, &epilogue);
    return epilogue;
}

static bool sums_after(gd_epilogue epilogue)
{
    return epilogue.after & GD_EPILOGUE_SUM;
}

/* One axis of a convolution: what of x and y it takes, and the padding that is left. */
typedef struct axis {
    int32_t in, out; /* units of the tensors, then of the parts */
    int32_t in_at, out_at;
    int32_t kernel, stride, pad, post;
} axis;

/* All of y, from the units of x that it reads. Up to stride - 1 units behind them do no harm. */
static axis cut_forward(axis a)
{
    const int32_t end = (a.out - 1) * a.stride + a.kernel - a.pad; /* of what is read */
    if (a.in - end >= a.stride)
        a.in = end;
    a.in_at = gd_max_i32(-a.pad, 0);
    a.in -= a.in_at;
    a.pad = gd_max_i32(a.pad, 0);
    a.post = gd_max_i32((a.out - 1) * a.stride + a.kernel - a.pad - a.in, 0);
    return a;
}

/* All of x, from the units of y whose fields meet it; at least one. */
static axis cut_backward(axis a)
{
    const int32_t last = gd_min_i32(a.out - 1, (a.in - 1 + a.pad) / a.stride);
    a.out_at = a.pad < a.kernel ? 0 : gd_min_i32((a.pad - a.kernel) / a.stride + 1, last);
    a.out = last - a.out_at + 1;
    a.pad -= a.out_at * a.stride;
    a.post = gd_max_i32((a.out - 1) * a.stride + a.kernel - a.pad - a.in, 0);
    return a;
}

static gd_conv_mask mask_of(gd_epilogue epilogue)
{
    return epilogue.fused & GD_EPILOGUE_MASK_OUT  ? GD_CONV_WRITES_MASK
           : epilogue.fused & GD_EPILOGUE_MASK_IN ? GD_CONV_APPLIES_MASK
                                                  : GD_CONV_NO_MASK;
}

gd_conv_parts gd_conv_parts_of(const gd_tape *tape, const gd_op *op, gd_conv_way way, gd_cuda_type type,
                               bool tf32)
{
    const bool backward = op->kind == GD_OP_CONV_BACK;
    const gd_slice x = backward ? op->dst : op->src, y = backward ? op->src : op->dst;
    const gd_tensor *in = &tape->tensors[x.tensor], *out = &tape->tensors[y.tensor];
    const int32_t in_channels = gd_stored_channels(x.channels);
    const gd_epilogue epilogue = gd_conv_epilogue_of(op, way);
    axis rows = {in->rows, out->rows, 0, 0, op->kernel_rows, op->stride, op->pad_rows, 0};
    axis cols = {in->cols, out->cols, 0, 0, op->kernel_cols, op->stride, op->pad_cols, 0};
    rows = backward ? cut_backward(rows) : cut_forward(rows);
    cols = backward ? cut_backward(cols) : cut_forward(cols);
    return (gd_conv_parts){
        .x_row = rows.in_at,
        .x_col = cols.in_at,
        .y_row = rows.out_at,
        .y_col = cols.out_at,
        .shape =
            {
                .backward = backward,
                .type = type,
                .tf32 = tf32 && type == GD_CUDA_F32,
                .compiled = way == GD_WAY_COMPILED,
                .sum = epilogue.fused & GD_EPILOGUE_SUM,
                .bias = epilogue.fused & GD_EPILOGUE_BIAS,
                .relu = epilogue.fused & GD_EPILOGUE_RELU,
                .in = in_channels,
                .in_rows = rows.in,
                .in_cols = cols.in,
                .in_pitch = sums_after(epilogue) ? in_channels : gd_stored_channels(in->channels),
                .out = gd_stored_channels(y.channels),
                .out_rows = rows.out,
                .out_cols = cols.out,
                .out_pitch = gd_stored_channels(out->channels),
                .kernel_rows = op->kernel_rows,
                .kernel_cols = op->kernel_cols,
                .stride = op->stride,
                .pad_rows = rows.pad,
                .pad_cols = cols.pad,
                .post_rows = rows.post,
                .post_cols = cols.post,
                .in_line = in->cols,
                .out_line = out->cols,
                .mask = mask_of(epilogue),
            },
    };
}

gd_conv_shape gd_conv_shape_of(const gd_tape *tape, const gd_op *op, gd_cuda_type type, bool tf32)
{
    return gd_conv_parts_of(tape, op, GD_WAY_GRAPH, type, tf32).shape;
}

size_t gd_conv_scratch_bytes(const gd_tape *tape, const gd_op *op, gd_cuda_type type)
{
    if (!sums_after(gd_conv_epilogue_of(op, GD_WAY_GRAPH)))
        return 0;
    const gd_tensor *in = &tape->tensors[op->dst.tensor];
    const size_t value = type == GD_CUDA_F32 ? 4 : 2;
    return (size_t)in->rows * (size_t)in->cols * (size_t)gd_stored_channels(op->dst.channels) * value;
}
