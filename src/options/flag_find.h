/* Finds flags by name. */
#ifndef GD_OPTIONS_FLAG_FIND_H
#define GD_OPTIONS_FLAG_FIND_H

#include "options/flags.h"

/* The flag with this name (short or long, one dash or two, with or without "=..."), or -1. */
int gd_flag_find(const char *argument);

/* The flag with a name of `length` characters without dashes, or -1. */
int gd_flag_find_bare(const char *name, size_t length);

/* The name, with dashes, nearest to `argument`: one with it as prefix, else the one with the fewest typing
 * errors (Damerau 1964). */
void gd_flag_nearest(const char *argument, char name[GD_FLAG_NAME_MAX]);

#endif
