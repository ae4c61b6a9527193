#include "image/tiff_view.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct view {
    int fd; /* borrowed */
    uint64_t at;
} view;

static tmsize_t view_read(thandle_t handle, void *bytes, tmsize_t count)
{
    view *v = handle;
    tmsize_t done = 0;
    while (done < count) {
        const ssize_t got = pread(v->fd, (char *)bytes + done, (size_t)(count - done), (off_t)v->at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += got;
        v->at += (uint64_t)got;
    }
    return done;
}

static tmsize_t view_write(thandle_t handle, void *bytes, tmsize_t count)
{
    (void)handle;
    (void)bytes;
    (void)count;
    return -1;
}

static toff_t view_size(thandle_t handle)
{
    const view *v = handle;
    struct stat about;
    return fstat(v->fd, &about) == 0 ? (toff_t)about.st_size : 0;
}

static toff_t view_seek(thandle_t handle, toff_t offset, int whence)
{
    view *v = handle;
    const uint64_t base = whence == SEEK_CUR ? v->at : whence == SEEK_END ? view_size(handle) : 0;
    if (base + offset > INT64_MAX) {
        errno = EINVAL;
        return (toff_t)-1;
    }
    v->at = base + offset;
    return v->at;
}

static int view_close(thandle_t handle)
{
    free(handle);
    return 0;
}

TIFF *gd_tiff_view_open(int fd, const char *path, TIFFOpenOptions *options)
{
    view *v = malloc(sizeof *v);
    if (!v)
        return NULL;
    *v = (view){.fd = fd};
    TIFF *file = TIFFClientOpenExt(path, "rm", v, view_read, view_write, view_seek, view_close, view_size,
                                   NULL, NULL, options);
    if (!file)
        free(v);
    return file;
}
