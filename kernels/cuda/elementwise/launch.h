/* Launchers of our own kernels: C on the outside, one operation a file, each kernel beside its launcher.
 *
 * All of them queue their work on `stream`, wait for nothing, and return what the launch itself said.
 * Pointers are device memory unless said otherwise. Tensors are NHWC with a batch of one: [rows, cols,
 * channels]. Every index of a tensor is 64 bits wide. */
#ifndef GD_CUDA_ELEMENTWISE_LAUNCH_H
#define GD_CUDA_ELEMENTWISE_LAUNCH_H

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How values are stored; arithmetic is float32 everywhere. */
typedef enum gd_cuda_type { GD_CUDA_F32, GD_CUDA_BF16, GD_CUDA_F16 } gd_cuda_type;

/* A channel slice of values: unit (y, x, c) is values[(y * cols + x) * pitch + c]. channels and pitch are
 * multiples of 8, values is aligned to 16 bytes. */
typedef struct gd_cuda_slice {
    void *values; /* of the slice's first channel at pixel (0, 0) */
    int32_t rows, cols, channels;
    int32_t pitch; /* channels of the whole tensor */
} gd_cuda_slice;

/* A channel slice of masks, one bit a unit: channel c of a pixel is bit c % 16 of word c / 16. channels,
 * where a mask comes with a slice of values, are that slice's (multiples of 16). bits == NULL: no mask. */
typedef struct gd_cuda_mask {
    uint16_t *bits; /* of the slice's first channel at pixel (0, 0) */
    int32_t pitch;  /* 16-bit words of the whole tensor a pixel */
} gd_cuda_mask;

/* 3x3 pools. src is what the forward operation reads, dst what it writes (back: gradients of these). */
typedef struct gd_cuda_pool {
    gd_cuda_slice in, out;
    int32_t stride, pad_rows, pad_cols;
    uint8_t *winner; /* max pools: [out.rows, out.cols, winner_pitch] place 0..8 (row-major in the window) of
                        the first maximum; of the slice's first channel, aligned to 8 */
    int32_t winner_pitch; /* a multiple of 8 */
} gd_cuda_pool;

/* What a window becomes: dst channels 0..2 = window, the others 0. window is [rows, cols, 3] float32 dense;
 * dst has 8 channels. */
cudaError_t gd_launch_input(gd_cuda_type type, const float *window, gd_cuda_slice dst, cudaStream_t stream);

/* gradient = channels 0..2 of src from its unit (row, col) on, times `scale`; [rows, cols, 3] float32 dense.
 * *overflow (device memory) is
 * set to 1 where a value is not finite, else left alone. */
cudaError_t gd_launch_output(gd_cuda_type type, gd_cuda_slice src, int32_t row, int32_t col, float scale,
                             float *gradient, int32_t rows, int32_t cols, int32_t *overflow,
                             cudaStream_t stream);

/* mask = (src > 0), for all channels of src. *overflow (device memory) is set to 1 where a value is not
 * finite, else left alone: what such values give afterwards may look harmless. */
cudaError_t gd_launch_mask_of(gd_cuda_type type, gd_cuda_slice src, gd_cuda_mask mask, int32_t *overflow,
                              cudaStream_t stream);

/* dst (+)= src, then, for channels [mask_at, mask_at + mask_channels) of dst, 0 where the mask is not set.
 * src.values == NULL: dst stays as it is, but for the mask. One pass: what a residual sum, a backward
 * convolution that could not add, and the mask in the backward pass have in common. */
cudaError_t gd_launch_combine(gd_cuda_type type, gd_cuda_slice src, gd_cuda_slice dst, bool accumulate,
                              gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels, cudaStream_t stream);

/* dst (+)= value for every unit, then masked as in gd_launch_combine. */
cudaError_t gd_launch_seed(gd_cuda_type type, float value, gd_cuda_slice dst, bool accumulate,
                           gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels, cudaStream_t stream);

/* out = maximum over 3x3 of in (padding never wins); winner written. Ties: the first in row-major order. */
cudaError_t gd_launch_max_pool(gd_cuda_type type, const gd_cuda_pool *pool, cudaStream_t stream);

/* in (+)= out at the winners, 0 elsewhere, then masked as in gd_launch_combine. Gathers: each unit of in
 * adds, in row-major order of the windows that hold it, those it has won. */
cudaError_t gd_launch_max_pool_back(gd_cuda_type type, const gd_cuda_pool *pool, bool accumulate,
                                    gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                                    cudaStream_t stream);

/* out = mean over the real pixels of 3x3 of in (stride 1, padding 1), then ReLU if `relu`, then
 * mask = (out > 0) if mask.bits. */
cudaError_t gd_launch_avg_pool(gd_cuda_type type, const gd_cuda_pool *pool, bool relu, gd_cuda_mask mask,
                               cudaStream_t stream);

/* in (+)= transposed mean of out, then masked as in gd_launch_combine. */
cudaError_t gd_launch_avg_pool_back(gd_cuda_type type, const gd_cuda_pool *pool, bool accumulate,
                                    gd_cuda_mask mask, int32_t mask_at, int32_t mask_channels,
                                    cudaStream_t stream);

/* A rectangle to copy: rows of `floats` values. */
typedef struct gd_cuda_rect {
    float *to;
    const float *from;
    int64_t to_stride, from_stride; /* floats from row to row */
    int64_t rows, floats;
} gd_cuda_rect;

/* Copies `count` rectangles in one launch: packing, unpacking, and what stays on a rank. rects is device
 * memory. They do not overlap. largest is the largest rows * floats among them. */
cudaError_t gd_launch_rects(const gd_cuda_rect *rects, int64_t count, int64_t largest, cudaStream_t stream);

/* sums[0] = sum, sums[1] = sum of squares over a rectangle of a gradient, [rows, cols, 3] with `stride`
 * floats from row to row, in double, in an order that depends on rows and cols alone (a fixed grid of partial
 * sums, then a fixed tree). partial is scratch of gd_moments_scratch_bytes(). */
size_t gd_moments_scratch_bytes(void);
cudaError_t gd_launch_moments(const float *gradient, int64_t rows, int64_t cols, int64_t stride,
                              double *partial, double sums[2], cudaStream_t stream);

/* canvas = clip(canvas + step * gradient, -1, 1) over `count` floats. */
cudaError_t gd_launch_update(float *canvas, const float *gradient, int64_t count, float step,
                             cudaStream_t stream);

/* One axis of a resampling for a run of targets (image/resample.h): target i reads source samples
 * first[i] .. first[i] + taps - 1 with weights[i * taps ...]; taps of weight 0 may lie outside the source.
 * Device memory, [count] and [count, taps], for the targets of the launch only; `first` counts from the
 * source rectangle's first sample. */
typedef struct gd_cuda_axis {
    const int32_t *first;
    const float *weights;
    int32_t taps;
} gd_cuda_axis;

/* target [rows, cols, 3] with target_stride floats from row to row, from source [source_rows, source_cols, 3]
 * dense; sums in double, over the columns of each row and then over the rows, as the reference does. */
cudaError_t gd_launch_resample(gd_cuda_axis row_axis, gd_cuda_axis col_axis, const float *source,
                               int64_t source_rows, int64_t source_cols, float *target, int64_t rows,
                               int64_t cols, int64_t target_stride, cudaStream_t stream);

/* samples [count] of 8 (uint8_t) or 16 (uint16_t) bits from values in [-1, 1], rounded as the writer does
 * (image/writer.h). */
cudaError_t gd_launch_samples(const float *values, int64_t count, int32_t bits, void *samples,
                              cudaStream_t stream);

/* The noise that a render can start from (transfer/source.h): clip(deviation * normal) of pixels
 * [y, y + rows) x [x, x + cols) of the canvas, dense [rows, cols, 3]. */
cudaError_t gd_launch_noise(uint64_t seed, int64_t y, int64_t x, int64_t rows, int64_t cols, double deviation,
                            float *values, cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
