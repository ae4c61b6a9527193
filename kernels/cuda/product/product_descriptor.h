/* cuBLASLt's descriptors of a product. Private to this folder. */
#ifndef GD_KERNELS_CUDA_PRODUCT_PRODUCT_DESCRIPTOR_H
#define GD_KERNELS_CUDA_PRODUCT_PRODUCT_DESCRIPTOR_H

#include "kernels/cuda/product/product.h"

#include <cublasLt.h>

/* cuBLASLt counts in columns: a matrix has the channels as rows, and a column for each pixel. A is the
 * weights, B the source, and C and D are both the result. */
typedef struct gd_product_descriptors {
    cublasLtMatmulDesc_t product; /* owned, as the layouts */
    cublasLtMatrixLayout_t weights, source, result;
    cublasStatus_t status; /* of the first call that failed; nothing is done after that */
} gd_product_descriptors;

/* Bias and mask are where addresses of at least their alignment are, until gd_product_descriptors_point:
 * heuristics read the alignment from the address. made->status tells whether all could be made. */
void gd_product_descriptors_make(const gd_product_shape *shape, gd_product_descriptors *made);
void gd_product_descriptors_free(gd_product_descriptors *made);

/* Sets the addresses of bias and mask (NULL where the shape has none), in device memory. */
cublasStatus_t gd_product_descriptors_point(const gd_product_descriptors *made, const gd_product_shape *shape,
                                            const void *bias, void *mask);

enum { GD_PRODUCT_ALIGNMENT = 16 /* bytes, of all addresses */ };

#endif
