/* gigadream web PICTURE FOLDER [INPUT]: a picture in tiles, for a browser. */
#ifndef GD_CLI_COMMAND_WEB_H
#define GD_CLI_COMMAND_WEB_H

#include "base/status.h"

/* Arguments after the command's name. Not collective, and without MPI. */
gd_status gd_command_web(int argc, char *const *argv, gd_error *error) GD_CHECKED;

#endif
