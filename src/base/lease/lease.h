/* Ownership of output files by lock files: .NAME.gigadream-lock in the same folder names the owner of NAME.
 *
 * It does not use locks of the file system, so that it also works on NFS and Lustre: a lock is created with
 * link(2), and a thread of its owner renews its time stamp. Whether an owner is alive is decided by its
 * process if it is on this host, else by the lock's time stamp: compared with that of a file that was just
 * created in the same folder, and by whether it changes; never by this host's clock. Exactly one process
 * replaces the lock of a dead owner, which, if it is alive after all, finds out before it writes anything. No
 * function here is collective; rank 0 owns the files. */
#ifndef GD_BASE_LEASE_LEASE_H
#define GD_BASE_LEASE_LEASE_H

#include "base/lease/lease_terms.h"
#include "base/status.h"
#include "base/target.h"

#include <stdint.h>

/* Creates an owner without files: a random token, and the thread that renews its locks. The caller frees it.
 */
gd_status gd_lease_create(const gd_lease_terms *terms, gd_lease **lease, gd_error *error) GD_CHECKED;

/* Takes ownership of a target's name, and sets target->lock. GD_USAGE, with file, host, process, age and the
 * remedy, if there is another owner. Removes the temporary file that a dead owner left. Does nothing if this
 * lease owns the name already. */
gd_status gd_lease_take(gd_lease *lease, gd_target *target, gd_error *error) GD_CHECKED;

/* Takes ownership of the target's own name (not of the lock that it shares with others) for one write that is
 * much shorter than terms->gone: the lock is not renewed, and it fails at once if an owner is alive. End it
 * with gd_lease_return. */
gd_status gd_lease_borrow(gd_lease *lease, gd_target *target, gd_error *error) GD_CHECKED;

/* Returns a borrowed name, if it is still owned; does nothing for GD_TARGET_NONE. Call it before
 * gd_target_release. */
void gd_lease_return(const gd_target *target);

/* Reads the lock again. GD_IO if it was removed or has another owner: then nothing may be written, renamed or
 * removed under the target's name. */
gd_status gd_lease_holds(const gd_lease *lease, const gd_target *target, gd_error *error) GD_CHECKED;

/* *user: the owner (uid) that the file server gives to files created in the target's folder, which is that of
 * the lock. False if there is no lock. */
bool gd_lease_user(const gd_target *target, uint32_t *user);

/* Removes the locks that this lease still owns, before a signal ends the process. Async-signal-safe. Locks
 * that were replaced are not removed. */
void gd_lease_release_in_signal(const gd_lease *lease);

/* Ends the thread, returns all names that are still owned, and frees the lease. NULL is fine. */
void gd_lease_free(gd_lease *lease);

#endif
