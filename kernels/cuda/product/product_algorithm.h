/* Algorithms of cuBLASLt and choices of ours: how one becomes the other. Private to this folder. */
#ifndef GD_KERNELS_CUDA_PRODUCT_PRODUCT_ALGORITHM_H
#define GD_KERNELS_CUDA_PRODUCT_PRODUCT_ALGORITHM_H

#include "kernels/cuda/product/product.h"

#include <cublasLt.h>

/* Reads the whole configuration of an algorithm; choice->workspace stays 0. */
cublasStatus_t gd_product_read(const cublasLtMatmulAlgo_t *algorithm, gd_product_choice *choice);
/* Whether its sums are float32 in one run over the depth: no parts that are added in another order or place.
 */
bool gd_product_in_one_run(const gd_product_choice *choice);

#endif
