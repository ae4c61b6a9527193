/* Pools by plain loops; private to this folder.
 *
 * Forward, src is the input and dst the output; backward, src is the output's gradient and dst the input's,
 * and op->accumulate adds to dst instead of overwriting it. src and dst have as many channels and must not
 * overlap. `threads` divide the channels among them, so that the result does not depend on their number. */
#ifndef GD_KERNELS_REFERENCE_POOL_H
#define GD_KERNELS_REFERENCE_POOL_H

#include "kernels/reference/view.h"
#include "net/tape.h"

/* 3x3 pixels, op->stride; those beyond src are padding, which never wins. winners lie beside the units of
 * dst, in the backward pass of src: the forward pass writes the index 0..8 (row-major) of the first maximum,
 * the backward pass adds src there. */
void gd_reference_max_pool(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                           gd_reference_bytes winners, int32_t threads);
void gd_reference_max_pool_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                                gd_reference_bytes winners, int32_t threads);
/* 3x3 pixels, stride 1, same padding; the mean is over the units of the whole window only. */
void gd_reference_avg_pool(const gd_op *op, gd_reference_view src, gd_reference_view dst, int32_t threads);
void gd_reference_avg_pool_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                                int32_t threads);

#endif
