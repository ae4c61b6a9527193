/* Commands that name no more than a picture: gigadream photo.jpg. */
#ifndef GD_CLI_BARE_H
#define GD_CLI_BARE_H

#include "options/options.h"

#include <stdio.h>

/* If the input was named without -img and no output was named: takes the first of PICTURE_dream.tif,
 * PICTURE_dream_2.tif, ... that does not exist, so that nothing is replaced. Not collective. */
void gd_bare_output(gd_options *options);

/* Prints the whole command that such a short one stands for; nothing after another, or with --quiet. */
void gd_bare_tell(const gd_options *options, FILE *out);

#endif
