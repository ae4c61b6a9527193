/* What --help and --version print. */
#ifndef GD_OPTIONS_HELP_H
#define GD_OPTIONS_HELP_H

#include <stdio.h>

/* Prints usage, an example and all flags in groups. */
void gd_help_print(FILE *out);

/* Prints ten lines for those who gave no flags: what it does, and two examples. */
void gd_help_print_short(FILE *out);

/* Prints one line: program and version. */
void gd_version_print(FILE *out);

#endif
