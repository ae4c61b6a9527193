/* The look in the first line of a log. */
#ifndef GD_OPTIONS_LOOK_LOG_H
#define GD_OPTIONS_LOOK_LOG_H

#include "options/look.h"

/* Reads that line: a JSON object, of which each member is a flag or one of the facts that records/run_log.h
 * writes beside them. GD_USAGE, by name, for any other. */
gd_status gd_look_read_log(const gd_look *look, const char *line, gd_error *error) GD_CHECKED;

#endif
