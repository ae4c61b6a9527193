/* The sub-command that blends finished pictures: gigadream blend DREAM INPUT --strength X -img_out Y. */
#ifndef GD_CLI_BLEND_H
#define GD_CLI_BLEND_H

#include "base/status.h"
#include "files/claims.h"

#include <stdbool.h>

/* Whether the command line is one of `gigadream blend`. */
bool gd_blend_asked(int argc, char *const *argv);

/* Carries it out on this process alone. GD_USAGE for a wrong command line, or as gd_blend_files. Not
 * collective, and needs no MPI. */
gd_status gd_blend_command(int argc, char *const *argv, gd_claims *claims, gd_error *error) GD_CHECKED;

#endif
