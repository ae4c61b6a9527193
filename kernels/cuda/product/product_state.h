/* What the files of this folder that know cuBLASLt share. Private to it. */
#ifndef GD_KERNELS_CUDA_PRODUCT_PRODUCT_STATE_H
#define GD_KERNELS_CUDA_PRODUCT_PRODUCT_STATE_H

#include <cublasLt.h>

struct gd_products {
    cublasLtHandle_t handle; /* owned */
};

#endif
