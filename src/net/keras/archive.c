/* Finds a file in a zip archive by its directory, and inflates it. */
#include "net/keras/archive.h"

#include "base/file.h"
#include "base/minmax.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

enum {
    END_BYTES = 22,   /* of the record at the archive's end, without its comment */
    ENTRY_BYTES = 46, /* of a directory's entry, without its names */
    HEADER_BYTES = 30 /* of what precedes a file, without its names */
};
/* Keras' archives have three files, PyTorch's some hundreds. */
static const uint64_t directory_max = UINT64_C(1) << 20;
/* Deflate's greatest ratio (zlib's "Technical Details"). */
static const uint64_t ratio_max = 1032;

static uint32_t u16(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t u32(const uint8_t *at)
{
    return u16(at) | u16(at + 2) << 16;
}

static bool read_at(const gd_archive *archive, uint64_t at, uint64_t count, void *out)
{
    return gd_file_read_at(archive->fd, out, (int64_t)count, (int64_t)at);
}

static gd_status damaged(const gd_archive *archive, gd_error *error)
{
    return gd_fail(
        error, GD_USAGE,
        "the weights file %s is a zip archive that is damaged or cut short; make or fetch it again.",
        archive->path);
}

bool gd_archive_begins(int fd)
{
    char head[4];
    return gd_file_read_at(fd, head, sizeof head, 0) && memcmp(head, "PK\3\4", sizeof head) == 0;
}

/* The last record of an archive, in its last bytes; NULL: none. */
static const uint8_t *find_end(const uint8_t *bytes, size_t count)
{
    for (size_t back = END_BYTES; back <= count; back++) {
        const uint8_t *end = bytes + count - back;
        if (memcmp(end, "PK\5\6", 4) == 0 && u16(end + 20) == back - END_BYTES)
            return end;
    }
    return NULL;
}

gd_status gd_archive_open(int fd, const char *path, gd_archive *archive, gd_error *error)
{
    struct stat about;
    uint8_t last[END_BYTES + UINT16_MAX];
    *archive = (gd_archive){.path = path, .fd = fd};
    if (fstat(fd, &about) != 0)
        return damaged(archive, error);
    const uint64_t size = (uint64_t)about.st_size, count = gd_min_u64(size, sizeof last);
    const uint8_t *end = read_at(archive, size - count, count, last) ? find_end(last, (size_t)count) : NULL;
    if (!end)
        return damaged(archive, error);
    archive->bytes = u32(end + 12);
    archive->at = u32(end + 16);
    if (archive->bytes > directory_max || archive->at > size || archive->bytes > size - archive->at)
        return damaged(archive, error);
    archive->entries = malloc((size_t)archive->bytes + 1);
    if (!archive->entries)
        return gd_no_memory(error, "the directory of %s", path);
    return read_at(archive, archive->at, archive->bytes, archive->entries) ? GD_OK : damaged(archive, error);
}

void gd_archive_close(gd_archive *archive)
{
    free(archive->entries);
    archive->entries = NULL;
}

/* The entry at `at` of the directory with its name, comment and more, or NULL; *next: where the next one is.
 */
static const uint8_t *entry_at(const gd_archive *archive, uint64_t at, uint64_t *next)
{
    const uint8_t *entry = archive->entries + at;
    if (at >= archive->bytes || archive->bytes - at < ENTRY_BYTES || memcmp(entry, "PK\1\2", 4) != 0)
        return NULL;
    *next = at + ENTRY_BYTES + u16(entry + 28) + u16(entry + 30) + u16(entry + 32);
    return *next <= archive->bytes ? entry : NULL;
}

static bool is_named(const uint8_t *entry, const char *name)
{
    const size_t length = u16(entry + 28), wanted = strlen(name);
    const char *path = (const char *)entry + ENTRY_BYTES;
    return length >= wanted && memcmp(path + length - wanted, name, wanted) == 0 &&
           (length == wanted || path[length - wanted - 1] == '/');
}

/* Finds where the bytes of an entry's file are, behind a header of its own. */
static gd_status locate(const gd_archive *archive, const uint8_t *entry, gd_archive_file *file,
                        gd_error *error)
{
    uint8_t header[HEADER_BYTES];
    const uint32_t method = u16(entry + 10), encrypted = u16(entry + 8) & 1;
    const uint64_t at = u32(entry + 42);
    *file = (gd_archive_file){
        .packed = u32(entry + 20), .size = u32(entry + 24), .sum = u32(entry + 16), .deflated = method == 8};
    if ((method != 0 && method != 8) || encrypted || file->size == UINT32_MAX || at == UINT32_MAX)
        return gd_fail(
            error, GD_USAGE,
            "the weights file %s is a zip archive that is encrypted, beyond 4 GiB or packed otherwise "
            "than by deflate; unpack it, and give the model.weights.h5 in it.",
            archive->path);
    if (!read_at(archive, at, sizeof header, header) || memcmp(header, "PK\3\4", 4) != 0)
        return damaged(archive, error);
    file->at = at + HEADER_BYTES + u16(header + 26) + u16(header + 28);
    const bool fits = file->at <= archive->at && file->packed <= archive->at - file->at;
    const bool sizes = file->deflated ? file->size / ratio_max <= file->packed : file->size == file->packed;
    return fits && sizes ? GD_OK : damaged(archive, error);
}

gd_status gd_archive_find(const gd_archive *archive, const char *name, gd_archive_file *file, bool *found,
                          gd_error *error)
{
    const uint8_t *entry;
    *found = false;
    for (uint64_t at = 0, next = 0; (entry = entry_at(archive, at, &next)); at = next) {
        if (!is_named(entry, name))
            continue;
        *found = true;
        return locate(archive, entry, file, error);
    }
    return GD_OK;
}

/* Inflates a file to its size; false: it is damaged, or has another. */
static bool inflate_all(const gd_archive *archive, const gd_archive_file *file, z_stream *stream,
                        uint8_t *bytes)
{
    uint8_t packed[1 << 14];
    uint64_t left = file->packed;
    int state = Z_OK;
    stream->next_out = bytes;
    stream->avail_out = (uInt)file->size;
    while (state == Z_OK && left > 0) {
        const size_t count = (size_t)gd_min_u64(left, sizeof packed);
        if (!read_at(archive, file->at + file->packed - left, count, packed))
            return false;
        left -= count;
        stream->next_in = packed;
        stream->avail_in = (uInt)count;
        state = inflate(stream, Z_NO_FLUSH);
    }
    return state == Z_STREAM_END && stream->avail_out == 0 &&
           crc32_z(0, bytes, (z_size_t)file->size) == file->sum;
}

gd_status gd_archive_unpack(const gd_archive *archive, const gd_archive_file *file, uint8_t **bytes,
                            gd_error *error)
{
    z_stream stream = {.zalloc = NULL};
    *bytes = malloc((size_t)file->size + 1);
    if (!*bytes || inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
        free(*bytes);
        *bytes = NULL;
        return gd_no_memory(
            error, "the %llu bytes that are packed in %s; unpack it, and give the model.weights.h5 in it",
            (unsigned long long)file->size, archive->path);
    }
    const bool whole = inflate_all(archive, file, &stream, *bytes);
    inflateEnd(&stream);
    if (whole)
        return GD_OK;
    free(*bytes);
    *bytes = NULL;
    return damaged(archive, error);
}
