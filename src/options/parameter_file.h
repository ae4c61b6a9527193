/* Parameter files: @FILE on a command line. */
#ifndef GD_OPTIONS_PARAMETER_FILE_H
#define GD_OPTIONS_PARAMETER_FILE_H

#include "options/argv_split.h"

/* Maximum bytes of a file, and maximum nesting. */
enum { GD_PARAMETER_FILE_MAX = 1 << 20, GD_PARAMETER_DEPTH = 8 };

/* Replaces each @FILE in the position of a flag by the flags in that file. A line has one flag with its
 * values, or another @FILE. A # at the start of a word starts a comment. Quotes are those of
 * gd_argv_words_split and must end on the same line. Relative paths refer to the current folder. GD_USAGE
 * names file and line. The caller frees *words, also after a failure. Not collective. */
gd_status gd_parameters_expand(int argc, char *const *argv, gd_argv_words *words, gd_error *error) GD_CHECKED;

#endif
