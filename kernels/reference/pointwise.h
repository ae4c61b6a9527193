/* Elementwise operations: seeds, copies, ReLU, masks, and conversion from and to the picture; private to this
 * folder. */
#ifndef GD_KERNELS_REFERENCE_POINTWISE_H
#define GD_KERNELS_REFERENCE_POINTWISE_H

#include "kernels/reference/view.h"
#include "net/tape.h"

/* Number of units of one channel of a view, and of the whole view. */
size_t gd_reference_plane(gd_reference_view view);
size_t gd_reference_units(gd_reference_view view);

/* dst = 0. */
void gd_reference_clear(gd_reference_view dst);
/* dst (+)= value, or value * src(y - op->pad_rows) if src has channels; adds if op->accumulate. The value is
 * op->value, or the channel's of the tape's factors. */
void gd_reference_seed(const gd_op *op, const double *factors, gd_reference_view src, gd_reference_view dst);
/* dst(y) (+)= src(y - op->pad_rows), and so the columns; adds if op->accumulate. */
void gd_reference_copy(const gd_op *op, gd_reference_view src, gd_reference_view dst);

/* dst(y) += src(y - op->pad_rows), and so the columns. */
void gd_reference_add(const gd_op *op, gd_reference_view src, gd_reference_view dst);

/* The window [rows, window_cols, 3] plus shift[3] to dst [3, rows, cols], and src [3, rows, cols] to the
 * gradient [rows, cols, 3]; op->pad_rows and pad_cols say where they lie in each other. */
void gd_reference_input(const gd_op *op, const float *window, int32_t window_cols, const double *shift,
                        gd_reference_view dst);
void gd_reference_output(const gd_op *op, gd_reference_view src, float *gradient, int32_t rows, int32_t cols);

/* dst = max(dst, 0). */
void gd_reference_relu(gd_reference_view dst);
/* Masks: bytes beside dst. Writing sets a byte to 1 where dst is above zero, else to 0; applying sets dst to
 * zero where the byte is 0. */
void gd_reference_write_mask(gd_reference_view dst, gd_reference_bytes bits);
void gd_reference_apply_mask(gd_reference_view dst, gd_reference_bytes bits);

/* The byte beside a unit of the values. */
uint8_t *gd_reference_byte(gd_reference_bytes bytes, int32_t channel, int32_t y, int32_t x);

#endif
