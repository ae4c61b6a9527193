/* --like FILE: applies a command line on top of the look of a picture or log. */
#ifndef GD_OPTIONS_LIKE_H
#define GD_OPTIONS_LIKE_H

#include "options/flags.h"

/* Like gd_options_parse. With --like, options without a flag have the values of that file's look, in any
 * order of flags. Weights are identified by their checksum, unless -m, -ml or --weights selects others.
 * GD_USAGE if gigadream did not write the file, or if it has unknown flags. Reads the file. Not collective.
 */
gd_status gd_like_parse(int argc, char *const *argv, gd_options *options, gd_error *error) GD_CHECKED;

/* Reads the look of a file into `options`, and sets given[GD_FLAG_COUNT] for the flags found. */
gd_status gd_like_read(const char *path, gd_options *options, bool *given, gd_error *error) GD_CHECKED;

#endif
