/* Convolutions of a tape that are matrix products: each unit of the result is a sum over the channels of one
 * unit, so that a library for products can compute them, on slices of channels too. */
#ifndef GD_NET_PRODUCTS_H
#define GD_NET_PRODUCTS_H

#include "net/tape.h"

#include <stdbool.h>

/* Masks that products write or apply themselves begin, for each unit of rows and columns, at multiples of so
 * many bits; what they write behind their last channel, up to the next multiple, is undefined. */
enum { GD_PRODUCT_BITS = 128 };

/* Whether the operation is a convolution, forward or backward, with a kernel of 1x1 and a stride of 1, whose
 * every result has a unit to be computed from. */
bool gd_op_is_product(const gd_tape *tape, const gd_op *op);

/* Whether the product `o` can write (forward) or apply (backward) its mask itself: it is that of all channels
 * of the result, begins at a multiple of GD_PRODUCT_BITS, and nobody has written yet what becomes undefined.
 */
bool gd_product_can_mask(const gd_tape *tape, int32_t o);

/* Channels that are stored of a tensor's masks: rounded up to GD_PRODUCT_BITS if a product can write or apply
 * them, else the tensor's. */
int32_t gd_product_mask_channels(const gd_tape *tape, int32_t tensor);

#endif
