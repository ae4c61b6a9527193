/* Products and the choices of their algorithms as text. */
#ifndef GD_KERNELS_CUDA_PRODUCT_PRODUCT_TEXT_H
#define GD_KERNELS_CUDA_PRODUCT_PRODUCT_TEXT_H

#include "kernels/cuda/product/product.h"

#include <stddef.h>

/* One line of text without leading or trailing spaces, for logs, checkpoints and the cache. A shape is
 * "product bf16 64x192/192 at 1x81225 from /192 to /256 bias relu writes /256", a choice is "algorithm 66
 * tile 23 splits 1 reduction 0 swizzle 0 option 0 stages 36 inner 0 cluster 3 workspace 0 tc 1 cuBLASLt
 * 130100 as" and 128 digits. Equal texts mean equal shapes. Any text fits GD_PRODUCT_TEXT_MAX bytes. Writing
 * returns false if it does not fit `bytes`; parsing returns false if the text is not a choice. */
enum { GD_PRODUCT_TEXT_MAX = 512 };

bool gd_product_shape_text(const gd_product_shape *shape, char *text, size_t bytes);
bool gd_product_choice_text(const gd_product_choice *choice, char *text, size_t bytes);
bool gd_product_choice_parse(const char *text, gd_product_choice *choice);

#endif
