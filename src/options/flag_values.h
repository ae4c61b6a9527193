/* The values of any flag: read, printed, set to their defaults, through its row of the table. */
#ifndef GD_OPTIONS_FLAG_VALUES_H
#define GD_OPTIONS_FLAG_VALUES_H

#include "options/flags.h"

/* What the flags are when none is given. */
void gd_options_default(gd_options *options);

/* Stores the values of a flag in `options`, or says what is wrong with them. `name` is the flag as it was
 * typed; values[gd_flag_values(flag)], of which those that were not given are NULL: none for -ml, the second
 * for -or auto, and that of a switch, which may be "on" or "off". */
gd_status gd_flag_read(const gd_flag *flag, const char *name, const char *const *values, gd_options *options,
                       gd_error *error) GD_CHECKED;

/* The values as a command line has them, unquoted: "on" for a switch or action that was given, "" for what is
 * not to be said. False when they do not fit. */
bool gd_flag_text(const gd_flag *flag, const gd_options *options, char *text, size_t bytes);

/* Whether a switch was given. */
bool gd_flag_is_on(const gd_flag *flag, const gd_options *options);

/* The word of an enumeration, also one that is never read: "auto", "fp64". */
const char *gd_flag_word(const gd_flag *flag, const gd_options *options);

/* The field of a row that has one. */
const void *gd_flag_field(const gd_flag *flag, const gd_options *options);

/* All fields of flags with any of these traits as in `from`. Not those of flags with several fields. */
void gd_flags_copy(const gd_options *from, unsigned traits, gd_options *options);

/* All fields of flags with any of these traits as if nothing had been given. */
void gd_flags_reset(gd_options *options, unsigned traits);

#endif
