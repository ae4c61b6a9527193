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
/* window, gradient: [rows, cols, 3]. */
void gd_reference_input(const float *window, gd_reference_view dst);
void gd_reference_output(gd_reference_view src, float *gradient);
void gd_reference_relu(gd_reference_view dst);
/* bits: [channels, rows, cols] of dst, 1 where the result is above zero. */
void gd_reference_write_mask(gd_reference_view dst, uint8_t *bits);
void gd_reference_apply_mask(gd_reference_view dst, const uint8_t *bits);

#endif
