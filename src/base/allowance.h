/* What reading inputs may take of a rank's memory budget (--memory): headers, profiles, tables, checkpoints.
 */
#ifndef GD_BASE_ALLOWANCE_H
#define GD_BASE_ALLOWANCE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct gd_allowance {
    uint64_t left;     /* bytes */
    uint64_t refused;  /* bytes of the first request that was more than was left; 0: there was none */
    const char *limit; /* borrowed; what sets the budget, for messages; NULL: --memory */
} gd_allowance;

/* Takes `bytes`, before they are allocated. False, with nothing taken, when fewer are left: the caller ends
 * its reading, and whoever opened the file calls gd_allowance_refuse. NULL allows everything. */
bool gd_allowance_take(gd_allowance *allowance, uint64_t bytes);

/* Gives back what was taken. NULL is fine. */
void gd_allowance_give(gd_allowance *allowance, uint64_t bytes);

/* GD_USAGE: reading `what` ("the checkpoint x.h5") takes more than is left; the message names both amounts
 * and the limit. */
gd_status gd_allowance_refuse(const gd_allowance *allowance, const char *what, gd_error *error) GD_CHECKED;

#endif
