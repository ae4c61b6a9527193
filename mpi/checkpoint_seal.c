/* The first block of a checkpoint's file. */
#include "mpi/checkpoint_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    FORMAT = 2,
    BLOCK = 512,    /* HDF5's user block */
    OWN_CRC = 504,  /* where its own CRC is: 8 digits, over all before */
    CHUNK = 1 << 20 /* bytes read at once */
};
static const char first_line[] = "gigadream checkpoint, format ";

bool gd_checkpoint_get(int fd, void *values, int64_t bytes, int64_t at)
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

bool gd_checkpoint_put(int fd, const void *values, int64_t bytes, int64_t at)
{
    for (const char *from = values; bytes > 0;) {
        const ssize_t put = pwrite(fd, from, (size_t)bytes, at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        from += put;
        at += put;
        bytes -= put;
    }
    return true;
}

gd_status gd_checkpoint_unwritten(const char *path, gd_error *error)
{
    const char *remedy = errno == ENOSPC || errno == EDQUOT || errno == EFBIG
                             ? "make room, or give --checkpoint a file on another disk"
                             : "give --checkpoint another file";
    return gd_fail(error, GD_IO, "the checkpoint %s cannot be written (%s); %s", path, strerror(errno),
                   remedy);
}

gd_status gd_checkpoint_unusable(const char *path, const char *what, gd_error *error)
{
    return gd_fail(error, GD_USAGE,
                   "the checkpoint %s %s; give another, or start anew, with --restart and without --resume",
                   path, what);
}

static bool is_empty(const char *bytes, size_t count)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

bool gd_checkpoint_begins(int fd, bool unfinished)
{
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    char head[BLOCK + sizeof signature] = "";
    const ssize_t got = pread(fd, head, BLOCK + sizeof signature - 1, 0);
    const size_t length = strlen(first_line), has = got > 0 ? (size_t)got : 0;
    if (has >= length && memcmp(head, first_line, length) == 0)
        return true;
    if (!unfinished || got < 0)
        return false;
    return (has < length && memcmp(head, first_line, has) == 0) ||
           (is_empty(head, BLOCK) &&
            (is_empty(head + BLOCK, sizeof signature) || strcmp(head + BLOCK, signature) == 0));
}

/* Nothing that removes the file is advised. */
static gd_status foreign(const char *path, gd_error *error)
{
    return gd_fail(error, GD_USAGE,
                   "%s is no checkpoint of this program, or damaged in its first line; give another name, or "
                   "move it away",
                   path);
}

static gd_status unreadable(const char *path, gd_error *error)
{
    char what[160];
    if (errno == 0)
        return gd_checkpoint_unusable(path, "is cut short", error);
    snprintf(what, sizeof what, "cannot be read (%s)", strerror(errno));
    return gd_checkpoint_unusable(path, what, error);
}

/* The CRC of bytes [at, end), going on from *crc. */
static bool add_crc(int fd, char *chunk, int64_t at, int64_t end, uLong *crc)
{
    while (at < end) {
        const int64_t bytes = end - at < CHUNK ? end - at : CHUNK;
        if (!gd_checkpoint_get(fd, chunk, bytes, at))
            return false;
        *crc = crc32(*crc, (const Bytef *)chunk, (uInt)bytes);
        at += bytes;
    }
    return true;
}

/* Of all but the first block and the canvas. */
static gd_status crc_of_rest(int fd, const char *path, const gd_checkpoint_map *map, uint32_t *rest,
                             gd_error *error)
{
    uLong crc = crc32(0, NULL, 0);
    char *chunk = malloc(CHUNK);
    if (!chunk)
        return gd_fail(error, GD_MEMORY, "out of memory for the checkpoint %s", path);
    const bool done = add_crc(fd, chunk, BLOCK, map->canvas_at, &crc) &&
                      add_crc(fd, chunk, map->canvas_at + map->canvas_bytes, map->file_bytes, &crc);
    const gd_status status = done ? GD_OK : unreadable(path, error);
    free(chunk);
    *rest = (uint32_t)crc;
    return status;
}

static uint32_t crc_of_block(const char block[BLOCK])
{
    return (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)block, OWN_CRC);
}

gd_status gd_checkpoint_seal(int fd, const char *path, const gd_checkpoint_map *map, gd_error *error)
{
    char block[BLOCK + 1] = "";
    uint32_t rest = 0;
    gd_status status = crc_of_rest(fd, path, map, &rest, error);
    if (status != GD_OK)
        return status;
    snprintf(block, OWN_CRC,
             "%s%d\nbytes of this file: %" PRId64 "\ncanvas at byte: %" PRId64
             "\nbytes of the canvas: %" PRId64 "\nCRC-32 of all after this block but the canvas: %08" PRIx32
             "\nCRC-32 of this block: in its last 8 bytes\n",
             first_line, FORMAT, map->file_bytes, map->canvas_at, map->canvas_bytes, rest);
    snprintf(block + OWN_CRC, sizeof block - OWN_CRC, "%08" PRIx32, crc_of_block(block));
    return gd_checkpoint_put(fd, block, BLOCK, 0) ? GD_OK : gd_checkpoint_unwritten(path, error);
}

/* A number of the first block. */
static bool number_after(const char *block, const char *words, int base, int64_t *value)
{
    const char *found = strstr(block, words);
    if (!found)
        return false;
    *value = strtoll(found + strlen(words), NULL, base);
    return *value >= 0;
}

static gd_status read_block(const char *path, const char block[BLOCK + 1], gd_checkpoint_map *map,
                            int64_t *rest, gd_error *error)
{
    char what[100], own[9];
    int64_t format = 0;
    if (!number_after(block, first_line, 10, &format))
        return foreign(path, error);
    snprintf(own, sizeof own, "%08" PRIx32, crc_of_block(block));
    if (memcmp(own, block + OWN_CRC, 8) != 0)
        return gd_checkpoint_unusable(path, "is damaged in its first 512 bytes", error);
    if (format != FORMAT) {
        snprintf(what, sizeof what, "is of format %" PRId64 ", and this program reads format %d", format,
                 FORMAT);
        return gd_checkpoint_unusable(path, what, error);
    }
    if (!number_after(block, "bytes of this file: ", 10, &map->file_bytes) ||
        !number_after(block, "canvas at byte: ", 10, &map->canvas_at) ||
        !number_after(block, "bytes of the canvas: ", 10, &map->canvas_bytes) ||
        !number_after(block, "but the canvas: ", 16, rest))
        return gd_checkpoint_unusable(path, "lacks a number in its first 512 bytes", error);
    return GD_OK;
}

gd_status gd_checkpoint_verify(int fd, const char *path, gd_checkpoint_map *map, gd_error *error)
{
    char block[BLOCK + 1] = "";
    struct stat about;
    int64_t wanted = 0;
    uint32_t rest = 0;
    *map = (gd_checkpoint_map){0};
    if (!gd_checkpoint_begins(fd, false))
        return foreign(path, error);
    if (!gd_checkpoint_get(fd, block, BLOCK, 0))
        return unreadable(path, error);
    gd_status status = read_block(path, block, map, &wanted, error);
    if (status != GD_OK)
        return status;
    if (fstat(fd, &about) != 0)
        return unreadable(path, error);
    if (about.st_size < map->file_bytes)
        return gd_checkpoint_unusable(path, "is cut short", error);
    if (about.st_size > map->file_bytes)
        return gd_checkpoint_unusable(path, "is damaged: it is longer than it says", error);
    status = crc_of_rest(fd, path, map, &rest, error);
    if (status == GD_OK && rest != (uint32_t)wanted)
        return gd_checkpoint_unusable(path, "is damaged outside of its canvas", error);
    return status;
}
