#include "mpi/checkpoint.h"

#include "mpi/checkpoint_file.h"
#include "mpi/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const double settle_seconds = 300;

void gd_checkpoint_free(gd_checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        free(checkpoint->texts[i]);
    free(checkpoint->rolls);
    free(checkpoint->icc);
    free(checkpoint);
}

gd_status gd_checkpoint_open(const char *path, gd_checkpoint **checkpoint, gd_error *error)
{
    gd_checkpoint_map map;
    *checkpoint = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return gd_fail(error, GD_USAGE, "the checkpoint %s cannot be opened (%s); give another", path,
                       strerror(errno));
    gd_checkpoint *made = calloc(1, sizeof *made);
    gd_status status = made ? GD_OK : gd_fail(error, GD_MEMORY, "out of memory for the checkpoint %s", path);
    if (status == GD_OK)
        status = gd_checkpoint_verify(fd, path, &map, error);
    close(fd);
    if (status == GD_OK)
        status = gd_checkpoint_load(path, made, error);
    if (status == GD_OK && made->canvas_at != map.canvas_at)
        status = gd_checkpoint_unusable(path, "contradicts itself about its canvas", error);
    if (status == GD_OK)
        *checkpoint = made;
    else
        gd_checkpoint_free(made);
    return status;
}

/* This rank's blocks on their way to or from the file. */
typedef struct passage {
    const char *path; /* borrowed; that sentences name */
    const gd_plane *plane;
    int64_t canvas_at;
    int fd;
    void *staging;  /* owned; a block */
    uint32_t *crcs; /* owned; of this rank's blocks; computed, or (reading) wanted */
} passage;

/* Bytes of the canvas before block `place` of the curve. */
static int64_t bytes_before(const gd_layout *layout, int64_t place)
{
    int64_t pixels = 0;
    for (int64_t i = 0; i < place; i++)
        pixels += gd_rect_area(gd_layout_block(layout, layout->order[i]));
    return pixels * 3 * (int64_t)sizeof(float);
}

static int64_t block_bytes(const gd_layout *layout, int64_t place)
{
    return gd_rect_area(gd_layout_block(layout, layout->order[place])) * 3 * (int64_t)sizeof(float);
}

static int64_t block_count(const gd_plane *plane)
{
    int64_t first, end;
    gd_layout_run(plane->layout, plane->rank, &first, &end);
    return end - first;
}

static gd_status begin(passage *p, const char *name, int flags, gd_error *error)
{
    gd_memory *memory = p->plane->memory;
    const int64_t count = block_count(p->plane);
    p->fd = -1;
    if (count == 0)
        return GD_OK;
    p->crcs = calloc((size_t)count, sizeof *p->crcs);
    if (!p->crcs)
        return gd_fail(error, GD_MEMORY, "out of memory for the checkpoint %s", p->path);
    gd_status status = memory->class->allocate_staging(
        memory, (size_t)GD_BLOCK * GD_BLOCK * 3 * sizeof(float), &p->staging, error);
    if (status != GD_OK)
        return status;
    p->fd = open(name, flags | O_CLOEXEC);
    if (p->fd < 0)
        return gd_fail(error, GD_IO,
                       "the checkpoint %s cannot be opened here (%s); keep it where all ranks see it under "
                       "one name",
                       p->path, strerror(errno));
    return GD_OK;
}

static void end(passage *p)
{
    gd_memory *memory = p->plane->memory;
    if (p->staging)
        memory->class->release_staging(memory, p->staging);
    if (p->fd >= 0)
        close(p->fd);
    free(p->crcs);
}

static uint32_t crc_of(const void *values, int64_t bytes)
{
    return (uint32_t)crc32(crc32(0, NULL, 0), values, (uInt)bytes);
}

static gd_status write_block(passage *p, int64_t index, float *values, int64_t bytes, int64_t at,
                             gd_error *error)
{
    gd_memory *memory = p->plane->memory;
    gd_status status = memory->class->fetch(memory, p->staging, values, (size_t)bytes, error);
    if (status == GD_OK)
        status = gd_memory_settle(memory, settle_seconds, error);
    if (status != GD_OK)
        return status;
    p->crcs[index] = crc_of(p->staging, bytes);
    return gd_checkpoint_put(p->fd, p->staging, bytes, at) ? GD_OK : gd_checkpoint_unwritten(p->path, error);
}

static gd_status read_block(passage *p, int64_t index, float *values, int64_t bytes, int64_t at,
                            gd_error *error)
{
    gd_memory *memory = p->plane->memory;
    if (!gd_checkpoint_get(p->fd, p->staging, bytes, at))
        return gd_checkpoint_unusable(p->path, "ends within its canvas, or cannot be read", error);
    if (crc_of(p->staging, bytes) != p->crcs[index])
        return gd_checkpoint_unusable(p->path, "is damaged in its canvas", error);
    gd_status status = memory->class->bring(memory, values, p->staging, (size_t)bytes, error);
    return status == GD_OK ? gd_memory_settle(memory, settle_seconds, error) : status;
}

typedef gd_status pass(passage *p, int64_t index, float *values, int64_t bytes, int64_t at, gd_error *error);

/* All of this rank's blocks, which lie side by side in the file. */
static gd_status pass_blocks(passage *p, pass *one, gd_access access, gd_error *error)
{
    const gd_layout *layout = p->plane->layout;
    int64_t first, last;
    gd_layout_run(layout, p->plane->rank, &first, &last);
    int64_t at = p->canvas_at + bytes_before(layout, first);
    gd_status status = GD_OK;
    for (int64_t i = first; status == GD_OK && i < last; i++) {
        const int64_t bytes = block_bytes(layout, i);
        float *values = NULL;
        status = gd_plane_pin(p->plane, layout->order[i], access, &values, error);
        if (status != GD_OK)
            break;
        status = one(p, i - first, values, bytes, at, error);
        gd_plane_unpin(p->plane, layout->order[i]);
        at += bytes;
    }
    return status;
}

/* Only then may the name be given: each host's own part of the file is on disk. */
static gd_status flush(passage *p, gd_error *error)
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
    return gd_checkpoint_unwritten(p->path, error);
}

/* All blocks' CRCs, in curve order, on all ranks. */
static gd_status gather_crcs(gd_comm *comm, const passage *p, double *mine, int32_t *counts, double *all,
                             gd_error *error)
{
    const gd_layout *layout = p->plane->layout;
    for (int32_t r = 0; r < layout->ranks; r++)
        counts[r] = (int32_t)(layout->run_start[r + 1] - layout->run_start[r]);
    for (int64_t i = 0; i < block_count(p->plane); i++)
        mine[i] = p->crcs[i];
    return gd_comm_gather_all(comm, mine, counts, all, error);
}

static gd_status write_crcs(const char *part, const char *path, const gd_checkpoint_map *map,
                            const double *all, int64_t count, gd_error *error)
{
    uint32_t *crcs = malloc((size_t)count * sizeof *crcs);
    if (!crcs)
        return gd_fail(error, GD_MEMORY, "out of memory for the checkpoint %s", path);
    for (int64_t i = 0; i < count; i++)
        crcs[i] = (uint32_t)all[i];
    gd_status status = GD_OK;
    const int fd = open(part, O_RDWR | O_CLOEXEC);
    if (fd < 0 || !gd_checkpoint_put(fd, crcs, count * (int64_t)sizeof *crcs, map->crcs_at))
        status = gd_checkpoint_unwritten(path, error);
    if (status == GD_OK)
        status = gd_checkpoint_seal(fd, path, map, error);
    if (status == GD_OK && fsync(fd) != 0)
        status = gd_checkpoint_unwritten(path, error);
    if (fd >= 0 && close(fd) != 0 && status == GD_OK)
        status = gd_checkpoint_unwritten(path, error);
    free(crcs);
    return status;
}

/* Makes the new name last, where the file system can promise that. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    const int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(folder);
    if (fd < 0)
        return;
    (void)fsync(fd); /* some file systems refuse; the checkpoint is whole in any case */
    close(fd);
}

static gd_status finish(const char *part, const char *path, const gd_checkpoint_map *map, const double *all,
                        int64_t count, gd_error *error)
{
    gd_status status = write_crcs(part, path, map, all, count, error);
    if (status == GD_OK && rename(part, path) != 0)
        status = gd_checkpoint_unwritten(path, error);
    if (status == GD_OK)
        sync_folder(path);
    return status;
}

/* The canvas of all ranks, and then the seal. */
static gd_status write_canvas(gd_comm *comm, const char *part, const gd_checkpoint_map *map, const char *path,
                              const gd_plane *plane, gd_error *error)
{
    const gd_layout *layout = plane->layout;
    const int64_t count = layout->block_rows * layout->block_cols;
    passage p = {.path = path, .plane = plane, .canvas_at = map->canvas_at};
    double *mine = calloc((size_t)block_count(plane) + 1, sizeof *mine);
    double *all = calloc((size_t)count, sizeof *all);
    int32_t *counts = calloc((size_t)gd_comm_size(comm), sizeof *counts);
    gd_status status = begin(&p, part, O_WRONLY, error);
    if (status == GD_OK && (!mine || !all || !counts))
        status = gd_fail(error, GD_MEMORY, "out of memory for the checkpoint %s", path);
    if (status == GD_OK)
        status = pass_blocks(&p, write_block, GD_ACCESS_READ, error);
    if (status == GD_OK)
        status = flush(&p, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gather_crcs(comm, &p, mine, counts, all, error);
    if (status == GD_OK) {
        if (gd_comm_rank(comm) == 0)
            status = finish(part, path, map, all, count, error);
        status = gd_comm_agree(comm, status, error);
    }
    end(&p);
    free(mine);
    free(all);
    free(counts);
    return status;
}

gd_status gd_checkpoint_write(gd_comm *comm, const char *path, const gd_checkpoint *checkpoint,
                              const gd_plane *plane, gd_error *error)
{
    const bool root = gd_comm_rank(comm) == 0;
    gd_checkpoint_map map = {0};
    char *part = gd_checkpoint_part(path);
    gd_status status = part ? GD_OK : gd_fail(error, GD_MEMORY, "out of memory for the checkpoint %s", path);
    if (status == GD_OK && root)
        status = gd_checkpoint_lay_out(part, path, checkpoint, plane->layout, &map, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(comm, &map, sizeof map, error);
    if (status == GD_OK)
        status = write_canvas(comm, part, &map, path, plane, error);
    if (status != GD_OK && root)
        gd_checkpoint_remove_part(path);
    free(part);
    return status;
}

gd_status gd_checkpoint_read(gd_comm *comm, const char *path, const gd_checkpoint *checkpoint,
                             const gd_plane *plane, gd_error *error)
{
    int64_t places[2] = {0, 0};
    int64_t first, last;
    if (gd_comm_rank(comm) == 0) {
        places[0] = checkpoint->canvas_at;
        places[1] = checkpoint->crcs_at;
    }
    gd_status status = gd_comm_broadcast(comm, places, sizeof places, error);
    if (status != GD_OK)
        return status;
    passage p = {.path = path, .plane = plane, .canvas_at = places[0]};
    status = begin(&p, path, O_RDONLY, error);
    gd_layout_run(plane->layout, plane->rank, &first, &last);
    if (status == GD_OK && last > first &&
        !gd_checkpoint_get(p.fd, p.crcs, (last - first) * (int64_t)sizeof *p.crcs,
                           places[1] + first * (int64_t)sizeof *p.crcs))
        status = gd_checkpoint_unusable(path, "lacks the CRCs of its canvas", error);
    if (status == GD_OK)
        status = pass_blocks(&p, read_block, GD_ACCESS_REPLACE, error);
    status = gd_comm_agree(comm, status, error);
    end(&p);
    return status;
}
