/* Who writes a file: a lock beside it, .NAME.gigadream-lock, that names its owner. It needs no locks of the
 * file system, so that it holds on NFS and Lustre too: it is made with link(2), and its owner renews its time
 * stamp from a thread as long as it lives. An owner of this host is judged by its process, one of another
 * host by that time stamp, beside that of a file that was just made there, and by whether it moves: never by
 * this host's time of day. One that is gone is replaced by exactly one other, and finds out before it writes
 * anything. Nothing here is collective; rank 0 owns. */
#ifndef GD_BASE_LEASE_LEASE_H
#define GD_BASE_LEASE_LEASE_H

#include "base/lease/lease_terms.h"
#include "base/status.h"
#include "base/target.h"

#include <stdint.h>

/* One owner of some files: a random token, and the thread that renews. The caller frees it. */
gd_status gd_lease_create(const gd_lease_terms *terms, gd_lease **lease, gd_error *error) GD_CHECKED;

/* Owns a target's name too, and sets target->lock. GD_USAGE when another owner is there, in a sentence that
 * names the file, its host, process and age, and the remedy. What a dead owner left under its temporary name
 * is removed. A name that this lease owns already is fine. */
gd_status gd_lease_take(gd_lease *lease, gd_target *target, gd_error *error) GD_CHECKED;

/* Owns the target's own name, whatever lock its siblings share, for one write that is short beside `gone`:
 * the lock is not renewed, and an owner that lives is refused at once. Give it back with gd_lease_return. */
gd_status gd_lease_borrow(gd_lease *lease, gd_target *target, gd_error *error) GD_CHECKED;

/* Gives back what was borrowed, when it was and still is; for GD_TARGET_NONE: nothing. Before the target's
 * release. */
void gd_lease_return(const gd_target *target);

/* GD_IO, with a sentence, when another owner took the target's name over, or its lock was removed: nothing
 * may be written, renamed or removed there any more. Reads the lock anew. */
gd_status gd_lease_holds(const gd_lease *lease, const gd_target *target, gd_error *error) GD_CHECKED;

/* Whose files ours are in the target's folder, as its server and this host tell: that of the lock, which was
 * just made there. False when there is none. */
bool gd_lease_user(const gd_target *target, uint32_t *user);

/* Removes the locks that are still this lease's, for a process that a signal is about to end: only calls that
 * a handler may make. A lock that was replaced is another file, and stays. */
void gd_lease_drop(const gd_lease *lease);

/* Ends the thread, gives the names back (those that are still owned), and frees it. NULL is fine. */
void gd_lease_free(gd_lease *lease);

#endif
