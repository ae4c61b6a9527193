/* Which convolutions of a tape are computed as matrix products, and by which algorithm. */
#ifndef GD_KERNELS_CUDA_PRODUCTS_H
#define GD_KERNELS_CUDA_PRODUCTS_H

#include "kernels/cuda/cuda.h"

/* Whether tapes of this device have products: in bf16 and fp16, where the build has cuBLASLt. */
bool gd_cuda_has_products(const gd_device *device);

/* Channels that are stored of a tensor of masks: rounded up, if a product can write or apply them. */
int32_t gd_cuda_mask_channels(const gd_device *device, const gd_tape *tape, int32_t tensor);

/* An operation as a product. */
typedef struct gd_cuda_product {
    gd_epilogue epilogue; /* no way: it is none */
    gd_product_shape shape;
    gd_product_choice choice; /* all zero on a described device, which cannot tell */
} gd_cuda_product;

/* Finds the way and the algorithm of operation o: those that are decided already, else, unless the choices
 * are settled, the first that cuBLASLt offers, which is added to them. No way if the operation is no product
 * or cuBLASLt offers none. GD_BACKEND if it cannot be asked. */
gd_status gd_cuda_find_product(gd_device *device, const gd_tape *tape, int32_t o, gd_cuda_product *product,
                               gd_error *error) GD_CHECKED;

#endif
