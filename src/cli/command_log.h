/* gigadream log RUN.jsonl: what a render did, as a picture. */
#ifndef GD_CLI_COMMAND_LOG_H
#define GD_CLI_COMMAND_LOG_H

#include "base/status.h"

/* Arguments after the command's name. Not collective, and without MPI. */
gd_status gd_command_log(int argc, char *const *argv, gd_error *error) GD_CHECKED;

#endif
