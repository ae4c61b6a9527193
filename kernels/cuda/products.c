/* Takes operations of a tape for products, and decides how cuBLASLt computes them. */
#include "kernels/cuda/products.h"

#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/product/product_search.h"
#include "net/products.h"

_Static_assert((int)GD_PRODUCT_BITS == (int)GD_PRODUCT_MASK_BITS,
               "masks are laid out as cuBLASLt wants them");

bool gd_cuda_has_products(const gd_device *device)
{
    return gd_products_built() && device->type != GD_CUDA_F32;
}

int32_t gd_cuda_mask_channels(const gd_device *device, const gd_tape *tape, int32_t tensor)
{
    return gd_cuda_has_products(device) ? gd_product_mask_channels(tape, tensor)
                                        : tape->tensors[tensor].channels;
}

/* Lines that follow each other in all tensors are one. */
static void join_lines(gd_product_shape *s)
{
    if (s->lines > 1 && (s->source_line != s->cols || s->result_line != s->cols ||
                         (s->mask != GD_PRODUCT_NO_MASK && s->mask_line != s->cols)))
        return;
    s->cols *= s->lines;
    s->lines = 1;
    s->source_line = s->result_line = s->mask_line = 0;
}

static gd_product_shape shape_of(const gd_device *device, const gd_tape *tape, const gd_op *op,
                                 gd_epilogue epilogue)
{
    const bool backward = op->kind == GD_OP_CONV_BACK;
    const gd_tensor *src = &tape->tensors[op->src.tensor], *dst = &tape->tensors[op->dst.tensor];
    gd_product_shape s = {.type = device->type,
                          .transposed = backward,
                          .rows = gd_stored_channels(op->dst.channels),
                          .depth = gd_stored_channels(op->src.channels),
                          .lines = dst->rows,
                          .cols = dst->cols,
                          .source_pitch = gd_stored_channels(src->channels),
                          .result_pitch = gd_stored_channels(dst->channels),
                          .source_line = src->cols,
                          .result_line = dst->cols,
                          .sum = epilogue.fused & GD_EPILOGUE_SUM,
                          .bias = epilogue.fused & GD_EPILOGUE_BIAS,
                          .relu = epilogue.fused & GD_EPILOGUE_RELU};
    s.weight_pitch = backward ? s.rows : s.depth;
    if (epilogue.fused & (GD_EPILOGUE_MASK_OUT | GD_EPILOGUE_MASK_IN)) {
        s.mask = backward ? GD_PRODUCT_APPLIES_MASK : GD_PRODUCT_WRITES_MASK;
        s.mask_pitch = gd_cuda_mask_channels(device, tape, op->mask.tensor);
        s.mask_line = tape->tensors[op->mask.tensor].cols;
    }
    join_lines(&s);
    return s;
}

/* In float16 a kernel of ours writes the masks of a ReLU, since it notes what is not finite. */
static bool is_allowed(const gd_device *device, const gd_tape *tape, int32_t o, gd_conv_way way)
{
    const gd_op *op = &tape->ops[o];
    if (!gd_cuda_has_products(device) || !gd_op_is_product(tape, op))
        return false;
    if (way == GD_WAY_PRODUCT)
        return true;
    return gd_product_can_mask(tape, o) && (device->type == GD_CUDA_BF16 || op->kind == GD_OP_CONV_BACK);
}

static gd_status choose(gd_device *device, gd_cuda_product *product, bool *found, gd_error *error)
{
    const gd_product_choice *known = gd_choices_find_product(&device->choices, &product->shape);
    int32_t count = 0;
    *found = known != NULL || device->ordinal < 0;
    if (known)
        product->choice = *known;
    if (*found || device->settled)
        return GD_OK;
    const gd_status status =
        gd_product_candidates(device->products, &product->shape, &product->choice, 1, &count, error);
    *found = count > 0;
    return status == GD_OK && *found
               ? gd_choices_add_product(&device->choices, &product->shape, &product->choice, error)
               : status;
}

gd_status gd_cuda_find_product(gd_device *device, const gd_tape *tape, int32_t o, gd_cuda_product *product,
                               gd_error *error)
{
    static const gd_conv_way ways[] = {GD_WAY_PRODUCT_MASKED, GD_WAY_PRODUCT};
    gd_status status = GD_OK;
    bool found = false;
    for (size_t w = 0; w < sizeof ways / sizeof *ways && status == GD_OK && !found; w++) {
        if (!is_allowed(device, tape, o, ways[w]))
            continue;
        const gd_epilogue epilogue = gd_conv_epilogue_of(&tape->ops[o], ways[w]);
        *product =
            (gd_cuda_product){.epilogue = epilogue, .shape = shape_of(device, tape, &tape->ops[o], epilogue)};
        status = choose(device, product, &found, error);
    }
    if (!found)
        *product = (gd_cuda_product){0};
    return status;
}
