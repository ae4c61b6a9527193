/* Launchers of this project's kernels, with C linkage. Each is in the .cu file of its kernel.
 *
 * They queue work on `stream`, do not wait, and return the error of the launch.
 * Pointers are to device memory unless stated otherwise. Tensors are NHWC with a batch of one: [rows, cols,
 * channels]. Every index of a tensor is 64 bits wide. */
#ifndef GD_CUDA_ELEMENTWISE_LAUNCH_H
#define GD_CUDA_ELEMENTWISE_LAUNCH_H

#include "image/warp_point.h"

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Type of stored values; arithmetic is in float32. */
typedef enum gd_cuda_type { GD_CUDA_F32, GD_CUDA_BF16, GD_CUDA_F16 } gd_cuda_type;

/* A channel slice of values in a rectangle of a tensor: unit (y, x, c) is values[(y * line + x) * pitch + c].
 * channels and pitch are multiples of 8, values is aligned to 16 bytes. */
typedef struct gd_cuda_slice {
    void *values; /* of the slice's first channel at pixel (0, 0) */
    int32_t rows, cols, channels;
    int32_t pitch; /* channels of the whole tensor */
    int32_t line;  /* pixels from row to row; cols, where all of the tensor is meant */
} gd_cuda_slice;

/* A channel slice of a mask with one bit for each unit: channel c of a pixel is bit c % 16 of word c / 16.
 * Its channels (a multiple of 16) are those of the slice that it is used with. bits == NULL: no mask. */
typedef struct gd_cuda_mask {
    uint16_t *bits; /* of the slice's first channel at pixel (0, 0) */
    int32_t pitch;  /* 16-bit words for each pixel of the whole tensor */
    int32_t line;   /* pixels from row to row: a mask may be of a tensor that holds more than the values */
} gd_cuda_mask;

/* A 3x3 pool. `in` and `out` are the input and output of the forward operation, or their gradients. Pixel y
 * of out reads the pixels y * stride - pad_rows + [0, 3) of in that there are; pads may be negative. */
typedef struct gd_cuda_pool {
    gd_cuda_slice in, out;
    int32_t stride, pad_rows, pad_cols;
    uint8_t *winner; /* max pools: [out.rows, winner_line, winner_pitch] index 0..8 (row-major in the window)
                      * of the first maximum; points to the slice's first channel, aligned to 8 */
    int32_t *overflow;    /* forward max pools: see gd_launch_max_pool; NULL: values are taken as they are */
    int32_t winner_pitch; /* a multiple of 8 */
    int32_t winner_line;  /* pixels from row to row */
    /* Backward average pools: the window's pixels have whole_rows x whole_cols of these units, and out begins
     * at (row, col) among them. */
    int32_t row, col, whole_rows, whole_cols;
} gd_cuda_pool;

/* Local response normalization of all channels of a slice (net/graph.h); a pixel of dst is that of src and
 * kept. */
typedef struct gd_cuda_lrn {
    gd_cuda_slice src, dst;
    gd_cuda_slice kept; /* backward: what was read forward */
    int32_t half;       /* of its size: 1 to 5 */
    int32_t quarters;
    float scale, bias;
} gd_cuda_lrn;

/* The network's input: channels 0..2 of dst = window + (red, green, blue), the others 0. window is [rows,
 * window_line, 3] float32; dst has 8 channels. */
cudaError_t gd_launch_input(gd_cuda_type type, const float *window, int32_t window_line, float red,
                            float green, float blue, gd_cuda_slice dst, cudaStream_t stream);

/* gradient = scale * channels 0..2 of src; dense [rows, cols, 3] float32. Sets *overflow (device memory) to 1
 * if a value is not finite, and does not write it otherwise. */
cudaError_t gd_launch_output(gd_cuda_type type, gd_cuda_slice src, float scale, float *gradient,
                             int32_t *overflow, cudaStream_t stream);

/* The convolution of the picture: 3x3 with stride 2. Result y reads the pixels y * 2 - pad_rows + [0, 3), and
 * so the columns. */
typedef struct gd_cuda_picture_conv {
    const void *kernel; /* [filters, 3, 3, 8] of the tensors' type, of which the first 3 are the colours */
    const void *bias;   /* [filters], forward */
    int32_t filters;    /* a multiple of 8, at most 32 */
    int32_t pad_rows, pad_cols; /* forward at most 0, since there is no padding */
    float shift[3];             /* added to the window's red, green and blue */
} gd_cuda_picture_conv;

/* dst = convolution of window [rows, window_line, 3] + shift, plus bias, then ReLU; writes mask = (dst > 0)
 * if mask.bits is set. dst has conv->filters channels, which divide 2048. Sets *overflow as gd_launch_seams
 * does. */
cudaError_t gd_launch_picture_conv(gd_cuda_type type, const gd_cuda_picture_conv *conv, const float *window,
                                   int32_t window_line, gd_cuda_slice dst, gd_cuda_mask mask,
                                   int32_t *overflow, cudaStream_t stream);

/* gradient = scale * the transposed convolution of src, taken as 0 where the mask is not set; dense [rows,
 * cols, 3] float32, pixels that no result reads being 0. Sets *overflow as gd_launch_output does. */
cudaError_t gd_launch_picture_conv_back(gd_cuda_type type, const gd_cuda_picture_conv *conv,
                                        gd_cuda_slice src, gd_cuda_mask mask, float scale, float *gradient,
                                        int32_t rows, int32_t cols, int32_t *overflow, cudaStream_t stream);

/* A part of a seam: src and dst have the same rows, cols and channels. */
enum { GD_CUDA_SEAM_MORE = 2, GD_CUDA_SEAMS_MAX = 8 };

typedef struct gd_cuda_seam {
    gd_cuda_slice src,
        dst; /* forward: dst.values == NULL: only the mask; backward: src.values == NULL: value */
    float value;
    const void *more[GD_CUDA_SEAM_MORE]; /* backward: further summands, laid out as src; NULL: none */
    gd_cuda_mask mask;
    bool relu; /* forward */
} gd_cuda_seam;

/* For parts[count] in the host's memory, at most GD_CUDA_SEAMS_MAX, in one launch: dst = src, then ReLU, then
 * mask = (dst > 0) if mask.bits is set. Sets *overflow as gd_launch_output does, because later operations may
 * turn values that are not finite into finite ones. No part writes what another one reads or writes. */
cudaError_t gd_launch_seams(gd_cuda_type type, const gd_cuda_seam *parts, int32_t count, int32_t *overflow,
                            cudaStream_t stream);

/* Likewise: dst = src + more, in this order, then 0 where the mask is not set. */
cudaError_t gd_launch_seams_back(gd_cuda_type type, const gd_cuda_seam *parts, int32_t count,
                                 cudaStream_t stream);

/* dst (+)= src, then channels [mask_at, mask_at + mask_channels) of dst are set to 0 where the mask is not
 * set. src.values == NULL: only the mask. dead: nobody reads src again, so that it need not stay in a cache.
 * Used for copies, for adding the result of a backward convolution, and for masks in the backward pass. */
cudaError_t gd_launch_combine(gd_cuda_type type, gd_cuda_slice src, bool dead, gd_cuda_slice dst,
                              bool accumulate, gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                              cudaStream_t stream);

/* dst (+)= value for every unit, then masked as in gd_launch_combine. */
cudaError_t gd_launch_seed(gd_cuda_type type, float value, gd_cuda_slice dst, bool accumulate,
                           gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels, cudaStream_t stream);

/* Units of a guide, and which of them each unit of a slice takes. */
typedef struct gd_cuda_matched {
    const float *guide;    /* [units, channels of the slice]; NULL: nothing is matched */
    const int32_t *chosen; /* of each unit of the slice, in row-major order */
} gd_cuda_matched;

/* dst (+)= values[channel] * src, values[channel] * what is matched, or values[channel] where there is
 * neither, then masked as in gd_launch_combine. values: [dst.channels], in host memory, read before the call
 * returns. */
cudaError_t gd_launch_seed_each(gd_cuda_type type, const float *values, gd_cuda_slice src,
                                const gd_cuda_matched *matched, gd_cuda_slice dst, bool accumulate,
                                gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                                cudaStream_t stream);

/* chosen[i]: which of guide[units, src.channels] has the largest dot product with unit i of src, in row-major
 * order; the first of equals. src.channels is a multiple of 16. */
cudaError_t gd_launch_match(gd_cuda_type type, gd_cuda_slice src, const float *guide, int32_t units,
                            int32_t *chosen, cudaStream_t stream);

/* out = maximum over 3x3 of in, padding excluded; writes winner. Ties: the first in row-major order. With
 * `overflow`, `in` is the result of a ReLU that has no mask: a maximum that is not above zero has the winner
 * 9, which is none, and *overflow is set as by gd_launch_seams. */
cudaError_t gd_launch_max_pool(gd_cuda_type type, const gd_cuda_pool *pool, cudaStream_t stream);

/* in (+)= out at the winners, 0 elsewhere, then masked as in gd_launch_combine. Each unit of `in` adds, in
 * row-major order, the outputs that it is the winner of. */
cudaError_t gd_launch_max_pool_back(gd_cuda_type type, const gd_cuda_pool *pool, bool accumulate,
                                    gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                                    cudaStream_t stream);

/* out = mean over 3x3 of in, padding excluded (stride 1, padding 1), then ReLU if `relu`; writes mask = (out
 * > 0) if mask.bits is set. */
cudaError_t gd_launch_avg_pool(gd_cuda_type type, const gd_cuda_pool *pool, bool relu, gd_cuda_mask mask,
                               cudaStream_t stream);

/* in (+)= transposed mean of out, then masked as in gd_launch_combine. */
cudaError_t gd_launch_avg_pool_back(gd_cuda_type type, const gd_cuda_pool *pool, bool accumulate,
                                    gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                                    cudaStream_t stream);

/* dst = src, normalized. */
cudaError_t gd_launch_lrn(gd_cuda_type type, const gd_cuda_lrn *lrn, cudaStream_t stream);

/* dst (+)= the gradient of what was read, from src, that of the result; then masked as in gd_launch_combine.
 */
cudaError_t gd_launch_lrn_back(gd_cuda_type type, const gd_cuda_lrn *lrn, bool accumulate, gd_cuda_mask mask,
                               int32_t mask_at, int32_t mask_channels, cudaStream_t stream);

/* A rectangle to copy: rows of `floats` values. */
typedef struct gd_cuda_rect {
    float *to;
    const float *from;
    int64_t to_stride, from_stride; /* floats from row to row */
    int64_t rows, floats;
} gd_cuda_rect;

/* Copies rects[count], which must not overlap, in one launch. The list itself is in device memory. `largest`
 * is the maximum of rows * floats. */
cudaError_t gd_launch_rects(const gd_cuda_rect *rects, int64_t count, int64_t largest, cudaStream_t stream);

/* sums[0], sums[1]: sum and sum of squares of a rectangle of a gradient, [rows, cols, 3] with `stride` floats
 * from row to row; in double, in an order that depends only on rows and cols (a fixed grid of partial sums,
 * then a fixed tree). partial: scratch of gd_moments_scratch_bytes(). */
size_t gd_moments_scratch_bytes(void);
cudaError_t gd_launch_moments(const float *gradient, int64_t rows, int64_t cols, int64_t stride,
                              double *partial, double sums[2], cudaStream_t stream);

/* As `mask_moments` of gd_backend, in an order that depends only on `pixels`; partial as above. */
cudaError_t gd_launch_mask_moments(const float *gradient, const float *mask, int64_t pixels, double *partial,
                                   double sums[2], cudaStream_t stream);

/* As `mask_update` and `mask_keep` of gd_backend. */
cudaError_t gd_launch_mask_update(float *canvas, const float *gradient, const float *mask, int64_t pixels,
                                  double step, cudaStream_t stream);
cudaError_t gd_launch_mask_keep(float *canvas, const float *input, const float *mask, int64_t pixels,
                                cudaStream_t stream);

/* canvas = clip(canvas + step * gradient, -1, 1) over `count` floats. */
cudaError_t gd_launch_update(float *canvas, const float *gradient, int64_t count, float step,
                             cudaStream_t stream);

/* dream = clip(input + strength * difference, -1, 1), [pixels, 3], as `blend` of gd_backend. */
cudaError_t gd_launch_blend(float *dream, const float *input, int64_t pixels, float strength, bool luma,
                            cudaStream_t stream);

/* to = keep * to + factor * from over rows of `floats` values, at most 2^31 - 1. */
cudaError_t gd_launch_mix(float *to, int64_t to_stride, const float *from, int64_t from_stride, int64_t rows,
                          int64_t floats, float keep, float factor, cudaStream_t stream);

/* The gradient of the total variation of a canvas of canvas_rows x canvas_cols pixels, as `roughness` of
 * gd_backend, for pixels [y, y + rows) x [x, x + cols): target is dense. source, [.., source_cols, 3], begins
 * at pixel (source_y, source_x). */
cudaError_t gd_launch_roughness(const float *source, int64_t source_y, int64_t source_x, int64_t source_cols,
                                int64_t canvas_rows, int64_t canvas_cols, float *target, int64_t y, int64_t x,
                                int64_t rows, int64_t cols, cudaStream_t stream);

/* One axis of a resampling (image/resample.h), for the targets of one launch: target i reads source samples
 * first[i]
 * ... first[i] + taps - 1 with weights[i * taps ...]. `first` [count] is relative to the source rectangle,
 * weights are [count, taps]; both are in device memory. Taps of weight 0 may be outside of the source. */
typedef struct gd_cuda_axis {
    const int32_t *first;
    const float *weights;
    int32_t taps;
} gd_cuda_axis;

/* Resamples the dense source [source_rows, source_cols, 3] to target [rows, cols, 3], with target_stride
 * floats from row to row. Sums are in double, first over columns and then over rows, as in the reference
 * backend. */
cudaError_t gd_launch_resample(gd_cuda_axis row_axis, gd_cuda_axis col_axis, const float *source,
                               int64_t source_rows, int64_t source_cols, float *target, int64_t rows,
                               int64_t cols, int64_t target_stride, cudaStream_t stream);

/* Warps the dense source, rectangle (source_y, source_x) with source_cols columns of the old canvas, to
 * target [rows, cols, 3], the pixels from (y, x) on of the new one, as `warp` of gd_backend; offsets: NULL,
 * or laid out as target. */
cudaError_t gd_launch_warp(const gd_warp *warp, const float *offsets, const float *source, int64_t source_y,
                           int64_t source_x, int64_t source_cols, float *target, int64_t y, int64_t x,
                           int64_t rows, int64_t cols, int64_t target_stride, cudaStream_t stream);

/* Converts values in [-1, 1] to samples[count] of 8 (uint8_t) or 16 (uint16_t) bits, rounded as in
 * image/writer.h. */
cudaError_t gd_launch_samples(const float *values, int64_t count, int32_t bits, void *samples,
                              cudaStream_t stream);

/* Noise (transfer/source.h) for pixels [y, y + rows) x [x, x + cols) of the canvas: values = clip(deviation *
 * normal), dense [rows, cols, 3]. */
cudaError_t gd_launch_noise(uint64_t seed, int64_t y, int64_t x, int64_t rows, int64_t cols, double deviation,
                            float *values, cudaStream_t stream);

/* values[count] (a multiple of 8), evenly spread in (-sqrt(3), sqrt(3)): about the size of activations, and
 * no two alike, so that the power that a convolution of them takes is that of a real one. */
cudaError_t gd_launch_random(gd_cuda_type type, uint64_t seed, void *values, int64_t count,
                             cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
