/* Inception V3 (Szegedy et al. 2015, figures 5 to 7 and table 1), to mixed10. */
#include "net/inception_v3.h"

/* 1x1; 5x5; double 3x3; pool: mixed0 to mixed2. */
static int32_t block_a(gd_architecture_table *t, const char *name, int32_t x, int32_t pool_channels)
{
    int32_t branches[4];
    branches[0] = gd_add_conv(t, x, 64, 1, 1);
    branches[1] = gd_add_conv(t, gd_add_conv(t, x, 48, 1, 1), 64, 5, 5);
    branches[2] = gd_add_conv(t, gd_add_conv(t, x, 64, 1, 1), 96, 3, 3);
    branches[2] = gd_add_conv(t, branches[2], 96, 3, 3);
    branches[3] = gd_add_pool_branch(t, x, pool_channels);
    return gd_add_concat(t, name, 4, branches);
}

/* Halves the grid: mixed3. */
static int32_t reduction_a(gd_architecture_table *t, const char *name, int32_t x)
{
    int32_t branches[3];
    branches[0] = gd_add_conv_valid(t, x, 384, 3, 2);
    branches[1] = gd_add_conv(t, gd_add_conv(t, x, 64, 1, 1), 96, 3, 3);
    branches[1] = gd_add_conv_valid(t, branches[1], 96, 3, 2);
    branches[2] = gd_add_max_pool(t, x);
    return gd_add_concat(t, name, 3, branches);
}

/* 7x7 as 1x7 and 7x1, once and twice, with `inner` channels: mixed4 to mixed7. */
static int32_t block_b(gd_architecture_table *t, const char *name, int32_t x, int32_t inner)
{
    int32_t branches[4];
    branches[0] = gd_add_conv(t, x, 192, 1, 1);
    branches[1] = gd_add_conv(t, gd_add_conv(t, x, inner, 1, 1), inner, 1, 7);
    branches[1] = gd_add_conv(t, branches[1], 192, 7, 1);
    branches[2] = gd_add_conv(t, gd_add_conv(t, x, inner, 1, 1), inner, 7, 1);
    branches[2] = gd_add_conv(t, branches[2], inner, 1, 7);
    branches[2] = gd_add_conv(t, branches[2], inner, 7, 1);
    branches[2] = gd_add_conv(t, branches[2], 192, 1, 7);
    branches[3] = gd_add_pool_branch(t, x, 192);
    return gd_add_concat(t, name, 4, branches);
}

/* Halves the grid again: mixed8. */
static int32_t reduction_b(gd_architecture_table *t, const char *name, int32_t x)
{
    int32_t branches[3];
    branches[0] = gd_add_conv_valid(t, gd_add_conv(t, x, 192, 1, 1), 320, 3, 2);
    branches[1] = gd_add_conv(t, gd_add_conv(t, x, 192, 1, 1), 192, 1, 7);
    branches[1] = gd_add_conv(t, branches[1], 192, 7, 1);
    branches[1] = gd_add_conv_valid(t, branches[1], 192, 3, 2);
    branches[2] = gd_add_max_pool(t, x);
    return gd_add_concat(t, name, 3, branches);
}

/* 1x3 and 3x1 in parallel. */
static int32_t forked(gd_architecture_table *t, const char *name, int32_t x)
{
    const int32_t wide = gd_add_conv(t, x, 384, 1, 3);
    const int32_t tall = gd_add_conv(t, x, 384, 3, 1);
    return gd_add_concat(t, name, 2, (int32_t[]){wide, tall});
}

/* The expanded filter banks: mixed9 and mixed10. Their inner concats are also layers. */
static int32_t block_c(gd_architecture_table *t, const char *name, const char *fork_name,
                       const char *double_fork_name, int32_t x)
{
    int32_t branches[4];
    branches[0] = gd_add_conv(t, x, 320, 1, 1);
    branches[1] = forked(t, fork_name, gd_add_conv(t, x, 384, 1, 1));
    branches[2] = gd_add_conv(t, gd_add_conv(t, x, 448, 1, 1), 384, 3, 3);
    branches[2] = forked(t, double_fork_name, branches[2]);
    branches[3] = gd_add_pool_branch(t, x, 192);
    return gd_add_concat(t, name, 4, branches);
}

void gd_build_inception_v3(gd_architecture_table *t)
{
    t->net.name = "inceptionV3";
    t->net.title = "Inception V3";
    int32_t x = gd_add_stem(t);
    x = block_a(t, "mixed0", x, 32);
    x = block_a(t, "mixed1", x, 64);
    x = block_a(t, "mixed2", x, 64);
    x = reduction_a(t, "mixed3", x);
    x = block_b(t, "mixed4", x, 128);
    x = block_b(t, "mixed5", x, 160);
    x = block_b(t, "mixed6", x, 160);
    x = block_b(t, "mixed7", x, 192);
    x = reduction_b(t, "mixed8", x);
    x = block_c(t, "mixed9", "mixed9_0", "concatenate", x);
    block_c(t, "mixed10", "mixed9_1", "concatenate_1", x);
}
