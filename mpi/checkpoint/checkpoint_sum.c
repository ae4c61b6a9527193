/* Computes the length and the checksum that identify an input file. */
#include "mpi/checkpoint/checkpoint_sum.h"

#include "base/file.h"
#include "mpi/agree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK = 1 << 20, CHUNKS_A_TURN = 64 };

typedef struct sum {
    const char *path; /* borrowed */
    FILE *file;       /* owned */
    uint8_t *chunk;   /* owned; [CHUNK] */
    int64_t bytes;
    uLong crc;
} sum;

static gd_status unreadable(const char *path, gd_error *error)
{
    return gd_fail(error, GD_USAGE, "%s: cannot be read: %s", path, strerror(errno));
}

static gd_status open_file(sum *s, gd_error *error)
{
    s->crc = crc32(0, NULL, 0);
    s->chunk = malloc(CHUNK);
    if (!s->chunk)
        return gd_no_memory(error, "reading %s", s->path);
    return gd_file_open_stream(s->path, "name the picture that was the input", &s->file, error);
}

/* Reads the next 64 MiB, so that the other ranks do not wait long. *more is 0 at the end of the file. */
static gd_status take_turn(sum *s, int32_t *more, gd_error *error)
{
    for (int i = 0; i < CHUNKS_A_TURN; i++) {
        errno = EIO;
        const size_t bytes = fread(s->chunk, 1, CHUNK, s->file);
        s->crc = crc32(s->crc, s->chunk, (uInt)bytes);
        s->bytes += (int64_t)bytes;
        *more = bytes == CHUNK;
        if (ferror(s->file))
            return unreadable(s->path, error);
        if (!*more)
            break;
    }
    return GD_OK;
}

static void end(sum *s)
{
    if (s->file)
        (void)fclose(s->file); /* nothing was written */
    free(s->chunk);
}

gd_status gd_checkpoint_sum_alone(const char *path, const atomic_bool *stop, int64_t *bytes, int64_t *crc,
                                  gd_error *error)
{
    sum s = {.path = path};
    int32_t more = 1;
    gd_status status = open_file(&s, error);
    while (status == GD_OK && more)
        status = atomic_load(stop) ? GD_STOPPED : take_turn(&s, &more, error);
    *bytes = s.bytes;
    *crc = (int64_t)s.crc;
    end(&s);
    return status;
}

gd_status gd_checkpoint_sum(gd_comm *comm, const char *path, int64_t *bytes, int64_t *crc, gd_error *error)
{
    const bool root = gd_comm_rank(comm) == 0;
    sum s = {.path = path};
    int32_t more = 0;
    gd_status status = root ? open_file(&s, error) : GD_OK;
    do {
        more = 0;
        if (root && status == GD_OK)
            status = take_turn(&s, &more, error);
        status = gd_comm_agree_request(comm, status, &more, error);
    } while (status == GD_OK && more);
    *bytes = s.bytes;
    *crc = (int64_t)s.crc;
    end(&s);
    return status;
}
