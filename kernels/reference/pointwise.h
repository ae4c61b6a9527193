/* Functions of single units: seeds, copies, ReLU, masks, the picture; private to this folder. */
#ifndef GD_KERNELS_REFERENCE_POINTWISE_H
#define GD_KERNELS_REFERENCE_POINTWISE_H

#include "kernels/reference/view.h"
#include "net/tape.h"

/* Units of a view, and of one of its channels. */
size_t gd_reference_plane(gd_reference_view view);
size_t gd_reference_units(gd_reference_view view);

void gd_reference_clear(gd_reference_view dst);
void gd_reference_seed(const gd_op *op, gd_reference_view dst);
void gd_reference_copy(const gd_op *op, gd_reference_view src, gd_reference_view dst);
/* window: [rows, window_cols, 3]. */
void gd_reference_input(const gd_op *op, const float *window, int32_t window_cols, gd_reference_view dst);
/* gradient: [rows, cols, 3]. */
void gd_reference_output(const gd_op *op, gd_reference_view src, float *gradient, int32_t rows, int32_t cols);
void gd_reference_relu(gd_reference_view dst);
/* Bits are 1 where the result is above zero. */
void gd_reference_write_mask(gd_reference_view dst, gd_reference_bytes bits);
void gd_reference_apply_mask(gd_reference_view dst, gd_reference_bytes bits);

/* The byte beside a unit of the values. */
uint8_t *gd_reference_byte(gd_reference_bytes bytes, int32_t channel, int32_t y, int32_t x);

#endif
