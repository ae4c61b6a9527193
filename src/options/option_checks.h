/* Checks whether options contradict each other. */
#ifndef GD_OPTIONS_OPTION_CHECKS_H
#define GD_OPTIONS_OPTION_CHECKS_H

#include "options/flags.h"

/* The choice for an output that was not named. given[GD_FLAG_COUNT]: flags on this command line. */
gd_output_choice gd_options_output_choice(const gd_options *options, const bool *given);

/* GD_USAGE, naming both, if two options contradict each other. given[GD_FLAG_COUNT]: flags on this command
 * line. */
gd_status gd_options_check(const gd_options *options, const bool *given, gd_error *error) GD_CHECKED;

#endif
