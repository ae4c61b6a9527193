/* Inception V1 (Szegedy et al. 2014, table 1), to the last block. Every convolution has a bias and a ReLU,
 * and no batch norm. */
#include "net/inception_v1.h"

#include <stdio.h>

/* The picture is in [-1, 1]; the network was trained on its values of 255, minus a mean colour. */
#define SHIFT(mean) ((127.5 - (mean)) / 127.5)
#define LRN                                                                                                  \
    {                                                                                                        \
        .size = 5, .quarters = 3, .scale = 1e-4 / 5, .bias = 1                                               \
    }

/* Channels: conv1, conv2 (reduced, 3x3), then of each block 1x1, 3x3 (reduced, itself), 5x5, and the pool's.
 */
const gd_net_traits gd_traits_bvlc = {
    .stated = true,
    .channels = {64,  64,  192,                /* */
                 64,  96,  128, 16, 32,  32,   /* 3a */
                 128, 128, 192, 32, 96,  64,   /* 3b */
                 192, 96,  208, 16, 48,  64,   /* 4a */
                 160, 112, 224, 24, 64,  64,   /* 4b */
                 128, 128, 256, 24, 64,  64,   /* 4c */
                 112, 144, 288, 32, 64,  64,   /* 4d */
                 256, 160, 320, 32, 128, 128,  /* 4e */
                 256, 160, 320, 32, 128, 128,  /* 5a */
                 384, 192, 384, 48, 128, 128}, /* 5b */
    .lrn = {LRN, LRN},
    .shift = {SHIFT(123), SHIFT(117), SHIFT(104)},
};

/* While the table is filled. */
typedef struct building {
    gd_architecture_table *t;
    const gd_net_traits *traits;
    int32_t convs, lrns; /* so far */
} building;

static void name_node(building *b, int32_t node, const char *part, const char *name)
{
    snprintf(b->t->nodes[node].name, GD_NODE_NAME_MAX, "%s/%s", part, name);
}

/* A convolution of size x size. */
static int32_t conv(building *b, const char *part, const char *name, int32_t from, int32_t size)
{
    const int32_t n = gd_add_conv(b->t, from, b->traits->channels[b->convs++], size, size);
    gd_name_conv(b->t, n, "");
    name_node(b, n, part, name);
    b->t->nodes[n].batch_norm = false;
    return n;
}

/* A pool that halves the grid. */
static int32_t halve(building *b, const char *part, int32_t from)
{
    const int32_t n = gd_add_max_pool(b->t, from);
    b->t->nodes[n].same = b->t->nodes[n].late = b->traits->late;
    b->t->nodes[n].partial = !b->traits->late;
    name_node(b, n, part, "3x3_s2");
    return n;
}

static int32_t normalize(building *b, const char *part, const char *name, int32_t from)
{
    const int32_t n = gd_add_lrn(b->t, from, b->traits->lrn[b->lrns++]);
    name_node(b, n, part, name);
    return n;
}

static int32_t stem(building *b)
{
    int32_t x = conv(b, "conv1", "7x7_s2", gd_add_input(b->t), 7);
    b->t->nodes[x].stride = 2;
    b->t->nodes[x].late = b->traits->late;
    x = normalize(b, "pool1", "norm1", halve(b, "pool1", x));
    x = conv(b, "conv2", "3x3", conv(b, "conv2", "3x3_reduce", x, 1), 3);
    return halve(b, "pool2", normalize(b, "conv2", "norm2", x));
}

/* Figure 2b. */
static int32_t block(building *b, const char *name, int32_t x)
{
    char output[GD_NODE_NAME_MAX];
    int32_t branches[4];
    branches[0] = conv(b, name, "1x1", x, 1);
    branches[1] = conv(b, name, "3x3", conv(b, name, "3x3_reduce", x, 1), 3);
    branches[2] = conv(b, name, "5x5", conv(b, name, "5x5_reduce", x, 1), 5);
    const int32_t pool = gd_add_max_pool(b->t, x);
    b->t->nodes[pool].stride = 1;
    b->t->nodes[pool].same = true;
    name_node(b, pool, name, "pool");
    branches[3] = conv(b, name, "pool_proj", pool, 1);
    snprintf(output, sizeof output, "%s/output", name);
    return gd_add_concat(b->t, output, 4, branches);
}

/* What is not in the list, in the order of the nodes. */
static void name_layers(gd_architecture_table *t)
{
    t->net.listed_count = t->net.layer_count;
    for (int32_t n = 1; n < t->net.node_count; n++)
        if (t->nodes[n].kind != GD_NODE_CONCAT)
            t->layers[t->net.layer_count++] = (gd_layer){t->nodes[n].name, n};
}

void gd_build_inception_v1(gd_architecture_table *t, const gd_net_traits *traits)
{
    building b = {.t = t, .traits = traits};
    t->net.name = "inceptionV1";
    t->net.title = "Inception V1";
    t->net.smallest_input = 32;
    t->net.versions = true;
    for (int c = 0; c < 3; c++)
        t->net.shift[c] = traits->shift[c];
    int32_t x = stem(&b);
    x = block(&b, "inception_3b", block(&b, "inception_3a", x));
    x = block(&b, "inception_4a", halve(&b, "pool3", x));
    x = block(&b, "inception_4c", block(&b, "inception_4b", x));
    x = block(&b, "inception_4e", block(&b, "inception_4d", x));
    x = block(&b, "inception_5a", halve(&b, "pool4", x));
    block(&b, "inception_5b", x);
    name_layers(t);
}
