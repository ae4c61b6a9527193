/* Input range of a weights file: the values of black and white when its network was trained; private to net.
 */
#ifndef GD_NET_WEIGHTS_RANGE_H
#define GD_NET_WEIGHTS_RANGE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* The first convolution of a network: `taps` kernel positions, 3 colours. */
typedef struct gd_first_conv {
    float *kernel;         /* borrowed; [taps, 3, out] */
    float *mean;           /* borrowed; [out], of its batch norm */
    const float *variance; /* borrowed; [out] */
    int32_t taps, out;
} gd_first_conv;

/* What a file says about its range. A colour of x in [-1, 1] is scale * x + shift in it. */
typedef struct gd_weights_range {
    const char *path;   /* borrowed */
    const char *remedy; /* borrowed; how to state a range */
    bool stated;
    double scale[3], shift[3]; /* of red, green, blue */
} gd_weights_range;

/* Changes kernel and mean of the convolution so that it takes input in [-1, 1], or refuses the file
 * (GD_USAGE), by the rule in weights.h. */
gd_status gd_weights_settle_range(const gd_weights_range *range, const gd_first_conv *conv,
                                  gd_error *error) GD_CHECKED;

#endif
