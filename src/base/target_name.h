/* Names derived from a file's name, in the same folder. */
#ifndef GD_BASE_TARGET_NAME_H
#define GD_BASE_TARGET_NAME_H

#include <stdbool.h>

enum { GD_TARGET_NAME = 256 };

/* The hidden name ".NAME.gigadream-SUFFIX". The end of a long name is replaced by its hash. */
void gd_target_derive(const char *name, const char *suffix, char derived[GD_TARGET_NAME]);

/* Fills `text` with random hexadecimal digits and a terminator; false: the system has no random numbers. */
bool gd_target_random(char *text, int letters);

#endif
