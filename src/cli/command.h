/* Commands that are no render: the first argument is their name. They run in one process, without MPI. */
#ifndef GD_CLI_COMMAND_H
#define GD_CLI_COMMAND_H

#include "base/status.h"

/* Runs a command with the arguments after its name, and prints what it did. */
typedef gd_status gd_command(int argc, char *const *argv, gd_error *error);

/* The command that argv names; NULL: this is a render. */
gd_command *gd_command_find(int argc, char *const *argv);

#endif
