/* Arguments of the commands that are no render (gigadream web, gigadream log). */
#ifndef GD_CLI_ARGUMENTS_H
#define GD_CLI_ARGUMENTS_H

#include "base/status.h"

#include <stdbool.h>

/* A flag: "--quality" with a value, or "--overwrite" without one. */
typedef struct gd_argument_flag {
    const char *name;
    const char **value; /* receives the text that follows; NULL: the flag is a switch */
    bool *on;           /* receives true; used if `value` is NULL */
} gd_argument_flag;

/* Sorts argv into flags (VALUE follows, or =VALUE; flags[] ends with a name of NULL) and words, of which
 * there must be from `least` to `most`; the rest of words[most] is NULL. GD_USAGE names what is wrong, and
 * `usage`. */
gd_status gd_arguments_read(int argc, char *const *argv, const gd_argument_flag *flags, const char *usage,
                            const char **words, int least, int most, gd_error *error) GD_CHECKED;

#endif
