/* The reference backend: plain loops over dense [channels, rows, cols] tensors of float64, masks and winners
 * of one byte a unit. Slow and obviously right; private to this folder. */
#ifndef GD_KERNELS_REFERENCE_H
#define GD_KERNELS_REFERENCE_H

#include "kernels/backend.h"
#include "net/fold.h"

/* A channel slice in the arena. */
typedef struct gd_reference_view {
    double *values; /* borrowed; [channels, rows, cols] */
    int32_t channels, rows, cols;
} gd_reference_view;

/* dst (+)= kernel * src + bias. kernel [out, in, rows, cols], bias [out]; `threads` share the channels of
 * dst, as in all that follow. */
void gd_reference_conv(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                       const gd_filter_values *filter, int32_t threads);
/* dst (+)= transposed kernel * src. */
void gd_reference_conv_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                            const gd_filter_values *filter, int32_t threads);

/* winners: [dst.channels, dst.rows, dst.cols]; on the way back of src's extent. */
void gd_reference_max_pool(const gd_op *op, gd_reference_view src, gd_reference_view dst, uint8_t *winners,
                           int32_t threads);
void gd_reference_max_pool_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                                const uint8_t *winners, int32_t threads);
void gd_reference_avg_pool(const gd_op *op, gd_reference_view src, gd_reference_view dst, int32_t threads);
void gd_reference_avg_pool_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                                int32_t threads);

/* Units of a view, and of one of its channels. */
size_t gd_reference_plane(gd_reference_view view);
size_t gd_reference_units(gd_reference_view view);

void gd_reference_clear(gd_reference_view dst);
void gd_reference_seed(const gd_op *op, gd_reference_view dst);
void gd_reference_copy(const gd_op *op, gd_reference_view src, gd_reference_view dst);
/* window, gradient: [rows, cols, 3]. */
void gd_reference_input(const float *window, gd_reference_view dst);
void gd_reference_output(gd_reference_view src, float *gradient);
void gd_reference_relu(gd_reference_view dst);
/* bits: [channels, rows, cols] of dst, 1 where the result is above zero. */
void gd_reference_write_mask(gd_reference_view dst, uint8_t *bits);
void gd_reference_apply_mask(gd_reference_view dst, const uint8_t *bits);

/* The entries of gd_backend for the canvas. */
gd_status gd_reference_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols,
                               int64_t stride, double sums[2], gd_error *error) GD_CHECKED;
gd_status gd_reference_update(gd_device *device, float *canvas, const float *gradient, int64_t count,
                              float step, gd_error *error) GD_CHECKED;
gd_status gd_reference_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                                const float *source, gd_rect source_at, float *target, gd_rect target_at,
                                int64_t target_stride, gd_error *error) GD_CHECKED;

#endif
