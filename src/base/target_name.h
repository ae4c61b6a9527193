/* Names that are derived from that of a file, in its folder. */
#ifndef GD_BASE_TARGET_NAME_H
#define GD_BASE_TARGET_NAME_H

#include <stdbool.h>

enum { GD_TARGET_NAME = 256 };

/* ".NAME.gigadream-SUFFIX", hidden; of long names the end is replaced by a number that follows from it. */
void gd_target_derive(const char *name, const char *suffix, char derived[GD_TARGET_NAME]);

/* So many random letters of 0-9 and a-f, with an end; false: the system has none. */
bool gd_target_random(char *text, int letters);

#endif
