/* Updates and resamples the canvas on the device, and makes noise and samples. */
#include "kernels/cuda/canvas.h"

#include "base/minmax.h"
#include "kernels/cuda/device/range.h"
#include "kernels/cuda/device_lock.h"

#include <string.h>

gd_status gd_cuda_update(gd_device *device, float *canvas, const float *gradient, int64_t count, float step,
                         gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    if (status == GD_OK && count > 0)
        status = gd_cuda_check(gd_launch_update(canvas, gradient, count, step, device->compute),
                               "updating the canvas", error);
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_blend(gd_device *device, float *dream, const float *input, int64_t pixels, float strength,
                        bool luma, gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    if (status == GD_OK && pixels > 0)
        status = gd_cuda_check(gd_launch_blend(dream, input, pixels, strength, luma, device->compute),
                               "blending the canvas with the input", error);
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_mix(gd_device *device, float *to, int64_t to_stride, const float *from, int64_t from_stride,
                      int64_t rows, int64_t floats, float keep, float factor, gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    if (status == GD_OK)
        status = gd_cuda_check(
            gd_launch_mix(to, to_stride, from, from_stride, rows, floats, keep, factor, device->compute),
            "mixing two gradients", error);
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_mask_update(gd_device *device, float *canvas, const float *gradient, const float *mask,
                              int64_t pixels, double step, gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    if (status == GD_OK && pixels > 0)
        status = gd_cuda_check(gd_launch_mask_update(canvas, gradient, mask, pixels, step, device->compute),
                               "updating the canvas where the mask is not black", error);
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_mask_keep(gd_device *device, float *canvas, const float *input, const float *mask,
                            int64_t pixels, gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    if (status == GD_OK && pixels > 0)
        status = gd_cuda_check(gd_launch_mask_keep(canvas, input, mask, pixels, device->compute),
                               "taking the input where the mask is black", error);
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_roughness(gd_device *device, const float *source, gd_rect source_at, gd_extent canvas,
                            float *target, gd_rect target_at, gd_error *error)
{
    const gd_rect s = source_at, t = target_at;
    gd_status status = gd_cuda_begin(device, error);
    if (status == GD_OK)
        status = gd_cuda_check(gd_launch_roughness(source, s.y, s.x, s.cols, canvas.rows, canvas.cols, target,
                                                   t.y, t.x, t.rows, t.cols, device->compute),
                               "finding the total variation", error);
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_noise(gd_device *device, uint64_t seed, gd_rect at, double deviation, float *values,
                        gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    if (status == GD_OK && at.rows > 0 && at.cols > 0)
        status = gd_cuda_check(
            gd_launch_noise(seed, at.y, at.x, at.rows, at.cols, deviation, values, device->compute),
            "making noise", error);
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_samples(gd_device *device, const float *values, int64_t count, int32_t bits, void *samples,
                          gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    if (status == GD_OK && count > 0)
        status = gd_cuda_check(gd_launch_samples(values, count, bits, samples, device->compute),
                               "converting samples", error);
    return gd_cuda_end(device, status);
}

/* A resampling, cut into pieces whose weights fit into a block of the feed, half of it for each axis. */
typedef struct resampling {
    const gd_resampler *rows, *cols;
    const float *source;
    gd_rect source_at;
    float *target;
    gd_rect target_at;
    int64_t target_stride;
} resampling;

/* Number of targets of an axis that fit into half a block. */
static gd_status find_piece(const gd_resampler *axis, int64_t *targets, gd_error *error)
{
    const int64_t each = (int64_t)sizeof(int32_t) + axis->taps * (int64_t)sizeof(float);
    *targets = GD_CUDA_AXIS_BYTES / 2 / each;
    if (*targets > 0)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "resampling %lld to %lld pixels takes %d samples for one, which is more than the GPU's block of "
        "weights holds; go there in smaller steps (-osc), or use --backend cpu",
        (long long)axis->source, (long long)axis->target, axis->taps);
}

/* Writes offsets and weights of targets [first, first + count) to `block`. Returns the bytes written. */
static size_t write_axis(const gd_resampler *axis, int64_t first, int64_t count, int64_t source_first,
                         char *block)
{
    const size_t taps = (size_t)axis->taps, weights = (size_t)count * taps * sizeof(float);
    int32_t *at = (int32_t *)block;
    for (int64_t i = 0; i < count; i++)
        at[i] = (int32_t)(axis->first[first + i] - source_first);
    memcpy(block + (size_t)count * sizeof *at, axis->weights + (size_t)first * taps, weights);
    return (size_t)count * sizeof *at + weights;
}

static gd_cuda_axis axis_at(const gd_resampler *axis, int64_t count, const char *block)
{
    return (gd_cuda_axis){(const int32_t *)block, (const float *)(block + (size_t)count * sizeof(int32_t)),
                          axis->taps};
}

static gd_status resample_piece(gd_device *device, const resampling *r, gd_rect piece, gd_error *error)
{
    void *block, *sent;
    gd_status status = gd_feed_take(device->axes, &block, error);
    if (status != GD_OK)
        return status;
    const size_t row_bytes = write_axis(r->rows, piece.y, piece.rows, r->source_at.y, block);
    const size_t col_bytes =
        write_axis(r->cols, piece.x, piece.cols, r->source_at.x, (char *)block + row_bytes);
    status = gd_feed_send(device->axes, row_bytes + col_bytes, &sent, error);
    if (status != GD_OK)
        return status;
    float *target =
        r->target + (piece.y - r->target_at.y) * r->target_stride + (piece.x - r->target_at.x) * 3;
    status = gd_cuda_check(gd_launch_resample(axis_at(r->rows, piece.rows, sent),
                                              axis_at(r->cols, piece.cols, (char *)sent + row_bytes),
                                              r->source, r->source_at.rows, r->source_at.cols, target,
                                              piece.rows, piece.cols, r->target_stride, device->compute),
                           "resampling", error);
    return status == GD_OK ? gd_feed_done(device->axes, error) : status;
}

static gd_status resample_pieces(gd_device *device, const resampling *r, gd_error *error)
{
    const gd_rect all = r->target_at;
    int64_t rows = 0, cols = 0;
    gd_status status = find_piece(r->rows, &rows, error);
    if (status == GD_OK)
        status = find_piece(r->cols, &cols, error);
    for (int64_t y = 0; y < all.rows && status == GD_OK; y += rows) {
        for (int64_t x = 0; x < all.cols && status == GD_OK; x += cols) {
            const gd_rect piece = {all.y + y, all.x + x, gd_min_i64(rows, all.rows - y),
                                   gd_min_i64(cols, all.cols - x)};
            status = resample_piece(device, r, piece, error);
        }
    }
    return status;
}

gd_status gd_cuda_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                           const float *source, gd_rect source_at, float *target, gd_rect target_at,
                           int64_t target_stride, gd_error *error)
{
    const resampling r = {rows, cols, source, source_at, target, target_at, target_stride};
    gd_status status = gd_cuda_begin(device, error);
    gd_range_begin("resampling", rows->taps);
    if (status == GD_OK)
        status = resample_pieces(device, &r, error);
    gd_range_end();
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_warp(gd_device *device, const gd_warp *warp, const float *offsets, const float *source,
                       gd_rect source_at, float *target, gd_rect target_at, int64_t target_stride,
                       gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    if (status == GD_OK && gd_rect_area(target_at) > 0)
        status = gd_cuda_check(gd_launch_warp(warp, offsets, source, source_at.y, source_at.x, source_at.cols,
                                              target, target_at.y, target_at.x, target_at.rows,
                                              target_at.cols, target_stride, device->compute),
                               "warping the canvas", error);
    return gd_cuda_end(device, status);
}
