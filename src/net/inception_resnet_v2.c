/* Inception-ResNet v2 (Szegedy et al. 2016, figures 15 to 19, with the stem of Inception V3 as in Keras). */
#include "net/inception_resnet_v2.h"

#include <stdio.h>

static int32_t mixed_5b(gd_architecture_table *t, int32_t x)
{
    int32_t branches[4];
    branches[0] = gd_add_conv(t, x, 96, 1, 1);
    branches[1] = gd_add_conv(t, gd_add_conv(t, x, 48, 1, 1), 64, 5, 5);
    branches[2] = gd_add_conv(t, gd_add_conv(t, x, 64, 1, 1), 96, 3, 3);
    branches[2] = gd_add_conv(t, branches[2], 96, 3, 3);
    branches[3] = gd_add_pool_branch(t, x, 64);
    return gd_add_concat(t, "mixed_5b", 4, branches);
}

static int32_t mixed_6a(gd_architecture_table *t, int32_t x)
{
    int32_t branches[3];
    branches[0] = gd_add_conv_valid(t, x, 384, 3, 2);
    branches[1] = gd_add_conv(t, gd_add_conv(t, x, 256, 1, 1), 256, 3, 3);
    branches[1] = gd_add_conv_valid(t, branches[1], 384, 3, 2);
    branches[2] = gd_add_max_pool(t, x);
    return gd_add_concat(t, "mixed_6a", 3, branches);
}

static int32_t mixed_7a(gd_architecture_table *t, int32_t x)
{
    int32_t branches[4];
    branches[0] = gd_add_conv_valid(t, gd_add_conv(t, x, 256, 1, 1), 384, 3, 2);
    branches[1] = gd_add_conv_valid(t, gd_add_conv(t, x, 256, 1, 1), 288, 3, 2);
    branches[2] = gd_add_conv(t, gd_add_conv(t, x, 256, 1, 1), 288, 3, 3);
    branches[2] = gd_add_conv_valid(t, branches[2], 320, 3, 2);
    branches[3] = gd_add_max_pool(t, x);
    return gd_add_concat(t, "mixed_7a", 4, branches);
}

/* Concat of the branches (NAME_mixed), projected to the channels of x (NAME_conv) and added to x. */
static int32_t join(gd_architecture_table *t, const char *name, int32_t x, int32_t count,
                    const int32_t *branches, double scale, bool relu)
{
    char mixed[GD_NODE_NAME_MAX];
    snprintf(mixed, sizeof mixed, "%s_mixed", name);
    return gd_add_residual(t, name, x, gd_add_concat(t, mixed, count, branches), scale, relu);
}

static int32_t block35(gd_architecture_table *t, const char *name, int32_t x)
{
    int32_t branches[3];
    branches[0] = gd_add_conv(t, x, 32, 1, 1);
    branches[1] = gd_add_conv(t, gd_add_conv(t, x, 32, 1, 1), 32, 3, 3);
    branches[2] = gd_add_conv(t, gd_add_conv(t, x, 32, 1, 1), 48, 3, 3);
    branches[2] = gd_add_conv(t, branches[2], 64, 3, 3);
    return join(t, name, x, 3, branches, 0.17, true);
}

static int32_t block17(gd_architecture_table *t, const char *name, int32_t x)
{
    int32_t branches[2];
    branches[0] = gd_add_conv(t, x, 192, 1, 1);
    branches[1] = gd_add_conv(t, gd_add_conv(t, x, 128, 1, 1), 160, 1, 7);
    branches[1] = gd_add_conv(t, branches[1], 192, 7, 1);
    return join(t, name, x, 2, branches, 0.1, true);
}

static int32_t block8(gd_architecture_table *t, const char *name, int32_t x, double scale, bool relu)
{
    int32_t branches[2];
    branches[0] = gd_add_conv(t, x, 192, 1, 1);
    branches[1] = gd_add_conv(t, gd_add_conv(t, x, 192, 1, 1), 224, 1, 3);
    branches[1] = gd_add_conv(t, branches[1], 256, 3, 1);
    return join(t, name, x, 2, branches, scale, relu);
}

void gd_build_inception_resnet_v2(gd_architecture_table *t)
{
    char name[16];
    t->net.name = "inceptionResNet";
    t->net.title = "Inception-ResNet v2";
    int32_t x = mixed_5b(t, gd_add_stem(t));
    for (int i = 1; i <= 10; i++) {
        snprintf(name, sizeof name, "block35_%d", i);
        x = block35(t, name, x);
    }
    x = mixed_6a(t, x);
    for (int i = 1; i <= 20; i++) {
        snprintf(name, sizeof name, "block17_%d", i);
        x = block17(t, name, x);
    }
    x = mixed_7a(t, x);
    for (int i = 1; i <= 10; i++) {
        snprintf(name, sizeof name, "block8_%d", i);
        x = block8(t, name, x, i < 10 ? 0.2 : 1.0,
                   i < 10); /* the last block has scale 1 and no ReLU, as published */
    }
    gd_name_conv(t, gd_add_conv(t, x, 1536, 1, 1), "conv_7b");
}
