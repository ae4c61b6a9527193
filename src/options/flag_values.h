/* Reads, prints and resets the values of any flag through its row in the table. */
#ifndef GD_OPTIONS_FLAG_VALUES_H
#define GD_OPTIONS_FLAG_VALUES_H

#include "options/flags.h"

/* Sets all options to their defaults. */
void gd_options_default(gd_options *options);

/* Stores the values of a flag in `options`, or fails with a message. `name` is the flag as typed.
 * values[gd_flag_values(flag)] are NULL where not given: -ml without values, the second of -or auto, and a
 * switch's, else "on" or "off". */
gd_status gd_flag_read(const gd_flag *flag, const char *name, const char *const *values, gd_options *options,
                       gd_error *error) GD_CHECKED;

/* The values in the syntax of a command line, unquoted: "on" for a switch or action that was given, "" for
 * values that are not printed. False if they do not fit. */
bool gd_flag_text(const gd_flag *flag, const gd_options *options, char *text, size_t bytes);

/* Whether a switch differs from its default. */
bool gd_flag_is_on(const gd_flag *flag, const gd_options *options);

/* The word of an enumeration value, also a derived one such as "fp64". */
const char *gd_flag_choice_name(const gd_flag *flag, const gd_options *options);

/* The field of a flag in `options`, if its row has one. */
const void *gd_flag_field(const gd_flag *flag, const gd_options *options);

/* Copies the fields of flags with any of these traits from `from`, except flags with several fields. */
void gd_flags_copy(const gd_options *from, unsigned traits, gd_options *options);

/* Resets the fields of flags with any of these traits to their defaults. */
void gd_flags_reset(gd_options *options, unsigned traits);

#endif
