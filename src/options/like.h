/* --like FILE: a command line over the look of a picture or log. */
#ifndef GD_OPTIONS_LIKE_H
#define GD_OPTIONS_LIKE_H

#include "options/flags.h"

/* As gd_options_parse; where --like is given, the look of that file holds what no flag says, wherever the
 * flags stand. Weights are taken by their checksum, unless -m, -ml or --weights chooses others. GD_USAGE when
 * the file is none of ours, or says what is not understood. Reads the file. Not collective. */
gd_status gd_like_parse(int argc, char *const *argv, gd_options *options, gd_error *error) GD_CHECKED;

/* Reads the look of a file into options, and marks in given[GD_FLAG_COUNT] what was found. */
gd_status gd_like_read(const char *path, gd_options *options, bool *given, gd_error *error) GD_CHECKED;

#endif
