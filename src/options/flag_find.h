/* Flags by name. */
#ifndef GD_OPTIONS_FLAG_FIND_H
#define GD_OPTIONS_FLAG_FIND_H

#include "options/flags.h"

/* The flag of that name (short or long, one dash or two, "=..." behind it or not), or -1. */
int gd_flag_find(const char *argument);

/* The flag with that name, of so many characters and without dashes, or -1. */
int gd_flag_find_bare(const char *name, size_t length);

/* The name, with its dashes, that is nearest to `argument`: one that begins as it does, else the one with the
 * fewest typing errors (Damerau 1964). */
void gd_flag_nearest(const char *argument, char name[GD_FLAG_NAME_MAX]);

#endif
