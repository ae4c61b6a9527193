/* Which convolutions of a tape are matrix products, and which of them can have their masks in the product. */
#include "net/products.h"

#include "base/round.h"

/* `inner` units, of which the first is unit `at` of `outer` ones. */
static bool lies_in(int32_t inner, int32_t at, int32_t outer)
{
    return at >= 0 && inner <= outer - at;
}

bool gd_op_is_product(const gd_tape *tape, const gd_op *op)
{
    const gd_tensor *src = &tape->tensors[op->src.tensor], *dst = &tape->tensors[op->dst.tensor];
    const int32_t turned = op->kind == GD_OP_CONV_BACK ? 1 : -1;
    return gd_is_convolution(op) && op->kernel_rows == 1 && op->kernel_cols == 1 && op->stride == 1 &&
           lies_in(dst->rows, turned * op->pad_rows, src->rows) &&
           lies_in(dst->cols, turned * op->pad_cols, src->cols);
}

static bool meets(gd_slice mask, int32_t tensor, int32_t begin, int32_t end)
{
    return mask.channels > 0 && mask.tensor == tensor && mask.channel < end &&
           mask.channel + mask.channels > begin;
}

/* Whether an earlier operation wrote masks of the channels [begin, end). */
static bool is_written(const gd_tape *tape, int32_t o, int32_t tensor, int32_t begin, int32_t end)
{
    for (int32_t earlier = 0; earlier < o; earlier++)
        if (meets(tape->ops[earlier].mask, tensor, begin, end))
            return true;
    return false;
}

bool gd_product_can_mask(const gd_tape *tape, int32_t o)
{
    const gd_op *op = &tape->ops[o];
    const gd_slice mask = op->mask;
    if (!gd_op_is_product(tape, op) || mask.channels != op->dst.channels ||
        mask.channel % GD_PRODUCT_BITS != 0)
        return false;
    if (op->kind == GD_OP_CONV_BACK)
        return op->mask_at == 0;
    const int32_t end = mask.channel + mask.channels;
    return op->relu && !is_written(tape, o, mask.tensor, end, (int32_t)gd_round_up(end, GD_PRODUCT_BITS));
}

int32_t gd_product_mask_channels(const gd_tape *tape, int32_t tensor)
{
    const int32_t channels = tape->tensors[tensor].channels;
    for (int32_t o = 0; o < tape->op_count; o++)
        if (meets(tape->ops[o].mask, tensor, 0, channels) && gd_product_can_mask(tape, o))
            return (int32_t)gd_round_up(channels, GD_PRODUCT_BITS);
    return channels;
}
