/* Parameters as a command line. */
#ifndef GD_OPTIONS_OPTIONS_FORMAT_H
#define GD_OPTIONS_OPTIONS_FORMAT_H

#include "base/status.h"
#include "options/options.h"

#include <stddef.h>

enum { GD_OPTION_TEXT = GD_PATH_MAX + 32 }; /* the values of one option */

/* The command that was given, as far as it differs from the defaults, for people to paste. GD_USAGE when it
 * does not fit. */
gd_status gd_options_command(const gd_options *options, char *text, size_t bytes) GD_CHECKED;

/* The same as a file of flags, one a line, each behind a remark that explains it: those that differ from the
 * defaults, and all that have a say in the pixels. Not those of one run alone, and no permissions. Read again
 * by gd_parameters_expand, they give the same options. GD_USAGE when it does not fit. */
gd_status gd_options_parameters(const gd_options *options, char *text, size_t bytes) GD_CHECKED;

/* A command that makes the same picture again: every parameter that has a say in its pixels, defaults too, so
 * that it stays true when they change. Neither the output's name nor the number of threads is in it. `note`
 * (weights and versions, say; may be NULL) follows as a comment of the shell. GD_USAGE when it does not fit.
 */
gd_status gd_options_text(const gd_options *options, const char *note, char *text, size_t bytes) GD_CHECKED;

#endif
