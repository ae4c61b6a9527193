/* Output files: created under a temporary name or none, and renamed when they are complete. */
#include "base/target.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LETTERS = 8, TRIES = 16 };

bool gd_target_stat(const gd_target *target, struct stat *about)
{
    return fstatat(target->folder, target->name, about, AT_SYMLINK_NOFOLLOW) == 0;
}

gd_status gd_target_open(const gd_target *target, const char *remedy, int *fd, gd_error *error)
{
    struct stat about;
    *fd = openat(target->folder, target->name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0 && errno == ENOENT)
        return GD_OK;
    if (*fd < 0)
        return gd_fail(error, GD_USAGE, "%s: cannot be read: %s; %s", target->path, strerror(errno), remedy);
    if (fstat(*fd, &about) == 0 && S_ISREG(about.st_mode))
        return GD_OK; /* O_NONBLOCK has no effect on it */
    close(*fd);
    *fd = -1;
    return gd_fail(error, GD_USAGE, "%s: is %s, not a file; %s", target->path,
                   gd_file_kind_name(about.st_mode), remedy);
}

static gd_target_seen seen_of(const struct stat *about)
{
    return (gd_target_seen){true, about->st_dev, about->st_ino, about->st_size, about->st_mtim};
}

gd_target_seen gd_target_snapshot(const gd_target *target)
{
    struct stat about;
    return gd_target_stat(target, &about) ? seen_of(&about) : (gd_target_seen){0};
}

bool gd_target_same(const gd_target_seen *a, const gd_target_seen *b)
{
    return a->there == b->there &&
           (!a->there ||
            (a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
             a->written.tv_sec == b->written.tv_sec && a->written.tv_nsec == b->written.tv_nsec));
}

void gd_target_guard(gd_target *target, gd_target_seen seen, gd_target_judge *judge)
{
    target->guarded = true;
    target->seen = seen;
    target->judge = judge;
}

/* A file that cannot be read may be somebody else's, and is not replaced. */
static bool is_allowed(const gd_target *target)
{
    int fd;
    if (!target->judge || gd_target_open(target, "", &fd, NULL) != GD_OK)
        return false;
    const bool allowed = fd < 0 || target->judge(fd);
    if (fd >= 0)
        close(fd);
    return allowed;
}

gd_status gd_target_unchanged(const gd_target *target, gd_error *error)
{
    const gd_target_seen now = gd_target_snapshot(target);
    if (!target->guarded || !now.there || gd_target_same(&target->seen, &now) || is_allowed(target))
        return GD_OK;
    return gd_fail(error, GD_IO,
                   "%.300s: cannot be renamed into place: another file of that name appeared since the "
                   "start, and is kept",
                   target->path);
}

/* Checks attributes that permissions do not show: immutable files, and files that are mount points. */
static gd_status check_flags(const gd_target *target, gd_error *error)
{
    struct statx about;
    const uint64_t fixed = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND;
    if (statx(target->folder, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &about) == 0 &&
        (about.stx_attributes & fixed))
        return gd_fail(error, GD_USAGE,
                       "%s: nothing in its folder can be renamed, since that is immutable or may only grow "
                       "(chattr); name another folder",
                       target->path);
    if (statx(target->folder, target->name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &about) != 0)
        return GD_OK;
    if (about.stx_attributes & fixed)
        return gd_fail(
            error, GD_USAGE,
            "%s: cannot be replaced, since it is immutable or may only grow (chattr); give another "
            "name",
            target->path);
#ifdef STATX_ATTR_MOUNT_ROOT
    if (about.stx_attributes & STATX_ATTR_MOUNT_ROOT)
        return gd_fail(error, GD_USAGE,
                       "%s: cannot be replaced, since something is mounted there; mount its folder instead, "
                       "or give another name",
                       target->path);
#endif
    return GD_OK;
}

static gd_status check_old(const gd_target *target, gd_error *error)
{
    struct stat about, folder;
    const uid_t me = geteuid();
    if (!gd_target_stat(target, &about))
        return errno == ENOENT ? GD_OK
                               : gd_fail(error, GD_USAGE, "%s: cannot be written: %s; give another name",
                                         target->path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return gd_fail(error, GD_USAGE, "%s: is %s, and will not be replaced; name a file", target->path,
                       gd_file_kind_name(about.st_mode));
    if (me != 0 && fstat(target->folder, &folder) == 0 && (folder.st_mode & S_ISVTX) && about.st_uid != me &&
        folder.st_uid != me)
        return gd_fail(error, GD_USAGE,
                       "%s: is another user's, who alone may replace it in that folder; give another name",
                       target->path);
    return GD_OK;
}

gd_status gd_target_check(const gd_target *target, gd_error *error)
{
    if (faccessat(target->folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return gd_fail(error, GD_USAGE, "%s: its folder cannot be written to: %s; name another", target->path,
                       strerror(errno));
    const gd_status status = check_old(target, error);
    return status == GD_OK ? check_flags(target, error) : status;
}

/* Whether an unnamed file can be given a name later: linkat needs /proc for it (open(2), O_TMPFILE). */
static bool can_be_named(int fd)
{
    char self[64];
    struct stat shown, own;
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return stat(self, &shown) == 0 && fstat(fd, &own) == 0 && shown.st_dev == own.st_dev &&
           shown.st_ino == own.st_ino;
}

static int open_nameless(const gd_target *target)
{
    const int fd = openat(target->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0 || can_be_named(fd))
        return fd;
    close(fd);
    return -1;
}

/* Chooses a unique temporary name. It begins with the lease's mark, so that the next owner can find and
 * remove it. */
static bool choose_part(gd_target *target, int attempt)
{
    char letters[LETTERS + 1], suffix[LETTERS + sizeof ".part"];
    if (attempt == 0 && target->lock.lease)
        snprintf(letters, sizeof letters, "%s", target->lock.mark);
    else if (!gd_target_random(letters, LETTERS))
        return false;
    snprintf(suffix, sizeof suffix, "%s.part", letters);
    gd_target_derive(target->name, suffix, target->part);
    return true;
}

static int open_named(gd_target *target)
{
    int fd = -1;
    errno = EEXIST;
    for (int i = 0; fd < 0 && errno == EEXIST && i < TRIES; i++) {
        if (!choose_part(target, i))
            return -1;
        fd = openat(target->folder, target->part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    }
    target->named = fd >= 0;
    return fd;
}

int gd_target_spill(const gd_target *target)
{
    char letters[LETTERS + 1], suffix[LETTERS + sizeof ".spill"], name[GD_TARGET_NAME];
    int fd = openat(target->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || !gd_target_random(letters, LETTERS))
        return fd;
    snprintf(suffix, sizeof suffix, "%s.spill", letters);
    gd_target_derive(target->name, suffix, name);
    fd = openat(target->folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0)
        (void)unlinkat(target->folder, name, 0);
    return fd;
}

/* Sets mode and owner of the file that will be replaced. If the group cannot be kept, group permissions are
 * reduced to those of others. */
static void take_mode(const gd_target *target)
{
    struct stat old;
    if (!gd_target_stat(target, &old) || !S_ISREG(old.st_mode))
        return;
    mode_t mode = old.st_mode & 0777;
    if (fchown(target->fd, (uid_t)-1, old.st_gid) != 0)
        mode = (mode & 0707) | (mode & 07) << 3;
    if (fchown(target->fd, old.st_uid, (gid_t)-1) == 0 || errno == EPERM)
        (void)fchmod(target->fd, mode); /* fails on a file system without modes, which is fine */
}

static gd_status ask(const gd_target *target, gd_error *error)
{
    const gd_target_lock *lock = &target->lock;
    return lock->lease ? lock->holds(lock->lease, target, error) : GD_OK;
}

gd_status gd_target_create(gd_target *target, bool named, gd_error *error)
{
    const gd_status status = ask(target, error);
    if (status != GD_OK)
        return status;
    target->named = false;
    target->part[0] = '\0';
    target->fd = named ? -1 : open_nameless(target);
    if (target->fd < 0)
        target->fd = open_named(target);
    if (target->fd < 0)
        return gd_fail(error, GD_IO, "%s: cannot be written, since no file can be made in its folder: %s",
                       target->path, strerror(errno));
    take_mode(target);
    return GD_OK;
}

bool gd_target_part_path(const gd_target *target, char *path, size_t bytes)
{
    const size_t folder = strlen(target->real) - strlen(target->name);
    const int length = snprintf(path, bytes, "%.*s%s", (int)folder, target->real, target->part);
    return length > 0 && (size_t)length < bytes;
}

static gd_status unwritten(const gd_target *target, gd_error *error)
{
    const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return gd_fail(error, GD_IO, "%s: cannot be brought to its disk: %s%s", target->path, strerror(errno),
                   full ? "; make room, or write to another disk" : "");
}

/* Links an unnamed file to its temporary name first, since a link cannot replace an existing file, but a
 * rename can. */
static gd_status name_part(gd_target *target, gd_error *error)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", target->fd);
    errno = EEXIST;
    for (int i = 0; !target->named && errno == EEXIST && i < TRIES; i++)
        target->named = choose_part(target, i) &&
                        linkat(AT_FDCWD, self, target->folder, target->part, AT_SYMLINK_FOLLOW) == 0;
    if (target->named)
        return GD_OK;
    return gd_fail(error, GD_IO, "%s: the whole file cannot be given a name: %s", target->path,
                   strerror(errno));
}

/* Renames the file into place. If that fails, keeps it under its temporary name, unless it is brief. */
static gd_status give_name(gd_target *target, gd_error *error)
{
    char part[4096];
    gd_error why;
    gd_status status = gd_target_unchanged(target, &why);
    if (status == GD_OK && renameat(target->folder, target->part, target->folder, target->name) != 0)
        status =
            gd_fail(&why, GD_IO, "%.300s: cannot be renamed into place: %s", target->path, strerror(errno));
    target->named = false;
    if (status == GD_OK)
        return GD_OK;
    if (target->brief) {
        (void)unlinkat(target->folder, target->part, 0);
        *error = why;
        return status;
    }
    if (!gd_target_part_path(target, part, sizeof part))
        snprintf(part, sizeof part, "%s", target->part);
    return gd_fail(error, status, "%.400s; the whole file is kept as %.500s", why.message, part);
}

gd_status gd_target_commit(gd_target *target, gd_error *error)
{
    if (fsync(target->fd) != 0)
        return unwritten(target, error);
    gd_status status = ask(target, error); /* as late as possible, since fsync may have taken long */
    if (status == GD_OK)
        status = name_part(target, error);
    if (status != GD_OK)
        return status;
    struct stat own;
    const bool known = fstat(target->fd, &own) == 0;
    const int closed = close(target->fd);
    target->fd = -1;
    if (closed != 0)
        return unwritten(target, error);
    status = give_name(target, error);
    if (status == GD_OK && known)
        target->seen = seen_of(&own);
    if (status == GD_OK)
        (void)fsync(
            target->folder); /* some file systems do not support it; the file is complete in any case */
    return status;
}

void gd_target_discard(gd_target *target)
{
    if (target->fd >= 0)
        close(target->fd);
    target->fd = -1;
    if (target->named && ask(target, NULL) == GD_OK)
        (void)unlinkat(target->folder, target->part, 0); /* a failure cannot be handled */
    target->named = false;
}

gd_status gd_target_remove(const gd_target *target, gd_error *error)
{
    const gd_status status = ask(target, error);
    if (status != GD_OK || unlinkat(target->folder, target->name, 0) == 0 || errno == ENOENT)
        return status;
    return gd_fail(error, GD_IO, "%s: cannot be removed: %s; remove it yourself", target->path,
                   strerror(errno));
}

void gd_target_release(gd_target *target)
{
    gd_target_discard(target);
    if (target->folder >= 0)
        close(target->folder);
    free(target->path);
    free(target->real);
    *target = GD_TARGET_NONE;
}
