/* Candidates: the algorithms that can compute a product. */
#ifndef GD_KERNELS_CUDA_PRODUCT_PRODUCT_SEARCH_H
#define GD_KERNELS_CUDA_PRODUCT_PRODUCT_SEARCH_H

#include "kernels/cuda/product/product.h"
#include "kernels/cuda/product/product_handle.h"

/* Lists at most `capacity` candidates in choices[capacity], best first, as cuBLASLt's heuristics order them:
 * those with at most GD_PRODUCT_WORKSPACE bytes that sum in float32 and in one run, on tensor cores first.
 * *count is 0 if there is none, which is no failure. GD_BACKEND, naming the shape, if it cannot be asked. */
gd_status gd_product_candidates(const gd_products *products, const gd_product_shape *shape,
                                gd_product_choice *choices, int32_t capacity, int32_t *count,
                                gd_error *error) GD_CHECKED;

#endif
