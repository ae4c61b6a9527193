/* Places the arrays of a convolution in memory. */
#include "net/conv_weights.h"

static float *take(float *values, size_t *at, size_t count)
{
    float *taken = values ? values + *at : NULL;
    *at += count;
    return taken;
}

size_t gd_conv_weights_place(const gd_conv_layer *conv, float *values, gd_conv_weights *arrays)
{
    const gd_node *node = &conv->node;
    const size_t out = (size_t)node->channels;
    size_t count = 0;
    gd_conv_weights placed = {0};
    placed.kernel =
        take(values, &count, (size_t)node->kernel_rows * (size_t)node->kernel_cols * (size_t)conv->in * out);
    placed.bias = take(values, &count, out);
    if (node->batch_norm) {
        placed.mean = take(values, &count, out);
        placed.variance = take(values, &count, out);
    }
    if (arrays)
        *arrays = placed;
    return count;
}
