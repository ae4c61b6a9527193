/* A 1x1 convolution as a matrix product, and the algorithm of cuBLASLt that computes it, as plain data. */
#ifndef GD_KERNELS_CUDA_PRODUCT_PRODUCT_H
#define GD_KERNELS_CUDA_PRODUCT_PRODUCT_H

#include "kernels/cuda/elementwise/launch.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    /* Bytes of workspace that an algorithm may take. None, so that partial sums have no place to meet:
     * neither split-K nor stream-K can run, and a plan of memory is exact without a device. */
    GD_PRODUCT_WORKSPACE = 0,
    /* Bits to which masks that cuBLASLt writes or applies are aligned: their first bit, and those from pixel
     * to pixel (CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD). What it writes behind the last row, up to the next
     * multiple, is undefined. */
    GD_PRODUCT_MASK_BITS = 128,
};

typedef enum gd_product_mask {
    GD_PRODUCT_NO_MASK,
    GD_PRODUCT_WRITES_MASK,  /* bit = the result is above zero */
    GD_PRODUCT_APPLIES_MASK, /* the result is 0 where the bit is not set */
} gd_product_mask;

/* result[pixel, row] = sum over d of weight(row, d) * source[pixel, d], in `lines` lines of `cols` pixels;
 * then
 * (+)=, bias and ReLU, or the mask, in this order. The weights are [rows, weight_pitch], or if `transposed`
 * [depth, weight_pitch]. */
typedef struct gd_product_shape {
    gd_cuda_type type;    /* of all values; sums are float32 */
    bool transposed;      /* a backward convolution, with the weights of the forward one */
    int32_t rows, depth;  /* channels of result and source */
    int32_t lines, cols;  /* pixels; one line, where the lines of all tensors follow each other */
    int32_t weight_pitch; /* a multiple of 8, as the other pitches of values */
    int32_t source_pitch, result_pitch; /* channels of the tensors that source and result are slices of */
    int32_t source_line, result_line;   /* pixels from line to line; 0 if there is one line */
    bool sum;                           /* adds what the result held before, ahead of all else */
    bool bias, relu;
    gd_product_mask mask;
    int32_t mask_pitch; /* bits from pixel to pixel, a multiple of GD_PRODUCT_MASK_BITS; 0: no mask */
    int32_t mask_line;  /* pixels from line to line; 0 if there is one line */
} gd_product_shape;

enum { GD_PRODUCT_WORDS = 8 /* of cublasLtMatmulAlgo_t */ };

/* An algorithm with all that configures it, which determines the bits of the result: what cuBLASLt names, and
 * the words in which it keeps the whole, to be read by the same version only. */
typedef struct gd_product_choice {
    uint64_t words[GD_PRODUCT_WORDS];
    int64_t version; /* of cuBLASLt */
    int32_t algorithm, tile, splits, reduction, swizzle, option, stages, inner, cluster;
    int64_t workspace; /* bytes */
    bool tensor_cores; /* according to its numerical flags */
} gd_product_choice;

#endif
