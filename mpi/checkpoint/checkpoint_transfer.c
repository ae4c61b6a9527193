/* Copies this rank's blocks between its canvas and a checkpoint's file, one at a time through a staging
 * buffer. */
#include "mpi/checkpoint/checkpoint_transfer.h"

#include "base/file.h"
#include "mpi/checkpoint/checkpoint_bytes.h"
#include "mpi/checkpoint/checkpoint_table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Bytes of the canvas before the block at position `place` on the curve. */
static int64_t bytes_before(const gd_partition *partition, int64_t place)
{
    int64_t pixels = 0;
    for (int64_t i = 0; i < place; i++)
        pixels += gd_rect_area(gd_partition_block(partition, partition->order[i]));
    return pixels * 3 * (int64_t)sizeof(float);
}

int64_t gd_checkpoint_transfer_blocks(const gd_checkpoint_transfer *transfer)
{
    int64_t first, end;
    gd_partition_run(transfer->plane->partition, transfer->plane->rank, &first, &end);
    return end - first;
}

gd_status gd_checkpoint_transfer_begin(gd_checkpoint_transfer *transfer, const char *path,
                                       const gd_plane *plane, gd_error *error)
{
    gd_memory *memory = plane->memory;
    *transfer = (gd_checkpoint_transfer){.path = path, .plane = plane, .fd = -1};
    const int64_t count = gd_checkpoint_transfer_blocks(transfer);
    if (count == 0)
        return GD_OK;
    transfer->crcs = calloc((size_t)count, sizeof *transfer->crcs);
    if (!transfer->crcs)
        return gd_no_memory(error, "the checkpoint %s", path);
    return memory->class->allocate_staging(memory, (size_t)GD_BLOCK * GD_BLOCK * 3 * sizeof(float),
                                           &transfer->staging, error);
}

void gd_checkpoint_transfer_end(gd_checkpoint_transfer *transfer)
{
    gd_memory *memory = transfer->plane->memory;
    if (transfer->staging)
        memory->class->release_staging(memory, transfer->staging);
    if (transfer->fd >= 0)
        close(transfer->fd);
    free(transfer->crcs);
}

/* A block in transfer. */
typedef struct block {
    int64_t index; /* among this rank's */
    gd_rect pixels;
    float *values;
    int64_t at, bytes;
} block;

static gd_status write_block(gd_checkpoint_transfer *p, const block *b, gd_error *error)
{
    gd_memory *memory = p->plane->memory;
    gd_status status = memory->class->download(memory, p->staging, b->values, (size_t)b->bytes, error);
    if (status == GD_OK)
        status = gd_memory_synchronize(memory, error);
    if (status != GD_OK)
        return status;
    p->crcs[b->index] = gd_checkpoint_crc(p->staging, b->bytes);
    return gd_checkpoint_put(p->fd, p->staging, b->bytes, b->at) ? GD_OK
                                                                 : gd_checkpoint_write_failed(p->path, error);
}

/* A valid CRC does not mean valid pixels: all values must be finite. */
static gd_status check_values(const gd_checkpoint_transfer *p, const block *b, gd_error *error)
{
    const float *values = p->staging;
    for (int64_t i = 0; i < b->bytes / (int64_t)sizeof *values; i++) {
        if (isfinite(values[i]))
            continue;
        char what[160];
        const int64_t pixel = i / 3;
        snprintf(what, sizeof what,
                 "holds no finite number at row %lld, column %lld of its canvas (block %lld of rank %d)",
                 (long long)(b->pixels.y + pixel / b->pixels.cols),
                 (long long)(b->pixels.x + pixel % b->pixels.cols), (long long)b->index, (int)p->plane->rank);
        return gd_checkpoint_unusable(p->path, what, error);
    }
    return GD_OK;
}

static gd_status read_block(gd_checkpoint_transfer *p, const block *b, gd_error *error)
{
    gd_memory *memory = p->plane->memory;
    if (!gd_file_read_at(p->fd, p->staging, b->bytes, b->at))
        return gd_checkpoint_unusable(p->path, "ends within its canvas, or cannot be read", error);
    if (gd_checkpoint_crc(p->staging, b->bytes) != p->crcs[b->index])
        return gd_checkpoint_unusable(p->path, "is damaged in its canvas", error);
    gd_status status = check_values(p, b, error);
    if (status == GD_OK)
        status = memory->class->upload(memory, b->values, p->staging, (size_t)b->bytes, error);
    return status == GD_OK ? gd_memory_synchronize(memory, error) : status;
}

typedef gd_status pass(gd_checkpoint_transfer *p, const block *b, gd_error *error);

static gd_status transfer_blocks(gd_checkpoint_transfer *p, pass *one, gd_access access, gd_error *error)
{
    const gd_partition *partition = p->plane->partition;
    int64_t first, last;
    gd_partition_run(partition, p->plane->rank, &first, &last);
    int64_t at = p->canvas_at + bytes_before(partition, first);
    gd_status status = GD_OK;
    for (int64_t i = first; status == GD_OK && i < last; i++) {
        const gd_rect pixels = gd_partition_block(partition, partition->order[i]);
        block b = {i - first, pixels, NULL, at, gd_rect_area(pixels) * 3 * (int64_t)sizeof(float)};
        status = gd_plane_pin(p->plane, partition->order[i], access, &b.values, error);
        if (status != GD_OK)
            break;
        status = one(p, &b, error);
        gd_plane_unpin(p->plane, partition->order[i]);
        at += b.bytes;
    }
    return status;
}

/* Each host brings its own part of the file to the disk before the file is renamed. */
static gd_status flush(gd_checkpoint_transfer *p, gd_error *error)
{
    if (p->fd < 0)
        return GD_OK;
    const int fd = p->fd;
    p->fd = -1;
    const bool synced = fsync(fd) == 0;
    const int cause = errno;
    const bool closed = close(fd) == 0;
    if (synced && closed)
        return GD_OK;
    errno = synced ? errno : cause;
    return gd_checkpoint_write_failed(p->path, error);
}

gd_status gd_checkpoint_transfer_write(gd_checkpoint_transfer *transfer, gd_error *error)
{
    gd_status status = transfer_blocks(transfer, write_block, GD_ACCESS_READ, error);
    return status == GD_OK ? flush(transfer, error) : status;
}

gd_status gd_checkpoint_transfer_read(gd_checkpoint_transfer *transfer, int64_t crcs_at, gd_error *error)
{
    const gd_plane *plane = transfer->plane;
    const int64_t bytes = (int64_t)sizeof *transfer->crcs;
    int64_t first, last;
    gd_partition_run(plane->partition, plane->rank, &first, &last);
    if (last > first &&
        !gd_file_read_at(transfer->fd, transfer->crcs, (last - first) * bytes, crcs_at + first * bytes))
        return gd_checkpoint_unusable(transfer->path, "lacks the CRCs of its canvas", error);
    return transfer_blocks(transfer, read_block, GD_ACCESS_REPLACE, error);
}
