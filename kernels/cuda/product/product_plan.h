/* Products that are ready to run: made from a choice, then run. */
#ifndef GD_KERNELS_CUDA_PRODUCT_PRODUCT_PLAN_H
#define GD_KERNELS_CUDA_PRODUCT_PRODUCT_PLAN_H

#include "kernels/cuda/product/product.h"
#include "kernels/cuda/product/product_handle.h"

#include <cuda_runtime_api.h>

typedef struct gd_product_plan gd_product_plan;

/* Makes the plan with exactly the algorithm of `choice`; the caller frees it, before closing `products`.
 * GD_BACKEND, naming product and choice, if this device or version cannot run it, if it reads it as another
 * algorithm, if it sums in parts, or if it needs more than choice->workspace or GD_PRODUCT_WORKSPACE. */
gd_status gd_product_plan_create(const gd_products *products, const gd_product_shape *shape,
                                 const gd_product_choice *choice, gd_product_plan **plan,
                                 gd_error *error) GD_CHECKED;
void gd_product_plan_free(gd_product_plan *plan); /* NULL is fine */

/* Queues the product on `stream`. All pointers are to device memory, aligned to 16 bytes: source and result
 * to the first channel of their slices at the first pixel, `mask` to the bit of the result's first channel
 * there; bias and mask are NULL if the shape has none. Can be captured into a CUDA graph. GD_BACKEND if
 * cuBLASLt does not start it. */
gd_status gd_product_plan_run(const gd_products *products, const gd_product_plan *plan, const void *weights,
                              const void *bias, const void *source, void *result, void *mask,
                              cudaStream_t stream, gd_error *error) GD_CHECKED;

#endif
