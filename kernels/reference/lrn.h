/* Local response normalization by plain loops; private to this folder. */
#ifndef GD_KERNELS_REFERENCE_LRN_H
#define GD_KERNELS_REFERENCE_LRN_H

#include "kernels/reference/view.h"
#include "net/tape.h"

/* dst(y) = src(y - pad), normalized across all channels of the slice by op->lrn. */
void gd_reference_lrn(const gd_op *op, gd_reference_view src, gd_reference_view dst, int32_t threads);

/* dst(y) (+)= the gradient of what was read, from src, that of the result; kept is what was read. */
void gd_reference_lrn_back(const gd_op *op, gd_reference_view src, gd_reference_view kept,
                           gd_reference_view dst, int32_t threads);

#endif
