/* Reads the look from the first line of a log. */
#ifndef GD_OPTIONS_LOOK_LOG_H
#define GD_OPTIONS_LOOK_LOG_H

#include "options/look.h"

/* Reads the line: a JSON object whose members are flags or the facts that records/run_log.h lists. GD_USAGE
 * names any other member. */
gd_status gd_look_read_log(const gd_look *look, const char *line, gd_error *error) GD_CHECKED;

#endif
