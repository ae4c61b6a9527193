/* From a command line to options. */
#ifndef GD_OPTIONS_OPTIONS_PARSE_H
#define GD_OPTIONS_OPTIONS_PARSE_H

#include "options/flag_values.h"

/* Parses argv. Without -img_out the output is named after the input. A flag given twice counts as it was
 * given last; --help and --version end the reading. Everything that can be judged without files, ranks or the
 * terminal is checked here; GD_USAGE with one sentence otherwise. Layers missing or out of range are left to
 * the caller, --like to gd_like_parse. Not collective. */
gd_status gd_options_parse(int argc, char *const *argv, gd_options *options, gd_error *error) GD_CHECKED;

/* The same over options that hold already: what no flag names stays as it is. */
gd_status gd_options_parse_over(int argc, char *const *argv, gd_options *options, gd_error *error) GD_CHECKED;

/* The same as gd_options_parse, over options of which `given`, [GD_FLAG_COUNT], says what was given before.
 */
gd_status gd_options_parse_given(int argc, char *const *argv, gd_options *options, bool *given,
                                 gd_error *error) GD_CHECKED;

/* Reads flags and their values alone: nothing is completed, and what contradicts what is not judged. */
gd_status gd_options_parse_flags(int argc, char *const *argv, gd_options *options, bool *given,
                                 gd_error *error) GD_CHECKED;

/* Where the values of the flag at argv[at] end: the index of what follows them. */
int gd_options_next(int argc, char *const *argv, int at);

/* The action of --help or --version where either is among the words, else GD_ACTION_RENDER. */
gd_action gd_options_asked(int argc, char *const *argv);

#endif
