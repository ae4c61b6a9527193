/* Convolutions of stride 1 by fewer multiplications (Winograd 1980; Lavin and Gray 2016, "Fast algorithms for
 * convolutional neural networks"). Along an axis with a kernel of k taps, tiles of 4 results are found from k
 * + 3 products, those of the values of two polynomials at the points 0, 1, -1, 2, -2, 1/2, -1/2, 3/2, -3/2
 * (as many as it takes) and infinity: 36 products instead of 144 for 4x4 results of a 3x3 kernel, 64 instead
 * of 400 for 5x5, 10 instead of 28 for 1x7. Along an axis with one tap there is nothing to save; a 1x1 kernel
 * is a plain product of matrices.
 *
 * Computed in float32 whatever the tensors hold. A tile's bits depend on its input alone, so neither threads
 * nor the order of tiles matter. oneDNN's own covers 3x3 in float32 only, takes many times the memory, and is
 * gone in 3.x. Everything declared here is compiled for AVX-512. */
#ifndef GD_KERNELS_CPU_WINOGRAD_H
#define GD_KERNELS_CPU_WINOGRAD_H

#include "kernels/cpu/elementwise/pass.h"
#include "kernels/cpu/winograd_pack.h"

/* pass: src and dst as of a forward convolution; relu, accumulate and mask count. Unit y of dst reads the
 * units y - pad + [0, kernel) of src; pads may be negative, and the extents of both are independent. */
typedef struct gd_winograd {
    gd_pass pass;
    gd_winograd_shape shape;
    int32_t pad_rows, pad_cols;
    const void *weights; /* of gd_winograd_pack or gd_product_pack */
    const float *bias;   /* [dst_channels] or NULL */
    void *scratch;       /* NULL with weights of gd_product_pack */
} gd_winograd;

void gd_winograd_f32_avx512(const gd_winograd *w);
void gd_winograd_bf16_avx512(const gd_winograd *w);

#endif
