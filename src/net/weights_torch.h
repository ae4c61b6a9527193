/* The format of PyTorch's Inception V3 in a safetensors file, with the names of timm and torchvision; private
 * to net.
 *
 * Kernels are OIHW, and batch norm may have a scale, which is multiplied into kernel and mean: a scale of 1,
 * as in the weights that come from TensorFlow, changes no bit. The networks are the same but for the average
 * pools, whose mean at a picture's border includes zeros in PyTorch and does not here. */
#ifndef GD_NET_WEIGHTS_TORCH_H
#define GD_NET_WEIGHTS_TORCH_H

#include "net/weights_reader.h"

#include <stdbool.h>

/* Whether the file of the descriptor begins as safetensors files do. */
bool gd_torch_begins(int fd);

extern const gd_weights_format gd_weights_torch;

#endif
