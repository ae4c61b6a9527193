/* Values of options: types of readers and printers, and common ones. */
#ifndef GD_OPTIONS_VALUE_H
#define GD_OPTIONS_VALUE_H

#include "base/status.h"
#include "options/options.h"

#include <stddef.h>
#include <stdint.h>

/* Far above any possible render, and safe to multiply. */
enum { GD_SIDE_MAX = 100000000, GD_STEPS_MAX = 1000000 };

/* Stores `values` in `options`, or fails with a message. `flag` is the name as typed. */
typedef gd_status gd_value_reader(const char *flag, const char *const *values, gd_options *options,
                                  gd_error *error);

/* Prints an option's values in the syntax of a command line, unquoted; "" if not given. False if they do not
 * fit. */
typedef bool gd_value_printer(const gd_options *options, char *text, size_t bytes);

/* Parses all of `text` as a decimal number in [low, high]. */
gd_status gd_value_whole(const char *flag, const char *text, int64_t low, int64_t high, int64_t *value,
                         gd_error *error) GD_CHECKED;

/* The same from 0 to UINT64_MAX. */
gd_status gd_value_unsigned(const char *flag, const char *text, uint64_t *value, gd_error *error) GD_CHECKED;

/* Copies a name; fails if it is empty or too long. */
gd_status gd_value_path(const char *flag, const char *text, char path[GD_PATH_MAX],
                        gd_error *error) GD_CHECKED;

/* snprintf that returns whether the text fits. */
bool gd_value_print(char *text, size_t bytes, const char *format, ...) GD_PRINTF(3, 4);

#endif
