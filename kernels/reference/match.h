/* Matching with a guide by plain loops; private to this folder. */
#ifndef GD_KERNELS_REFERENCE_MATCH_H
#define GD_KERNELS_REFERENCE_MATCH_H

#include "kernels/reference/view.h"
#include "net/tape.h"

/* GD_OP_MATCH (net/tape.h); products and their sums, in the order of the channels, are in float64. */
void gd_reference_match(const gd_op *op, const double *factors, gd_reference_view src, gd_reference_view dst,
                        int32_t threads);

#endif
