/* Pools by plain loops; `threads` share the channels of dst; private to this folder. */
#ifndef GD_KERNELS_REFERENCE_POOL_H
#define GD_KERNELS_REFERENCE_POOL_H

#include "kernels/reference/view.h"
#include "net/tape.h"

/* winners: beside the units of dst; in the backward pass of src. */
void gd_reference_max_pool(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                           gd_reference_bytes winners, int32_t threads);
void gd_reference_max_pool_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                                gd_reference_bytes winners, int32_t threads);
void gd_reference_avg_pool(const gd_op *op, gd_reference_view src, gd_reference_view dst, int32_t threads);
void gd_reference_avg_pool_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                                int32_t threads);

#endif
