/* Convolutions by plain loops; private to this folder. */
#ifndef GD_KERNELS_REFERENCE_CONVOLVE_H
#define GD_KERNELS_REFERENCE_CONVOLVE_H

#include "kernels/reference/view.h"
#include "net/fold.h"
#include "net/tape.h"

/* dst (+)= kernel * src + bias. kernel [out, in, rows, cols], bias [out]; `threads` share the channels of
 * dst, as in all that follow. */
void gd_reference_conv(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                       const gd_filter_values *filter, int32_t threads);
/* dst (+)= transposed kernel * src. */
void gd_reference_conv_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                            const gd_filter_values *filter, int32_t threads);

#endif
