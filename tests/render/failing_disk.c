/* Loaded before the program (LD_PRELOAD): one call that writes to a checkpoint's temporary file fails.
 * $GD_FAIL is "CALL NUMBER ERRNO", such as "pwrite 2 28": the second call of pwrite, with ENOSPC. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int calls;

static bool is_checkpoint(int fd)
{
    char link[64], name[4096] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return readlink(link, name, sizeof name - 1) > 0 && strstr(name, "checkpoint.h5");
}

static bool fails(const char *call, bool concerned)
{
    const char *wish = getenv("GD_FAIL");
    char wanted[32];
    int number, cause;
    if (!wish || sscanf(wish, "%31s %d %d", wanted, &number, &cause) != 3 || strcmp(wanted, call) != 0 ||
        !concerned || atomic_fetch_add(&calls, 1) + 1 != number)
        return false;
    fprintf(stderr, "failed: %s\n", wish);
    errno = cause;
    return true;
}

#define NEXT(name, type) ((type)dlsym(RTLD_NEXT, name))

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    typedef ssize_t function(int, const void *, size_t, off_t);
    return fails("pwrite", is_checkpoint(fd)) ? -1 : NEXT("pwrite", function *)(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at)
{
    return pwrite(fd, bytes, count, at);
}

int ftruncate(int fd, off_t length)
{
    typedef int function(int, off_t);
    return fails("ftruncate", is_checkpoint(fd)) ? -1 : NEXT("ftruncate", function *)(fd, length);
}

int ftruncate64(int fd, off_t length)
{
    return ftruncate(fd, length);
}

int fallocate(int fd, int mode, off_t at, off_t length)
{
    typedef int function(int, int, off_t, off_t);
    return fails("fallocate", is_checkpoint(fd)) ? -1 : NEXT("fallocate", function *)(fd, mode, at, length);
}

int fallocate64(int fd, int mode, off_t at, off_t length)
{
    return fallocate(fd, mode, at, length);
}

int fsync(int fd)
{
    typedef int function(int);
    return fails("fsync", is_checkpoint(fd)) ? -1 : NEXT("fsync", function *)(fd);
}

int openat(int folder, const char *path, int flags, ...)
{
    typedef int function(int, const char *, int, ...);
    va_list more;
    va_start(more, flags);
    const int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, int) : 0;
    va_end(more);
    const bool made = (flags & O_CREAT) && strstr(path, "checkpoint.h5") && strstr(path, ".part");
    return fails("openat", made) ? -1 : NEXT("openat", function *)(folder, path, flags, mode);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    typedef int function(int, const char *, int, const char *);
    return fails("renameat", strstr(to, "checkpoint.h5"))
               ? -1
               : NEXT("renameat", function *)(from_folder, from, to_folder, to);
}
