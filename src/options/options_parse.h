/* Parses a command line into options. */
#ifndef GD_OPTIONS_OPTIONS_PARSE_H
#define GD_OPTIONS_OPTIONS_PARSE_H

#include "options/flag_values.h"

/* Parses argv. Without -img_out, the output is named after the input. The last occurrence of a flag counts;
 * --help and --version stop parsing. Checks everything that does not depend on files, ranks or the terminal;
 * GD_USAGE with one sentence on errors. gd_prompt_layers handles missing or invalid layers, gd_like_parse
 * handles --like. Not collective. */
gd_status gd_options_parse(int argc, char *const *argv, gd_options *options, gd_error *error) GD_CHECKED;

/* The same on top of existing options: options without a flag keep their values. */
gd_status gd_options_parse_over(int argc, char *const *argv, gd_options *options, gd_error *error) GD_CHECKED;

/* Like gd_options_parse, on top of existing options; given[GD_FLAG_COUNT] marks flags given before. */
gd_status gd_options_parse_given(int argc, char *const *argv, gd_options *options, bool *given,
                                 gd_error *error) GD_CHECKED;

/* Reads only flags and their values, no input without -img, without completing options or checking
 * contradictions. */
gd_status gd_options_parse_flags(int argc, char *const *argv, gd_options *options, bool *given,
                                 gd_error *error) GD_CHECKED;

/* Index of the argument after the values of the flag at argv[at]. */
int gd_options_next(int argc, char *const *argv, int at);

/* The value of the last occurrence of a flag with one value, or NULL; the parser reports a missing one. */
const char *gd_options_last_value(int argc, char *const *argv, gd_flag_id id);

/* The action of --help or --version if either is given, else GD_ACTION_RENDER. */
gd_action gd_options_asked(int argc, char *const *argv);

#endif
