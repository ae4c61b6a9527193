/* The files of a lock, in the folder of the file that it stands for. */
#ifndef GD_BASE_LEASE_LOCK_H
#define GD_BASE_LEASE_LOCK_H

#include "base/lease/lease_owner.h"
#include "base/target_name.h"

#include <sys/stat.h>

typedef enum gd_lock_state { GD_LOCK_NONE, GD_LOCK_FOUND, GD_LOCK_STRANGE } gd_lock_state;

/* What stands under the lock's name, opened anew; *about of that very file. STRANGE: no lock, or one that
 * cannot be read. */
gd_lock_state gd_lock_read(int folder, const char *lock, gd_lease_owner *owner, struct stat *about);

/* A lock in the making: a file that nobody else knows, with the owner's text. */
typedef struct gd_lock_draft {
    int folder; /* borrowed */
    char name[GD_TARGET_NAME];
    bool made;         /* it is there */
    struct stat about; /* as it was made: the file server's clock */
} gd_lock_draft;

/* False with errno set. The caller ends it with gd_lock_draft_end. */
bool gd_lock_draft_make(int folder, const char *of, const gd_lease_owner *owner, gd_lock_draft *draft);

/* Removes it; after gd_lock_replace that name is gone already. */
void gd_lock_draft_end(gd_lock_draft *draft);

/* Gives the owner's file `from`, which has one name, a second one that must not be there: true for one
 * process alone. False with errno set; EEXIST: it is there. Where the disk knows no links, the name becomes a
 * file of its own with the same text. */
bool gd_lock_link(int folder, const char *from, const gd_lease_owner *owner, const char *name);

/* Lets the draft replace the lock. False with errno set. */
bool gd_lock_replace(const gd_lock_draft *draft, const char *lock);

#endif
