/* Reads GIGADREAM_DEADLINE. */
#include "mpi/deadline.h"

#include <math.h>
#include <stdlib.h>

gd_status gd_comm_deadline(double *seconds, gd_error *error)
{
    const char *text = getenv("GIGADREAM_DEADLINE");
    char *end = NULL;
    *seconds = 0;
    if (!text || !*text)
        return GD_OK;
    *seconds = strtod(text, &end);
    if (*end || !isfinite(*seconds) || *seconds <= 0)
        return gd_fail(error, GD_USAGE, "GIGADREAM_DEADLINE is \"%.100s\"; give seconds, more than 0", text);
    return GD_OK;
}
