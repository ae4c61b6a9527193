/* Folds batch norm (Ioffe and Szegedy 2015) and the scale of a residual into kernels and biases. */
#include "net/fold.h"

#include <math.h>
#include <stdlib.h>

static const double epsilon = 1e-3; /* of every batch norm in both networks */

/* Fills the output channels of `values` from `first` with the convolution of `node`. */
static void fold_part(const gd_filter *filter, const gd_node *node, const gd_conv_weights *weights,
                      int32_t first, gd_filter_values *values)
{
    const size_t in = (size_t)filter->in, out = (size_t)node->channels;
    const size_t taps = (size_t)filter->kernel_rows * (size_t)filter->kernel_cols;
    for (size_t o = 0; o < out; o++) {
        const double scale =
            filter->scale * (node->batch_norm ? 1 / sqrt((double)weights->variance[o] + epsilon) : 1);
        const double shift = node->batch_norm ? (double)weights->mean[o] * scale : 0;
        double *kernel = values->kernel + ((size_t)first + o) * in * taps;
        for (size_t i = 0; i < in; i++) {
            for (size_t t = 0; t < taps; t++)
                kernel[i * taps + t] = scale * (double)weights->kernel[(t * in + i) * out + o];
        }
        values->bias[(size_t)first + o] = filter->scale * (double)weights->bias[o] - shift;
    }
}

static gd_status check_part(const gd_net *net, const gd_weights *weights, int32_t n, gd_error *error)
{
    const gd_conv_weights *w = &weights->convs[n];
    if (w->kernel && w->bias && (!net->nodes[n].batch_norm || (w->mean && w->variance)))
        return GD_OK;
    return gd_fail(error, GD_INTERNAL, "The weights of node %d of %s were not loaded from %s.", n, net->title,
                   weights->path);
}

static gd_status fold_filter(const gd_filter *filter, const gd_net *net, const gd_weights *weights,
                             gd_filter_values *values, gd_error *error)
{
    const size_t in = (size_t)filter->in, out = (size_t)filter->out;
    const size_t taps = (size_t)filter->kernel_rows * (size_t)filter->kernel_cols;
    values->kernel = malloc(out * in * taps * sizeof(double));
    values->bias = malloc(out * sizeof(double));
    if (!values->kernel || !values->bias)
        return gd_no_memory(error, "folding the weights of %s", net->title);
    int32_t first = 0;
    for (int32_t p = 0; p < filter->part_count; p++) {
        const int32_t n = filter->nodes[p];
        const gd_status status = check_part(net, weights, n, error);
        if (status != GD_OK)
            return status;
        fold_part(filter, &net->nodes[n], &weights->convs[n], first, values);
        first += net->nodes[n].channels;
    }
    return GD_OK;
}

gd_status gd_filters_fold(const gd_tape *tape, const gd_net *net, const gd_weights *weights,
                          gd_filter_values **values, gd_error *error)
{
    gd_status status = GD_OK;
    *values = calloc((size_t)tape->filter_count, sizeof **values);
    if (!*values)
        return gd_no_memory(error, "folding the weights of %s", net->title);
    for (int32_t f = 0; f < tape->filter_count && status == GD_OK; f++)
        status = fold_filter(&tape->filters[f], net, weights, &(*values)[f], error);
    if (status != GD_OK) {
        gd_filters_free(*values, tape->filter_count);
        *values = NULL;
    }
    return status;
}

void gd_filters_free(gd_filter_values *values, int32_t count)
{
    for (int32_t f = 0; values && f < count; f++) {
        free(values[f].kernel);
        free(values[f].bias);
    }
    free(values);
}
