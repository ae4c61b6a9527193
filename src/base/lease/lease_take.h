/* Acquisition and release of one lock. */
#ifndef GD_BASE_LEASE_TAKE_H
#define GD_BASE_LEASE_TAKE_H

#include "base/lease/lease_owner.h"
#include "base/lease/lease_terms.h"
#include "base/status.h"
#include "base/target.h"

/* Knowledge from acquiring one name that shortens acquiring the next ones. */
typedef struct gd_lease_memory {
    double until;                  /* time when waiting ends, as gd_clock; 0: has not waited yet */
    char gone[GD_LEASE_TOKEN + 1]; /* token of an owner on another host that was found dead; "": none */
} gd_lease_memory;

/* Acquires the lock of the target's name for `owner`; fails as gd_lease_take does. */
gd_status gd_lease_acquire(const gd_lease_terms *terms, const gd_lease_owner *owner, gd_lease_memory *memory,
                           const gd_target *target, gd_error *error) GD_CHECKED;

/* Releases it, unless it has another owner. */
void gd_lease_release_name(const gd_lease_owner *owner, int folder, const char *name);

/* The name of the lock file for a file name. */
void gd_lease_lock_name(const char *name, char lock[GD_TARGET_NAME]);

#endif
