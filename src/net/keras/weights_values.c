/* Refuses values that no trained network has. */
#include "net/keras/weights_values.h"

#include <math.h>

static const double value_max = 1e8, variance_max = 1e16;

gd_status gd_weights_check(const gd_values *what, const float *values, int64_t count, gd_error *error)
{
    const double most = what->variance ? variance_max : value_max;
    for (int64_t i = 0; i < count; i++) {
        const double value = (double)values[i];
        if (!isfinite(value))
            return gd_fail(error, GD_USAGE,
                           "the weights file %s is damaged: value %lld of %s is not a finite number.",
                           what->path, (long long)i, what->name);
        if (fabs(value) > most)
            return gd_fail(error, GD_USAGE,
                           "the weights file %s is damaged: value %lld of %s is %g, beyond %g, and no "
                           "trained network's.",
                           what->path, (long long)i, what->name, value, most);
        if (what->variance && value < 0)
            return gd_fail(error, GD_USAGE,
                           "the weights file %s is damaged: it holds a negative variance (%g in %s).",
                           what->path, value, what->name);
    }
    return GD_OK;
}
