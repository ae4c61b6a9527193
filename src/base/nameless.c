/* Temporary files without a name, which disappear with the process. */
#include "base/nameless.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int open_nameless(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char *name = NULL;
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
        return fd;
    if (asprintf(&name, "%s/gigadream-scratch.XXXXXX", folder) < 0) {
        errno = ENOMEM;
        return -1;
    }
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(name);
    free(name);
    return fd;
}

static double free_bytes_of(int fd)
{
    struct statvfs disk;
    return fstatvfs(fd, &disk) == 0 ? (double)disk.f_bavail * (double)disk.f_frsize : -1;
}

/* Allocates the file's space; 0 or an errno value. Free space is checked first, since a file system may fill
 * up before it refuses. */
static int allocate(int fd, uint64_t bytes)
{
    const double left = free_bytes_of(fd);
    return left >= 0 && (double)bytes > left ? ENOSPC : posix_fallocate(fd, 0, (off_t)bytes);
}

static gd_status refuse(const char *folder, uint64_t bytes, const char *remedy, int fd, int cause,
                        gd_error *error)
{
    const double gib = 1024.0 * 1024.0 * 1024.0, left = free_bytes_of(fd);
    if ((cause == ENOSPC || cause == EDQUOT) && left >= 0)
        return gd_fail(error, GD_USAGE,
                       "%s: a scratch file of %.2f GiB does not fit, %.2f GiB are free; make room, name "
                       "another folder with --scratch, or %s",
                       folder, (double)bytes / gib, left / gib, remedy);
    return gd_fail(error, GD_USAGE,
                   "%s: a scratch file of %.2f GiB cannot be made there: %s; name another folder with "
                   "--scratch, or %s",
                   folder, (double)bytes / gib, strerror(cause), remedy);
}

gd_status gd_nameless_create(const char *folder, uint64_t bytes, const char *remedy, int *fd, gd_error *error)
{
    *fd = -1;
    const int made = open_nameless(folder);
    if (made < 0)
        return gd_fail(error, GD_USAGE,
                       "%s: no scratch file can be made there: %s; name another folder with "
                       "--scratch",
                       folder, strerror(errno));
    const int cause = allocate(made, bytes);
    if (cause != 0) {
        const gd_status status = refuse(folder, bytes, remedy, made, cause, error);
        close(made);
        return status;
    }
    *fd = made;
    return GD_OK;
}

gd_status gd_nameless_move(int fd, const char *folder, bool out, uint64_t at, void *data, size_t bytes,
                           gd_error *error)
{
    for (size_t done = 0; done < bytes;) {
        char *next = (char *)data + done;
        const off_t place = (off_t)(at + done);
        const ssize_t moved =
            out ? pwrite(fd, next, bytes - done, place) : pread(fd, next, bytes - done, place);
        if (moved < 0 && errno == EINTR)
            continue;
        if (moved <= 0)
            return gd_fail(error, GD_IO,
                           "%s: the scratch file cannot be %s: %s; look at that disk, or name "
                           "another folder with --scratch",
                           folder, out ? "written" : "read",
                           moved < 0 ? strerror(errno) : "it ends too early");
        done += (size_t)moved;
    }
    return GD_OK;
}
