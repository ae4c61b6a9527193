/* Files of flags: @FILE on a command line. */
#ifndef GD_OPTIONS_PARAMETER_FILE_H
#define GD_OPTIONS_PARAMETER_FILE_H

#include "options/argv_split.h"

/* The most that a file may have, and how deep files may name others. */
enum { GD_PARAMETER_FILE_MAX = 1 << 20, GD_PARAMETER_DEPTH = 8 };

/* The words of a command line with each @FILE, where a flag could stand, replaced by the flags in that file.
 * A line holds one flag with its values, or another @FILE; a # that begins a word begins a remark; quotes are
 * those of gd_argv_words_split, and end on their line. Names mean the folder where the program runs. GD_USAGE
 * names file and line. The caller frees *words, also after a failure. Not collective. */
gd_status gd_parameters_expand(int argc, char *const *argv, gd_argv_words *words, gd_error *error) GD_CHECKED;

#endif
