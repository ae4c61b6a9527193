/* Readers of flags' values. Private to this folder. */
#ifndef GD_OPTIONS_VALUES_H
#define GD_OPTIONS_VALUES_H

#include "base/status.h"
#include "options/flags.h"
#include "options/options.h"

/* Stores the values of flag `id` in `options`, or says what is wrong with them. `flag` is its name as it was
 * typed; values[gd_flags[id].values]. Not for -ml, whose values gd_layers_read takes. */
gd_status gd_value_read(gd_flag_id id, const char *flag, const char *const *values, gd_options *options,
                        gd_error *error) GD_CHECKED;

#endif
