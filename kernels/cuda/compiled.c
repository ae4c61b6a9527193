/* Takes operations of a tape for graphs whose engines are compiled at run time. */
#include "kernels/cuda/compiled.h"

#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/products.h"

static const unsigned masks = GD_EPILOGUE_MASK_OUT | GD_EPILOGUE_MASK_IN;

static bool has_mask(const gd_cuda_compiled *c)
{
    return c->epilogue.fused & masks;
}

static bool is_allowed(const gd_device *device, const gd_op *op, const gd_cuda_compiled *c)
{
    if (!gd_conv_epilogue_of(op, GD_WAY_GRAPH).after)
        return false;
    return !has_mask(c) || (op->mask_at == 0 && op->mask.channels == op->dst.channels &&
                            (device->type != GD_CUDA_F16 || op->kind == GD_OP_CONV_BACK));
}

/* The largest power of two that divides the address of the mask's first byte, whose tensor begins at a
 * multiple of GD_CUDA_ALIGNMENT; at most that of values. */
static int32_t alignment_of(int64_t first_byte)
{
    int32_t alignment = 16;
    while (first_byte % alignment != 0)
        alignment /= 2;
    return alignment;
}

static void place_mask(const gd_device *device, const gd_tape *tape, const gd_op *op, gd_conv_shape *shape)
{
    const gd_tensor *mask = &tape->tensors[op->mask.tensor], *dst = &tape->tensors[op->dst.tensor];
    const int64_t first = (int64_t)gd_tensor_row_in(dst, mask) * mask->cols + gd_tensor_col_in(dst, mask);
    shape->mask_pitch = gd_cuda_mask_channels(device, tape, op->mask.tensor);
    shape->mask_line = mask->cols;
    shape->mask_alignment = alignment_of((op->mask.channel + first * shape->mask_pitch) / 8);
}

gd_cuda_compiled gd_cuda_compiled_of(const gd_device *device, const gd_tape *tape, int32_t o)
{
    const gd_op *op = &tape->ops[o];
    gd_cuda_compiled c = {.epilogue = gd_conv_epilogue_of(op, GD_WAY_COMPILED),
                          .shape =
                              gd_conv_parts_of(tape, op, GD_WAY_COMPILED, device->type, device->tf32).shape};
    if (!is_allowed(device, op, &c))
        return (gd_cuda_compiled){0};
    if (has_mask(&c))
        place_mask(device, tape, op, &c.shape);
    return c;
}

const gd_conv_choice *gd_cuda_find_compiled(const gd_device *device, const gd_tape *tape, int32_t o,
                                            gd_cuda_compiled *compiled)
{
    *compiled = gd_cuda_compiled_of(device, tape, o);
    return compiled->epilogue.way ? gd_choices_find(&device->choices, &compiled->shape) : NULL;
}
