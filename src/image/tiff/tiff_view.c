/* Opens a TIFF through libtiff so that it sees a single page. */
#include "image/tiff/tiff_view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct handle {
    int fd;
    const gd_tiff_page_view *view;
    uint64_t at, bytes; /* of the file */
} handle;

static void lay_over(const gd_tiff_patch *patch, uint64_t at, uint8_t *to, uint64_t bytes)
{
    const uint64_t begin = patch->at > at ? patch->at : at;
    const uint64_t patch_end = patch->at + patch->bytes,
                   end = at + bytes < patch_end ? at + bytes : patch_end;
    if (begin < end)
        memcpy(to + (begin - at), patch->data + (begin - patch->at), (size_t)(end - begin));
}

static tmsize_t read_bytes(thandle_t file, void *to, tmsize_t bytes)
{
    handle *h = (handle *)file;
    uint64_t done = 0;
    while (done < (uint64_t)bytes) {
        const ssize_t count =
            pread(h->fd, (uint8_t *)to + done, (size_t)((uint64_t)bytes - done), (off_t)(h->at + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        done += (uint64_t)count;
    }
    lay_over(&h->view->head, h->at, to, done);
    lay_over(&h->view->directory, h->at, to, done);
    h->at += done;
    return (tmsize_t)done;
}

static tmsize_t write_nothing(thandle_t file, void *from, tmsize_t bytes)
{
    (void)file;
    (void)from;
    (void)bytes;
    return -1;
}

static toff_t seek(thandle_t file, toff_t offset, int whence)
{
    handle *h = (handle *)file;
    const uint64_t from = whence == SEEK_END ? h->bytes : whence == SEEK_CUR ? h->at : 0;
    if (from + offset > INT64_MAX)
        return (toff_t)-1;
    return h->at = from + offset;
}

static toff_t length(thandle_t file)
{
    return ((const handle *)file)->bytes;
}

static int close_handle(thandle_t file)
{
    free(file);
    return 0;
}

TIFF *gd_tiff_view_open(int fd, const gd_tiff_page_view *view, const char *path, TIFFOpenOptions *options)
{
    struct stat about;
    handle *h = fstat(fd, &about) == 0 ? malloc(sizeof *h) : NULL;
    if (!h)
        return NULL;
    *h = (handle){.fd = fd, .view = view, .bytes = (uint64_t)about.st_size};
    TIFF *tiff = TIFFClientOpenExt(path, "rm", h, read_bytes, write_nothing, seek, close_handle, length, NULL,
                                   NULL, options);
    if (!tiff)
        free(h);
    return tiff;
}
