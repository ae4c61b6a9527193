/* Command lines for the tests of options. */
#ifndef GD_TESTS_COMMAND_LINE_H
#define GD_TESTS_COMMAND_LINE_H

#include "base/status.h"
#include "options/options.h"

/* Parses a command line without the program's name, split at blanks; '' stands for an empty argument. */
gd_status parse(const char *line, gd_options *options, gd_error *error);

/* The same; fails the test where it is refused. */
gd_options good(const char *line);

#endif
