/* Values of options: how one is read and printed, and what many of them share. */
#ifndef GD_OPTIONS_VALUE_H
#define GD_OPTIONS_VALUE_H

#include "base/status.h"
#include "options/options.h"

#include <stddef.h>
#include <stdint.h>

/* Far beyond what can be rendered, and safe to multiply. */
enum { GD_SIDE_MAX = 100000000, GD_STEPS_MAX = 1000000 };

/* Stores `values` in `options`, or says what is wrong with them. `flag` is its name as it was typed. */
typedef gd_status gd_value_reader(const char *flag, const char *const *values, gd_options *options,
                                  gd_error *error);

/* Prints an option's values as a command line has them, unquoted; "": there is nothing to say. False when
 * they do not fit. */
typedef bool gd_value_printer(const gd_options *options, char *text, size_t bytes);

/* The whole of `text` as a decimal number in [low, high]. */
gd_status gd_value_whole(const char *flag, const char *text, int64_t low, int64_t high, int64_t *value,
                         gd_error *error) GD_CHECKED;

/* The same from 0 to UINT64_MAX. */
gd_status gd_value_unsigned(const char *flag, const char *text, uint64_t *value, gd_error *error) GD_CHECKED;

/* A name that is not empty, and not too long. */
gd_status gd_value_path(const char *flag, const char *text, char path[GD_PATH_MAX],
                        gd_error *error) GD_CHECKED;

/* snprintf that tells whether the text fits. */
bool gd_value_print(char *text, size_t bytes, const char *format, ...) GD_PRINTF(3, 4);

#endif
