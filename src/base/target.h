/* Output files. A name is resolved once to an open folder and a name in it that is not a link; all later
 * operations use that folder. The data is written under a temporary name until it is complete. No function
 * here is collective; rank 0 owns output files. */
#ifndef GD_BASE_TARGET_H
#define GD_BASE_TARGET_H

#include "base/status.h"
#include "base/target_name.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

typedef struct gd_lease gd_lease;
typedef struct gd_target gd_target;

/* Snapshot of the file under a name. */
typedef struct gd_target_seen {
    bool there; /* the file existed */
    dev_t device;
    ino_t inode;
    off_t bytes;
    struct timespec written;
} gd_target_seen;

/* Whether the file of `fd` was written by this program and may be replaced. */
typedef bool gd_target_judge(int fd);

/* The lock on the target's name; filled by gd_lease_take. */
typedef struct gd_target_lock {
    const gd_lease *lease; /* borrowed; NULL: not locked, `holds` and `mark` are unused */
    gd_status (*holds)(const gd_lease *lease, const gd_target *target, gd_error *error); /* gd_lease_holds */
    const char *mark; /* borrowed from the lease; prefix of this owner's temporary names */
} gd_target_lock;

struct gd_target {
    char *path; /* owned; as given, for messages */
    char *real; /* owned; absolute path: its folder, "/", and `name` */
    int folder; /* owned; the open folder; -1: not resolved */
    char name[GD_TARGET_NAME];
    char owned[GD_TARGET_NAME]; /* the name whose lock covers this one: its own, or one shared with its
                                   siblings */
    char part[GD_TARGET_NAME];  /* temporary name; "": none yet */
    int fd;                     /* owned; of the temporary file; -1: none */
    bool named;                 /* the temporary file has its temporary name */
    bool brief;                 /* short-lived (a preview): not kept if the rename fails */
    bool guarded;               /* gd_target_guard: only `seen` or a file that `judge` allows is replaced */
    gd_target_seen seen;        /* the file at that time, or the last one that this target wrote */
    gd_target_judge *judge;     /* NULL: no other file may be replaced */
    gd_target_lock lock;        /* checked before a file is created, renamed or removed */
};

/* An empty target; gd_target_release accepts it. */
#define GD_TARGET_NONE ((gd_target){.folder = -1, .fd = -1})

/* Treatment of a link under the name. FOLLOW, for names given by the user: use the file that it points to,
 * which need not exist. PLAIN, for derived names: refuse it. */
typedef enum gd_target_links { GD_TARGET_FOLLOW, GD_TARGET_PLAIN } gd_target_links;

/* Closes the target; removes a temporary file that was not committed. */
void gd_target_release(gd_target *target);

/* Stats the file under the name; false: there is none. */
bool gd_target_stat(const gd_target *target, struct stat *about);

/* Opens the file under the name for reading, as gd_file_open_input, without following a link; *fd is -1 if
 * there is none. */
gd_status gd_target_open(const gd_target *target, const char *remedy, int *fd, gd_error *error) GD_CHECKED;

/* GD_USAGE if a rename to this name would fail: the folder is not writable, or the existing entry is not a
 * file, is immutable, is a mount point, or belongs to another user in a folder where only owners may remove
 * files. Changes nothing. */
gd_status gd_target_check(const gd_target *target, gd_error *error) GD_CHECKED;

/* A snapshot of the file under the name. */
gd_target_seen gd_target_snapshot(const gd_target *target);

/* Whether both snapshots show the same unchanged file, or no file. */
bool gd_target_same(const gd_target_seen *a, const gd_target_seen *b);

/* From now on the target replaces only `seen`, files that it wrote itself, and files that `judge` allows
 * (NULL: none). */
void gd_target_guard(gd_target *target, gd_target_seen seen, gd_target_judge *judge);

/* GD_IO, with a message, if another file is there now. GD_OK for a target without a guard. */
gd_status gd_target_unchanged(const gd_target *target, gd_error *error) GD_CHECKED;

/* Creates the empty temporary file, open for reading and writing as target->fd, with the mode and, where
 * possible, the owner of the file that it will replace. It has no name if the system can name it later,
 * unless `named` (other ranks open it by gd_target_part_path). */
gd_status gd_target_create(gd_target *target, bool named, gd_error *error) GD_CHECKED;

/* Creates an unnamed file on the target's disk, for reading and writing; -1 with errno set on failure. */
int gd_target_spill(const gd_target *target);

/* The absolute path of the temporary file. False if it is longer than `bytes` - 1. */
bool gd_target_part_path(const gd_target *target, char *path, size_t bytes);

/* Syncs the temporary file, checks the lease, and renames it into place. After any failure the name is the
 * old file or the complete new one. If only the rename fails, or another file appeared under a guarded name,
 * the new file is kept under its temporary name, unless it is brief; the message gives that name. After other
 * failures gd_target_discard or gd_target_release removes it. Closes target->fd. */
gd_status gd_target_commit(gd_target *target, gd_error *error) GD_CHECKED;

/* Removes the temporary file, unless the lease is lost. */
void gd_target_discard(gd_target *target);

/* Checks the lease and removes the file under the name, if there is one. */
gd_status gd_target_remove(const gd_target *target, gd_error *error) GD_CHECKED;

#endif
