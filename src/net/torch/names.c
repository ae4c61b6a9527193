/* Inception V3's modules and their branches, as torchvision/models/inception.py names them. */
#include "net/torch/names.h"

#include <stdio.h>

static const char *const stem[] = {"Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3",
                                   "Conv2d_3b_1x1", "Conv2d_4a_3x3", NULL};
static const char *const block_a[] = {"branch1x1",      "branch5x5_1",    "branch5x5_2", "branch3x3dbl_1",
                                      "branch3x3dbl_2", "branch3x3dbl_3", "branch_pool", NULL};
static const char *const block_b[] = {"branch3x3", "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3",
                                      NULL};
static const char *const block_c[] = {"branch1x1",
                                      "branch7x7_1",
                                      "branch7x7_2",
                                      "branch7x7_3",
                                      "branch7x7dbl_1",
                                      "branch7x7dbl_2",
                                      "branch7x7dbl_3",
                                      "branch7x7dbl_4",
                                      "branch7x7dbl_5",
                                      "branch_pool",
                                      NULL};
static const char *const block_d[] = {
    "branch3x3_1", "branch3x3_2", "branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4", NULL};
static const char *const block_e[] = {
    "branch1x1",      "branch3x3_1",     "branch3x3_2a",    "branch3x3_2b", "branch3x3dbl_1",
    "branch3x3dbl_2", "branch3x3dbl_3a", "branch3x3dbl_3b", "branch_pool",  NULL};

static const struct {
    const char *name; /* "": none */
    const char *const *convs;
} blocks[] = {
    {"", stem},
    {"Mixed_5b.", block_a},
    {"Mixed_5c.", block_a},
    {"Mixed_5d.", block_a},
    {"Mixed_6a.", block_b},
    {"Mixed_6b.", block_c},
    {"Mixed_6c.", block_c},
    {"Mixed_6d.", block_c},
    {"Mixed_6e.", block_c},
    {"Mixed_7a.", block_d},
    {"Mixed_7b.", block_e},
    {"Mixed_7c.", block_e},
};

bool gd_torch_conv_name(int32_t index, char name[GD_TORCH_NAME_MAX])
{
    for (size_t b = 0; index >= 0 && b < sizeof blocks / sizeof *blocks; b++)
        for (const char *const *conv = blocks[b].convs; *conv; conv++)
            if (index-- == 0) {
                snprintf(name, GD_TORCH_NAME_MAX, "%s%s", blocks[b].name, *conv);
                return true;
            }
    return false;
}
