/* The part of a rank's memory budget (--memory) for reading inputs: headers, profiles, tables, checkpoints.
 */
#ifndef GD_BASE_ALLOWANCE_H
#define GD_BASE_ALLOWANCE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct gd_allowance {
    uint64_t left;     /* bytes */
    uint64_t refused;  /* bytes of the first request that exceeded `left`; 0: none did */
    const char *limit; /* borrowed; the source of the budget, for messages; NULL: --memory */
} gd_allowance;

/* Reserves `bytes` before they are allocated. Returns false and reserves nothing if fewer are left: the
 * caller stops reading, and the function that opened the file calls gd_allowance_refuse. NULL allows
 * everything. */
bool gd_allowance_take(gd_allowance *allowance, uint64_t bytes);

/* Returns reserved bytes. `allowance` may be NULL. */
void gd_allowance_give(gd_allowance *allowance, uint64_t bytes);

/* Returns GD_USAGE: reading `what` ("the checkpoint x.h5") needs more than is left. The message names both
 * amounts and the limit. */
gd_status gd_allowance_refuse(const gd_allowance *allowance, const char *what, gd_error *error) GD_CHECKED;

#endif
