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
/* dst (+)= op->value; adds if op->accumulate. */
void gd_reference_seed(const gd_op *op, gd_reference_view dst);
/* dst (+)= src, of the same extent; adds if op->accumulate. */
void gd_reference_copy(const gd_op *op, gd_reference_view src, gd_reference_view dst);

/* The window [rows, cols, 3] to dst [3, rows, cols], and src [3, rows, cols] to the gradient [rows, cols, 3].
 */
void gd_reference_input(const float *window, gd_reference_view dst);
void gd_reference_output(gd_reference_view src, float *gradient);

/* dst = max(dst, 0). */
void gd_reference_relu(gd_reference_view dst);
/* Masks: bits [channels, rows, cols], of dst's extent. Writing sets a byte to 1 where dst is above zero, else
 * to 0; applying sets dst to zero where the byte is 0. */
void gd_reference_write_mask(gd_reference_view dst, uint8_t *bits);
void gd_reference_apply_mask(gd_reference_view dst, const uint8_t *bits);

#endif
