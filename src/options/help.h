/* Prints the output of --help and --version. */
#ifndef GD_OPTIONS_HELP_H
#define GD_OPTIONS_HELP_H

#include <stdio.h>

/* Prints usage, an example and all flags in groups. */
void gd_help_print(FILE *out);

/* Prints a short introduction with two examples, for a command without flags. */
void gd_help_print_short(FILE *out);

/* Prints one line: program and version. */
void gd_version_print(FILE *out);

#endif
