/* Whether options agree with each other. */
#ifndef GD_OPTIONS_OPTION_CHECKS_H
#define GD_OPTIONS_OPTION_CHECKS_H

#include "options/flags.h"

/* GD_USAGE, with a sentence that names both, when two options contradict each other. given[GD_FLAG_COUNT]:
 * what this command says itself. */
gd_status gd_options_check(const gd_options *options, const bool *given, gd_error *error) GD_CHECKED;

#endif
