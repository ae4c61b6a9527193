/* Lock files, in the folder of the file that they protect. */
#ifndef GD_BASE_LEASE_LOCK_H
#define GD_BASE_LEASE_LOCK_H

#include "base/lease/lease_owner.h"
#include "base/target_name.h"

#include <sys/stat.h>

typedef enum gd_lock_state { GD_LOCK_NONE, GD_LOCK_FOUND, GD_LOCK_STRANGE } gd_lock_state;

/* Opens and reads the file under the lock's name; *about describes the same file. STRANGE: not a lock, or it
 * cannot be read. */
gd_lock_state gd_lock_read(int folder, const char *lock, gd_lease_owner *owner, struct stat *about);

/* A lock file under a unique name, with the owner's text, that is not in effect yet. */
typedef struct gd_lock_draft {
    int folder; /* borrowed */
    char name[GD_TARGET_NAME];
    bool made;         /* the file exists */
    struct stat about; /* after creation, with times of the file server's clock */
} gd_lock_draft;

/* Creates the draft of a lock for the file `of`. False with errno set. End it with gd_lock_draft_end. */
bool gd_lock_draft_make(int folder, const char *of, const gd_lease_owner *owner, gd_lock_draft *draft);

/* Removes the draft's file, if gd_lock_replace has not renamed it. */
void gd_lock_draft_end(gd_lock_draft *draft);

/* Links the owner's file `from`, which has one name, to `name`, which must not exist: exactly one of several
 * processes succeeds. False with errno set, EEXIST if `name` exists. On a file system without links, `name`
 * becomes a new file with the same text. */
bool gd_lock_link(int folder, const char *from, const gd_lease_owner *owner, const char *name);

/* Replaces the lock by the draft, with rename(2). False with errno set. */
bool gd_lock_replace(const gd_lock_draft *draft, const char *lock);

#endif
