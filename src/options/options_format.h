/* Prints parameters as a command line. */
#ifndef GD_OPTIONS_OPTIONS_FORMAT_H
#define GD_OPTIONS_OPTIONS_FORMAT_H

#include "base/status.h"
#include "options/options.h"

#include <stddef.h>

enum { GD_OPTION_TEXT = GD_PATH_MAX + 32 }; /* the values of one option */

/* The command as given, without defaults, for users to paste. GD_USAGE if it does not fit. */
gd_status gd_options_command(const gd_options *options, char *text, size_t bytes) GD_CHECKED;

/* The same as a parameter file: one flag a line, each after a comment that explains it. It has all flags that
 * affect the pixels, and others that differ from their defaults, without permissions and flags for one run
 * (GD_FLAG_ONCE). gd_parameters_expand reads it back to the same options. GD_USAGE if it does not fit. */
gd_status gd_options_parameters(const gd_options *options, char *text, size_t bytes) GD_CHECKED;

/* A command that reproduces the picture: every parameter that affects its pixels, including defaults, because
 * these may change. It has neither the output's name nor the number of threads. `note` (for example weights
 * and versions; may be NULL) follows as a shell comment. GD_USAGE if it does not fit. */
gd_status gd_options_text(const gd_options *options, const char *note, char *text, size_t bytes) GD_CHECKED;

#endif
