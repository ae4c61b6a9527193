/* Checks of the values of weights; private to net. */
#ifndef GD_NET_WEIGHTS_VALUES_H
#define GD_NET_WEIGHTS_VALUES_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* An array of a file, for messages. */
typedef struct gd_values {
    const char *path, *name; /* borrowed */
    bool variance;
} gd_values;

/* Refuses values that no trained network has: not finite, beyond 1e8 (1e16 for a variance), where layers
 * overflow, or a negative variance. GD_USAGE names the array. */
gd_status gd_weights_check(const gd_values *what, const float *values, int64_t count,
                           gd_error *error) GD_CHECKED;

#endif
