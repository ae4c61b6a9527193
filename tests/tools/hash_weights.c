/* Weights from a hash, the same as in tests/fixtures/make.py, for layers beyond the bundled file. */
#include "tools/hash_weights.h"

#include <math.h>
#include <stdio.h>

static uint64_t fnv1a64(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t splitmix64(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* values[i] = at + scale * v. Products and sums are rounded to float one by one, as numpy does. */
static void fill(float *values, int64_t count, const char *layer, const char *array, float at, float scale)
{
    char name[2 * GD_NODE_NAME_MAX];
    snprintf(name, sizeof name, "%s/%s", layer, array);
    const uint64_t key = fnv1a64(name);
    for (int64_t i = 0; i < count; i++) {
        const uint64_t bits = splitmix64(key + (uint64_t)(i + 1) * UINT64_C(0x9e3779b97f4a7c15)) >> 40;
        const float v = (float)bits * 0x1p-23f - 1;
        const float scaled = scale * v;
        values[i] = at + scaled;
    }
}

static void fill_conv(const gd_net *net, int32_t n, gd_conv_weights *conv)
{
    const gd_node *node = &net->nodes[n];
    char layer[GD_NODE_NAME_MAX];
    if (node->conv_index >= 0)
        snprintf(layer, sizeof layer, "conv2d_%d", (int)node->conv_index);
    else
        snprintf(layer, sizeof layer, "%s", node->name);
    const int64_t kernel = gd_conv_kernel_count(net, n);
    fill(conv->kernel, kernel, layer, "kernel", 0, (float)sqrt(6.0 / (double)(kernel / node->channels)));
    fill(conv->bias, node->channels, layer, node->batch_norm ? "beta" : "bias", 0, 0.1F);
    if (node->batch_norm) {
        fill(conv->mean, node->channels, layer, "moving_mean", 0, 0.1F);
        fill(conv->variance, node->channels, layer, "moving_variance", 1, 0.2F);
    }
}

gd_weights *hash_weights_create(const gd_net *net, const bool *needed)
{
    gd_weights *weights;
    if (gd_weights_allocate(net, needed, &weights, NULL) != GD_OK)
        return NULL;
    for (int32_t n = 0; n < net->node_count; n++) {
        if (weights->convs[n].kernel)
            fill_conv(net, n, &weights->convs[n]);
    }
    gd_weights_seal(net, weights);
    return weights;
}
