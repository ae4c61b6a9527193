#include "image/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { JPEG_SIDE_MAX = 65500 };

struct gd_writer {
    char *path;    /* owned; as the user wrote it */
    char *target;  /* owned; what is renamed to: `path`, or the file that it links to */
    char *part;    /* owned; the temporary name */
    bool named;    /* it is there under that name */
    int fd;        /* owned; of the temporary file; -1: none */
    gd_sink *sink; /* owned */
    void *samples; /* owned; a row, [cols, 3] */
};

gd_status gd_sink_failed(const gd_sink *sink, gd_error *error)
{
    const char *remedy =
        sink->system_error == ENOSPC || sink->system_error == EDQUOT || sink->system_error == EFBIG
            ? "; make room, or write to another disk"
            : "";
    const char *cause = sink->system_error ? strerror(sink->system_error) : sink->cause;
    const bool tiled = sink->tiled_rows > 0;
    return gd_fail(error, GD_IO, "%s: cannot be written beyond row %lld of %lld: %s%s", sink->path,
                   (long long)(tiled ? sink->tiled_next : sink->next),
                   (long long)(tiled ? sink->tiled_rows : sink->rows), cause, remedy);
}

FILE *gd_sink_stream(int fd)
{
    int own = dup(fd);
    FILE *stream = own < 0 ? NULL : fdopen(own, "wb");
    if (!stream && own >= 0)
        close(own);
    return stream;
}

int gd_sink_spill(const char *beside)
{
    char *name = NULL;
    if (asprintf(&name, "%s.XXXXXX", beside) < 0) {
        errno = ENOMEM;
        return -1;
    }
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    free(name);
    return fd;
}

static gd_status check_format(const char *path, const gd_writer_options *options, gd_error *error)
{
    int64_t side = options->rows > options->cols ? options->rows : options->cols;
    if (options->rows < 1 || options->cols < 1 || side > GD_PICTURE_SIDE_MAX)
        return gd_fail(error, GD_USAGE, "%s: %lld x %lld pixels cannot be written; sides go from 1 to %d",
                       path, (long long)options->cols, (long long)options->rows, GD_PICTURE_SIDE_MAX);
    if (options->kind == GD_FILE_JPEG && side > JPEG_SIDE_MAX)
        return gd_fail(
            error, GD_USAGE,
            "%s: JPEG holds at most %d pixels a side, and the picture has %lld x %lld; name a .tif or "
            ".png instead",
            path, JPEG_SIDE_MAX, (long long)options->cols, (long long)options->rows);
    if (options->bits != 8 && (options->bits != 16 || options->kind == GD_FILE_JPEG))
        return gd_fail(error, GD_USAGE,
                       "%s: %d bits a channel cannot be written; TIFF and PNG hold 8 or 16, JPEG 8", path,
                       options->bits);
    return options->kind == GD_FILE_TIFF ? gd_tiff_check(path, options, error) : GD_OK;
}

/* The length of the folder's part of `path`, the last slash included; 0: no folder is named. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The folder that `path` lies in, or NULL without memory. Owned by the caller. */
static char *folder_of(const char *path)
{
    size_t length = folder_length(path);
    return length ? strndup(path, length) : strdup(".");
}

/* A link is followed, so that it stays one and its file is replaced. */
static char *target_of(const char *path)
{
    char *resolved = realpath(path, NULL);
    return resolved ? resolved : strdup(path);
}

static gd_status check_folder(const char *path, const char *folder, gd_error *error)
{
    struct stat about;
    if (stat(folder, &about) != 0 || !S_ISDIR(about.st_mode))
        return gd_fail(error, GD_USAGE, "%s: its folder %s does not exist; create it, or name another", path,
                       folder);
    if (access(folder, W_OK | X_OK) != 0)
        return gd_fail(error, GD_USAGE, "%s: its folder %s cannot be written to: %s; name another", path,
                       folder, strerror(errno));
    return GD_OK;
}

static gd_status check_target(const char *path, gd_error *error)
{
    struct stat about;
    const char *name = path + folder_length(path);
    if (!*name || strlen(name) > NAME_MAX)
        return gd_fail(error, GD_USAGE, "%s: is no name for a file; names have 1 to %d bytes", path,
                       NAME_MAX);
    if (stat(path, &about) != 0)
        return errno == ENOENT ? GD_OK
                               : gd_fail(error, GD_USAGE, "%s: cannot be written: %s", path, strerror(errno));
    if (S_ISREG(about.st_mode))
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s: is %s, and will not be replaced; name a file", path,
                   S_ISDIR(about.st_mode) ? "a folder" : "no ordinary file");
}

static gd_status check_space(const char *path, const char *folder, const gd_writer_options *options,
                             gd_error *error)
{
    const double mib = 1048576.0;
    struct statvfs disk;
    if (statvfs(folder, &disk) != 0)
        return gd_fail(error, GD_USAGE, "%s: the disk of %s cannot be asked for its room: %s", path, folder,
                       strerror(errno));
    double needed = gd_writer_disk_bytes(options) / mib;
    double room = (double)disk.f_bavail * (double)disk.f_frsize / mib;
    if (needed <= room)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "%s: may need %.0f MiB, and its disk has room for %.0f MiB; make room, or name another folder", path,
        ceil(needed), floor(room));
}

gd_status gd_writer_check(const char *path, const gd_writer_options *options, gd_error *error)
{
    gd_status status = check_format(path, options, error);
    if (status == GD_OK)
        status = check_target(path, error);
    if (status != GD_OK)
        return status;
    char *target = target_of(path), *folder = target ? folder_of(target) : NULL;
    if (folder)
        status = check_folder(path, folder, error);
    else
        status = gd_fail(error, GD_MEMORY, "%s: no memory for its name", path);
    if (status == GD_OK)
        status = check_space(path, folder, options, error);
    free(folder);
    free(target);
    return status;
}

/* A hidden name in the target's folder, so that a rename stays on one disk. Long names are cut to leave room.
 */
static char *part_of(const char *target)
{
    enum { KEPT = 200 };
    char *part = NULL;
    size_t folder = folder_length(target);
    int length = asprintf(&part, "%.*s.%.*s.gigadream-%ld.part", (int)folder, target, KEPT, target + folder,
                          (long)getpid());
    return length < 0 ? NULL : part;
}

/* A file that has no name while it is written, so that a process that dies leaves nothing; -1 where the file
 * system has no such files. */
static int open_nameless(const char *target)
{
    const size_t length = folder_length(target);
    char *folder = length ? strndup(target, length) : strdup(".");
    const int fd = folder ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666) : -1;
    free(folder);
    return fd;
}

static gd_status open_part(gd_writer *writer, gd_error *error)
{
    writer->part = part_of(writer->target);
    if (!writer->part)
        return gd_fail(error, GD_MEMORY, "%s: no memory for its name", writer->path);
    unlink(writer->part); /* left by a process of the same number that died */
    writer->fd = open_nameless(writer->target);
    if (writer->fd >= 0)
        return GD_OK;
    writer->fd = open(writer->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (writer->fd < 0)
        return gd_fail(error, GD_IO, "%s: cannot be written, since %s cannot be created: %s", writer->path,
                       writer->part, strerror(errno));
    writer->named = true;
    return GD_OK;
}

/* Gives a nameless file its temporary name (open(2), O_TMPFILE): a link cannot replace what is there, a
 * rename can. */
static gd_status name_part(gd_writer *writer, gd_error *error)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", writer->fd);
    if (!writer->named && linkat(AT_FDCWD, self, AT_FDCWD, writer->part, AT_SYMLINK_FOLLOW) != 0)
        return gd_fail(error, GD_IO, "%s: the whole picture cannot be named %s: %s", writer->path,
                       writer->part, strerror(errno));
    writer->named = true;
    return GD_OK;
}

static gd_status open_sink(gd_writer *writer, const gd_writer_options *options, gd_error *error)
{
    static gd_sink_open *const open_of[] = {
        [GD_FILE_TIFF] = gd_tiff_create, [GD_FILE_JPEG] = gd_jpeg_create, [GD_FILE_PNG] = gd_png_create};
    const gd_sink_place place = {.path = writer->path, .part = writer->part, .fd = writer->fd};
    gd_status status = open_of[options->kind](&place, options, &writer->sink, error);
    if (status != GD_OK)
        return status;
    const gd_sink *sink = writer->sink;
    writer->samples = malloc((size_t)sink->cols * 3 * (size_t)(sink->bits / 8) + 1);
    return writer->samples ? GD_OK
                           : gd_fail(error, GD_MEMORY, "%s: no memory for a row of %lld pixels", writer->path,
                                     (long long)sink->cols);
}

gd_status gd_writer_open(const char *path, const gd_writer_options *options, gd_writer **writer,
                         gd_error *error)
{
    *writer = NULL;
    gd_status status = check_format(path, options, error);
    if (status == GD_OK)
        status = check_target(path, error);
    if (status != GD_OK)
        return status;
    gd_writer *w = calloc(1, sizeof *w);
    if (!w)
        return gd_fail(error, GD_MEMORY, "%s: no memory to write it", path);
    *w = (gd_writer){.path = strdup(path), .target = target_of(path), .fd = -1};
    if (w->path && w->target)
        status = open_part(w, error);
    else
        status = gd_fail(error, GD_MEMORY, "%s: no memory for its name", path);
    if (status == GD_OK)
        status = open_sink(w, options, error);
    if (status != GD_OK) {
        gd_writer_abandon(w);
        return status;
    }
    *writer = w;
    return GD_OK;
}

/* To the nearest of 0 ... top; what is no number becomes 0. */
static double quantised(float value, double top)
{
    double scaled = ((double)value + 1.0) * (0.5 * top) + 0.5;
    return scaled >= top ? top : scaled > 0.0 ? scaled : 0.0;
}

void gd_picture_samples(const float *values, int64_t count, int32_t bits, void *samples)
{
    uint8_t *bytes = samples;
    uint16_t *words = samples;
    if (bits == 8) {
        for (int64_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)quantised(values[i], 255.0);
    } else {
        for (int64_t i = 0; i < count; i++)
            words[i] = (uint16_t)quantised(values[i], 65535.0);
    }
}

static gd_status write_row(gd_writer *writer, const void *samples, gd_error *error)
{
    gd_sink *sink = writer->sink;
    if (sink->next >= sink->rows)
        return gd_fail(error, GD_INTERNAL, "%s: row %lld of %lld was to be written", writer->path,
                       (long long)sink->next + 1, (long long)sink->rows);
    gd_status status = sink->class->row(sink, samples, error);
    if (status == GD_OK)
        sink->next++;
    return status;
}

gd_status gd_writer_rows(gd_writer *writer, int64_t count, const float *rgb, gd_error *error)
{
    const gd_sink *sink = writer->sink;
    gd_status status = GD_OK;
    for (int64_t i = 0; status == GD_OK && i < count; i++) {
        gd_picture_samples(rgb + i * sink->cols * 3, sink->cols * 3, sink->bits, writer->samples);
        status = write_row(writer, writer->samples, error);
    }
    return status;
}

gd_status gd_writer_samples(gd_writer *writer, int64_t count, const void *samples, gd_error *error)
{
    const gd_sink *sink = writer->sink;
    const char *row = samples;
    gd_status status = GD_OK;
    for (int64_t i = 0; status == GD_OK && i < count; i++, row += sink->cols * 3 * (sink->bits / 8))
        status = write_row(writer, row, error);
    return status;
}

gd_status gd_writer_tile(gd_writer *writer, int32_t page, int64_t number, const void *data, size_t bytes,
                         gd_error *error)
{
    return writer->sink->class->tile(writer->sink, page, number, data, bytes, error);
}

/* Makes the new name last, where the file system can promise that. */
static void sync_folder(const char *target)
{
    char *folder = folder_of(target);
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(folder);
    if (fd < 0)
        return;
    (void)fsync(fd); /* some file systems refuse; the picture is whole in any case */
    close(fd);
}

static gd_status finish(gd_writer *writer, gd_error *error)
{
    gd_sink *sink = writer->sink;
    if (sink->next != sink->rows)
        return gd_fail(error, GD_INTERNAL, "%s: only %lld of %lld rows were written", writer->path,
                       (long long)sink->next, (long long)sink->rows);
    gd_status status = sink->class->finish(sink, error);
    if (status != GD_OK)
        return status;
    status = name_part(writer, error);
    if (status != GD_OK)
        return status;
    int synced = fsync(writer->fd);
    sink->system_error = errno;
    int closed = close(writer->fd);
    writer->fd = -1;
    if (synced != 0 || closed != 0) {
        if (synced == 0)
            sink->system_error = errno;
        return gd_sink_failed(sink, error);
    }
    if (rename(writer->part, writer->target) != 0)
        return gd_fail(error, GD_IO, "%s: the whole picture cannot be given its name: %s", writer->path,
                       strerror(errno));
    writer->named = false;
    sync_folder(writer->target);
    return GD_OK;
}

gd_status gd_writer_finish(gd_writer *writer, gd_error *error)
{
    gd_status status = finish(writer, error);
    gd_writer_abandon(writer);
    return status;
}

void gd_writer_abandon(gd_writer *writer)
{
    if (!writer)
        return;
    if (writer->sink)
        writer->sink->class->close(writer->sink);
    if (writer->fd >= 0)
        close(writer->fd);
    if (writer->named)
        unlink(writer->part);
    free(writer->part);
    free(writer->samples);
    free(writer->path);
    free(writer->target);
    free(writer);
}
