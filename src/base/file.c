/* Opens input files once, as regular files only, and identifies them by their descriptor. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *gd_file_kind_name(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISCHR(mode) || S_ISBLK(mode))
        return "a device";
    if (S_ISFIFO(mode))
        return "a pipe";
    if (S_ISSOCK(mode))
        return "a socket";
    return S_ISLNK(mode) ? "a link" : "a file";
}

/* Refuses an open descriptor that is not a regular file. */
static gd_status check_plain(int fd, const char *path, const char *remedy, gd_error *error)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return gd_fail(error, GD_USAGE, "%s: cannot be read: %s; %s", path, strerror(errno), remedy);
    if (!S_ISREG(about.st_mode))
        return gd_fail(error, GD_USAGE, "%s: is %s, not a file; %s", path, gd_file_kind_name(about.st_mode),
                       remedy);
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
        return gd_fail(error, GD_USAGE, "%s: cannot be read: %s; %s", path, strerror(errno), remedy);
    return GD_OK;
}

gd_status gd_file_open_input(const char *path, const char *remedy, int *fd, gd_error *error)
{
    *fd = -1;
    /* O_NONBLOCK: else opening a pipe without a writer would block. */
    const int opened = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (opened < 0 && errno == ENXIO)
        return gd_fail(error, GD_USAGE, "%s: is a socket, or a device that is not there; %s", path, remedy);
    if (opened < 0)
        return gd_fail(error, GD_USAGE, "%s: cannot be read: %s; %s", path, strerror(errno), remedy);
    const gd_status status = check_plain(opened, path, remedy, error);
    if (status != GD_OK) {
        close(opened);
        return status;
    }
    *fd = opened;
    return GD_OK;
}

FILE *gd_file_stream(int fd, const char *mode)
{
    const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    FILE *stream = own < 0 ? NULL : fdopen(own, mode);
    if (!stream && own >= 0)
        close(own);
    return stream;
}

gd_status gd_file_open_stream(const char *path, const char *remedy, FILE **file, gd_error *error)
{
    int fd = -1;
    *file = NULL;
    const gd_status status = gd_file_open_input(path, remedy, &fd, error);
    if (status != GD_OK)
        return status;
    *file = fdopen(fd, "r");
    if (*file)
        return GD_OK;
    close(fd);
    return gd_no_memory(error, "the content of %s", path);
}

bool gd_file_read_at(int fd, void *values, int64_t bytes, int64_t at)
{
    for (char *to = values; bytes > 0;) {
        const ssize_t got = pread(fd, to, (size_t)bytes, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got == 0 ? 0 : errno;
            return false;
        }
        to += got;
        at += got;
        bytes -= got;
    }
    return true;
}

gd_status gd_file_read_text(int fd, const char *name, const char *remedy, size_t max, char *text,
                            gd_error *error)
{
    size_t used = 0;
    for (ssize_t bytes = 1; bytes != 0 && used < max;) {
        bytes = read(fd, text + used, max - used);
        if (bytes < 0 && errno != EINTR)
            return gd_fail(error, GD_USAGE, "%s: cannot be read: %s; %s", name, strerror(errno), remedy);
        used += bytes > 0 ? (size_t)bytes : 0;
    }
    if (used == max)
        return gd_fail(error, GD_USAGE, "%s: it has %zu bytes or more, too many; %s", name, max, remedy);
    if (memchr(text, '\0', used))
        return gd_fail(error, GD_USAGE, "%s: it is not text: it has zero bytes; %s", name, remedy);
    text[used] = '\0';
    return GD_OK;
}

gd_status gd_file_identify(int fd, const char *path, gd_file_identity *identity, gd_error *error)
{
    struct stat about;
    memset(identity, 0, sizeof *identity);
    if (fstat(fd, &about) != 0)
        return gd_fail(error, GD_IO, "%s: cannot be asked about: %s; look at that disk", path,
                       strerror(errno));
    *identity = (gd_file_identity){.device = about.st_dev,
                                   .inode = about.st_ino,
                                   .bytes = about.st_size,
                                   .written_s = about.st_mtim.tv_sec,
                                   .written_ns = about.st_mtim.tv_nsec,
                                   .changed_s = about.st_ctim.tv_sec,
                                   .changed_ns = about.st_ctim.tv_nsec};
    return GD_OK;
}

bool gd_file_same(const gd_file_identity *a, const gd_file_identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
           a->written_s == b->written_s && a->written_ns == b->written_ns && a->changed_s == b->changed_s &&
           a->changed_ns == b->changed_ns;
}
