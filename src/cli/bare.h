/* Commands that name no more than a picture: gigadream photo.jpg. */
#ifndef GD_CLI_BARE_H
#define GD_CLI_BARE_H

#include "options/options.h"

#include <stdio.h>

/* Prints the whole command that such a short one stands for; nothing after another, or with --quiet. */
void gd_bare_tell(const gd_options *options, FILE *out);

#endif
