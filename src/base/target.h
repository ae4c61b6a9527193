/* A file that is written: its name is resolved once, to an open folder and a name in it that is no link, and
 * all that follows goes through that folder. What is written lies under a temporary name of its own until it
 * is whole. Nothing here is collective; rank 0 owns what is written. */
#ifndef GD_BASE_TARGET_H
#define GD_BASE_TARGET_H

#include "base/status.h"
#include "base/target_name.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

typedef struct gd_lease gd_lease;
typedef struct gd_target gd_target;

/* A file as it was seen under a name. */
typedef struct gd_target_seen {
    bool there; /* else there was none */
    dev_t device;
    ino_t inode;
    off_t bytes;
    struct timespec written;
} gd_target_seen;

/* Whether what `fd` shows was written by this program, and may be replaced. */
typedef bool gd_target_judge(int fd);

/* The lock that the target's name is owned by; gd_lease_take fills it in. */
typedef struct gd_target_lock {
    const gd_lease *lease; /* borrowed; NULL: the name is not locked, and `holds` and `mark` are unused */
    gd_status (*holds)(const gd_lease *lease, const gd_target *target, gd_error *error); /* gd_lease_holds */
    const char *mark; /* borrowed from the lease; letters that begin this owner's temporary names */
} gd_target_lock;

struct gd_target {
    char *path; /* owned; as it was given, for sentences */
    char *real; /* owned; its folder from the root on, "/", and `name` */
    int folder; /* owned; the open folder; -1: not resolved */
    char name[GD_TARGET_NAME];
    char owned[GD_TARGET_NAME]; /* the name whose lock stands for it: its own, or what names like it share */
    char part[GD_TARGET_NAME];  /* temporary name; "": none was chosen */
    int fd;                     /* owned; of the temporary file; -1: none */
    bool named;                 /* it is there under that name */
    bool brief;                 /* a file of a moment (a preview): not kept when its name is refused */
    bool guarded;               /* gd_target_guard: what is replaced is `seen`, or what `judge` allows */
    gd_target_seen seen;        /* what stood there at that time, or was put there by this target since */
    gd_target_judge *judge;     /* NULL: nothing else may be replaced */
    gd_target_lock lock;        /* checked before a file is created, renamed or removed */
};

/* A target that holds nothing: what gd_target_release may get at any time. */
#define GD_TARGET_NONE ((gd_target){.folder = -1, .fd = -1})

/* What a link under the name means: of a name that the user gave, the file that it points to, which need not
 * exist; of one that was derived, something that is not ours. */
typedef enum gd_target_links { GD_TARGET_FOLLOW, GD_TARGET_PLAIN } gd_target_links;

/* Closes and forgets everything; a temporary file that was not committed is removed. */
void gd_target_release(gd_target *target);

/* What stands under the name; false: nothing. */
bool gd_target_stat(const gd_target *target, struct stat *about);

/* Opens what stands under the name for reading, as gd_file_open_input does, without following a link; *fd is
 * -1 when there is nothing. */
gd_status gd_target_open(const gd_target *target, const char *remedy, int *fd, gd_error *error) GD_CHECKED;

/* GD_USAGE when a file could not be given this name after all: the folder cannot be written to, or what
 * stands there is no file, immutable, a mount, or another user's in a folder where only owners may remove.
 * Changes nothing. */
gd_status gd_target_check(const gd_target *target, gd_error *error) GD_CHECKED;

/* What stands under the name now. */
gd_target_seen gd_target_look(const gd_target *target);

/* Whether that is one file that did not change in between, or none both times. */
bool gd_target_same(const gd_target_seen *a, const gd_target_seen *b);

/* From now on only `seen`, what this target puts there itself, and what `judge` allows (NULL: nothing) is
 * replaced. */
void gd_target_guard(gd_target *target, gd_target_seen seen, gd_target_judge *judge);

/* GD_IO, with a sentence, when something else stands there by now; for a target without a guard: never. */
gd_status gd_target_unchanged(const gd_target *target, gd_error *error) GD_CHECKED;

/* Makes the temporary file, empty, to be read and written at target->fd: with the mode and, where possible,
 * the owner of the file that it will replace. It has no name where the system can give it one later, unless
 * `named` (others are to open it by gd_target_part_path). */
gd_status gd_target_create(gd_target *target, bool named, gd_error *error) GD_CHECKED;

/* A new file without a name on the target's disk, to read and write; -1 with errno set. */
int gd_target_spill(const gd_target *target);

/* The temporary file's whole name, from the root on. False when it is longer than `bytes` - 1. */
bool gd_target_part_path(const gd_target *target, char *path, size_t bytes);

/* Brings the temporary file to the disk, asks the lease, and gives it its name. Whatever happens, the name
 * stands for the old file or the whole new one; where the system refuses the name alone, or another's file
 * came under a guarded name, the new file is kept under its temporary name, which the sentence says, unless
 * it is brief. After another failure gd_target_discard, or release, removes it. Closes target->fd. */
gd_status gd_target_commit(gd_target *target, gd_error *error) GD_CHECKED;

/* Removes the temporary file; nothing of it is left, unless the lease is lost. */
void gd_target_discard(gd_target *target);

/* Asks the lease, and removes what stands under the name; that there is nothing is fine. */
gd_status gd_target_remove(const gd_target *target, gd_error *error) GD_CHECKED;

#endif
