/* How a lock's name becomes one owner's. */
#ifndef GD_BASE_LEASE_TAKE_H
#define GD_BASE_LEASE_TAKE_H

#include "base/lease/lease_owner.h"
#include "base/lease/lease_terms.h"
#include "base/status.h"
#include "base/target.h"

/* What one name taught about the next ones. */
typedef struct gd_lease_memory {
    double until;                  /* end of patience, of gd_clock; 0: it has not been needed yet */
    char gone[GD_LEASE_TOKEN + 1]; /* an owner elsewhere that was found to be gone; "": none */
} gd_lease_memory;

/* Makes `owner` the owner of the target's name, or refuses as gd_lease_take does. */
gd_status gd_lease_win(const gd_lease_terms *terms, const gd_lease_owner *owner, gd_lease_memory *memory,
                       const gd_target *target, gd_error *error) GD_CHECKED;

/* Gives it back, unless it is another's by now. */
void gd_lease_yield(const gd_lease_owner *owner, int folder, const char *name);

/* The lock of a file's name. */
void gd_lease_lock_name(const char *name, char lock[GD_TARGET_NAME]);

#endif
