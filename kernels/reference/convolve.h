/* Convolutions by plain loops; private to this folder.
 *
 * `filter` has the kernel [out, in, rows, cols] and the bias [out]; kernel size, stride and padding are the
 * operation's, and op->accumulate adds to dst instead of overwriting it. ReLU and mask are not part of it
 * (pointwise.h). src and dst must not overlap. `threads` divide the channels of dst among them, so that the
 * result does not depend on their number. */
#ifndef GD_KERNELS_REFERENCE_CONVOLVE_H
#define GD_KERNELS_REFERENCE_CONVOLVE_H

#include "kernels/reference/view.h"
#include "net/fold.h"
#include "net/tape.h"

/* dst [out, ...] (+)= kernel * src [in, ...] + bias. */
void gd_reference_conv(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                       const gd_filter_values *filter, int32_t threads);
/* dst [in, ...] (+)= transposed kernel * src [out, ...]: the gradient of the input from that of the output.
 */
void gd_reference_conv_back(const gd_op *op, gd_reference_view src, gd_reference_view dst,
                            const gd_filter_values *filter, int32_t threads);

#endif
