/* Derives the shapes of convolutions from the operations of a tape. */
#include "kernels/cuda/convolution/shapes.h"

int32_t gd_stored_channels(int32_t channels)
{
    return (channels + 7) / 8 * 8;
}

bool gd_is_convolution(const gd_op *op)
{
    return op->kind == GD_OP_CONV || op->kind == GD_OP_CONV_BACK;
}

static bool through_scratch(const gd_op *op)
{
    return op->kind == GD_OP_CONV_BACK && op->accumulate;
}

gd_conv_shape gd_conv_shape_of(const gd_tape *tape, const gd_op *op, gd_cuda_type type, bool tf32)
{
    const bool backward = op->kind == GD_OP_CONV_BACK;
    const gd_slice x = backward ? op->dst : op->src, y = backward ? op->src : op->dst;
    const gd_tensor *in = &tape->tensors[x.tensor], *out = &tape->tensors[y.tensor];
    const int32_t in_channels = gd_stored_channels(x.channels);
    return (gd_conv_shape){
        .backward = backward,
        .type = type,
        .tf32 = tf32 && type == GD_CUDA_F32,
        .sum = !backward && op->accumulate,
        .bias = !backward,
        .relu = !backward && op->relu,
        .in = in_channels,
        .in_rows = in->rows,
        .in_cols = in->cols,
        .in_pitch = through_scratch(op) ? in_channels : gd_stored_channels(in->channels),
        .out = gd_stored_channels(y.channels),
        .out_rows = out->rows,
        .out_cols = out->cols,
        .out_pitch = gd_stored_channels(out->channels),
        .kernel_rows = op->kernel_rows,
        .kernel_cols = op->kernel_cols,
        .stride = op->stride,
        .pad_rows = op->pad_rows,
        .pad_cols = op->pad_cols,
    };
}

size_t gd_conv_scratch_bytes(const gd_tape *tape, const gd_op *op, gd_cuda_type type)
{
    if (!through_scratch(op))
        return 0;
    const gd_tensor *in = &tape->tensors[op->dst.tensor];
    const size_t value = type == GD_CUDA_F32 ? 4 : 2;
    return (size_t)in->rows * (size_t)in->cols * (size_t)gd_stored_channels(op->dst.channels) * value;
}
