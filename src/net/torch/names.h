/* Names of Inception V3's convolutions in torchvision and timm; private to this folder. */
#ifndef GD_NET_TORCH_NAMES_H
#define GD_NET_TORCH_NAMES_H

#include <stdbool.h>
#include <stdint.h>

enum { GD_TORCH_NAME_MAX = 64 };

/* The module of convolution `index` in the order in which Keras makes them, which is PyTorch's, too:
 * "Conv2d_1a_3x3", "Mixed_5b.branch1x1", ... False: there is none. */
bool gd_torch_conv_name(int32_t index, char name[GD_TORCH_NAME_MAX]);

#endif
