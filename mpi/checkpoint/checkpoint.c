/* Writes and reads checkpoints with all ranks.
 *
 * States of a save, on all ranks:
 *   1. begun      rank 0 has created a temporary file whose first block says "unfinished" and gives the
 *                 identity
 *   2. opened     each rank with blocks has that file open, recognized by its identity
 *                 (checkpoint_open_all.c)
 *   3. filled     all blocks of the canvas are on disk (fsync on each rank), and rank 0 has all their
 *                 CRCs
 *   4. sealed     rank 0 has written everything before the canvas, with the final first block
 *   5. named      the file has replaced the checkpoint before it (gd_target_commit)
 * Invariants:
 *   1. Ranks change state together: an agreement ends each state, and a failure in one of them ends the
 *      save on all ranks, with the same sentence.
 *   2. The checkpoint's name stands for the previous save or for this whole one, whenever a rank dies.
 *   3. A file that is not sealed is refused by every reader, since its first block says "unfinished".
 *   4. Each rank compares the identity on its own descriptor before it reads or writes through it. */
#include "mpi/checkpoint/checkpoint.h"

#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint_bytes.h"
#include "mpi/checkpoint/checkpoint_hdf5.h"
#include "mpi/checkpoint/checkpoint_open_all.h"
#include "mpi/checkpoint/checkpoint_own.h"
#include "mpi/checkpoint/checkpoint_table.h"
#include "mpi/checkpoint/checkpoint_transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* A checkpoint that is being written. */
typedef struct writing {
    gd_comm *comm;
    const char *path; /* borrowed; for messages */
    gd_checkpoint_table table;
    char part[4096];   /* the temporary file's name, on all ranks */
    gd_target *target; /* borrowed; rank 0's, else NULL */
    uint8_t *head;     /* owned; on rank 0; the file up to the canvas */
    double *crcs;      /* owned; [blocks] of all ranks, in curve order */
} writing;

static gd_status no_memory(const char *path, gd_error *error)
{
    return gd_no_memory(error, "the checkpoint %s", path);
}

static gd_status name_save(const char *path, char identity[GD_IDENTITY_MAX], gd_error *error)
{
    uint8_t bits[(GD_IDENTITY_MAX - 1) / 2];
    if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        return gd_fail(error, GD_IO,
                       "the checkpoint %s cannot be written: the system has no random bits (%s)", path,
                       strerror(errno));
    for (size_t i = 0; i < sizeof bits; i++)
        snprintf(identity + 2 * i, 3, "%02x", bits[i]);
    return GD_OK;
}

static void copy_piece(writing *w, int piece, const void *values)
{
    const gd_piece *where = &w->table.pieces[piece];
    if (where->bytes)
        memcpy(w->head + where->at, values, (size_t)where->bytes);
}

static const char *text_of(const gd_checkpoint *c, int i)
{
    return c->texts[i] ? c->texts[i] : "";
}

static gd_status fill_table(writing *w, const gd_checkpoint *c, const gd_partition *partition,
                            gd_error *error)
{
    gd_checkpoint_table *t = &w->table;
    t->place = c->place;
    t->place.rows = partition->rows;
    t->place.cols = partition->cols;
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        t->pieces[i].bytes = (int64_t)strlen(text_of(c, i)) + 1;
    t->pieces[GD_PIECE_ROLLS].bytes = c->roll_count * 2 * (int64_t)sizeof(int64_t);
    t->pieces[GD_PIECE_ICC].bytes = c->icc_bytes;
    const char *wrong = gd_checkpoint_arrange(t);
    if (wrong)
        return gd_fail(error, GD_IO, "the checkpoint %s cannot be written, since it %s", w->path, wrong);
    return name_save(w->path, t->identity, error);
}

/* Fills the file up to the canvas, in memory, except the first block and the CRCs. */
static gd_status fill_head(writing *w, const gd_checkpoint *c, gd_error *error)
{
    w->head = calloc(1, (size_t)w->table.pieces[GD_PIECE_CANVAS].at);
    if (!w->head)
        return no_memory(w->path, error);
    gd_checkpoint_describe(&w->table, w->head);
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        copy_piece(w, i, text_of(c, i));
    copy_piece(w, GD_PIECE_ROLLS, c->rolls);
    copy_piece(w, GD_PIECE_ICC, c->icc);
    return GD_OK;
}

/* Creates the temporary file, allocated in full if the file system supports that, with its identity. */
static gd_status create_part(writing *w, gd_error *error)
{
    char block[GD_CHECKPOINT_BLOCK], kept[GD_TARGET_NAME];
    memcpy(kept, w->target->part, sizeof kept);
    gd_status status = gd_target_create(w->target, true, error);
    if (status != GD_OK)
        return status;
    if (kept[0] && strcmp(kept, w->target->part) != 0)
        (void)unlinkat(w->target->folder, kept, 0); /* an earlier save that could not be renamed */
    const int fd = w->target->fd;
    if (!gd_target_part_path(w->target, w->part, sizeof w->part))
        return gd_fail(error, GD_USAGE, "the checkpoint's name %s is too long; give --checkpoint another",
                       w->path);
    gd_checkpoint_print_unfinished(w->table.identity, block);
    if ((fallocate(fd, 0, 0, w->table.file_bytes) != 0 && errno != EOPNOTSUPP && errno != ENOSYS) ||
        !gd_checkpoint_put(fd, block, sizeof block, 0))
        return gd_checkpoint_write_failed(w->path, error);
    return GD_OK;
}

static gd_status begin_file(writing *w, const gd_checkpoint *c, const gd_partition *partition,
                            gd_error *error)
{
    gd_status status = gd_checkpoint_check_replace(w->target, error);
    if (status == GD_OK)
        status = fill_table(w, c, partition, error);
    if (status == GD_OK)
        status = fill_head(w, c, error);
    return status == GD_OK ? create_part(w, error) : status;
}

/* Gathers the CRCs of all blocks, in curve order, on all ranks. */
static gd_status gather_crcs(writing *w, const gd_checkpoint_transfer *p, gd_error *error)
{
    const gd_partition *partition = p->plane->partition;
    const int64_t count = gd_checkpoint_transfer_blocks(p);
    double *mine = calloc((size_t)count + 1, sizeof *mine);
    int32_t *counts = calloc((size_t)gd_comm_size(w->comm), sizeof *counts);
    w->crcs = calloc((size_t)(partition->block_rows * partition->block_cols), sizeof *w->crcs);
    gd_status status = mine && counts && w->crcs ? GD_OK : no_memory(w->path, error);
    status = gd_comm_agree(w->comm, status, error);
    if (status == GD_OK) {
        for (int32_t r = 0; r < partition->ranks; r++)
            counts[r] = (int32_t)(partition->run_start[r + 1] - partition->run_start[r]);
        for (int64_t i = 0; i < count; i++)
            mine[i] = p->crcs[i];
        status = gd_comm_gather_all(w->comm, mine, counts, w->crcs, error);
    }
    free(mine);
    free(counts);
    return status;
}

/* Writes the canvas, each rank its blocks. */
static gd_status write_canvas(writing *w, const gd_plane *plane, gd_error *error)
{
    const gd_checkpoint_name file = {w->part, w->path, w->table.identity, O_RDWR | O_NOFOLLOW};
    gd_checkpoint_transfer p;
    gd_status status = gd_checkpoint_transfer_begin(&p, w->path, plane, error);
    status = gd_comm_agree(w->comm, status, error);
    if (status == GD_OK)
        status = gd_checkpoint_open_all(w->comm, &file, w->target ? w->target->fd : -1,
                                        gd_checkpoint_transfer_blocks(&p) > 0, &p.fd, error);
    if (status == GD_OK) {
        p.canvas_at = w->table.pieces[GD_PIECE_CANVAS].at;
        status = gd_comm_agree(w->comm, gd_checkpoint_transfer_write(&p, error), error);
    }
    if (status == GD_OK)
        status = gather_crcs(w, &p, error);
    gd_checkpoint_transfer_end(&p);
    return status;
}

/* The last step of rank 0: fills in the CRCs, writes the file up to the canvas, and renames it. */
static gd_status seal(writing *w, gd_error *error)
{
    const int64_t bytes = w->table.pieces[GD_PIECE_CANVAS].at;
    uint32_t *crcs = (uint32_t *)(w->head + w->table.pieces[GD_PIECE_CRCS].at);
    for (int64_t i = 0; i < w->table.pieces[GD_PIECE_CRCS].bytes / (int64_t)sizeof *crcs; i++)
        crcs[i] = (uint32_t)w->crcs[i];
    w->table.rest = gd_checkpoint_crc(w->head + GD_CHECKPOINT_BLOCK, bytes - GD_CHECKPOINT_BLOCK);
    gd_checkpoint_print(&w->table, (char *)w->head);
    if (!gd_checkpoint_put(w->target->fd, w->head, bytes, 0))
        return gd_checkpoint_write_failed(w->path, error);
    return gd_target_commit(w->target, error);
}

static gd_status write_all(writing *w, const gd_checkpoint *checkpoint, const gd_plane *plane,
                           gd_error *error)
{
    const bool root = gd_comm_rank(w->comm) == 0;
    gd_status status = root ? begin_file(w, checkpoint, plane->partition, error) : GD_OK;
    status = gd_comm_agree(w->comm, status, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(w->comm, &w->table, sizeof w->table, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(w->comm, w->part, sizeof w->part, error);
    if (status == GD_OK)
        status = write_canvas(w, plane, error);
    if (status == GD_OK)
        status = gd_comm_agree(w->comm, root ? seal(w, error) : GD_OK, error);
    if (status != GD_OK && root)
        gd_target_discard(w->target);
    return status;
}

gd_status gd_checkpoint_write(gd_comm *comm, const char *path, gd_target *target,
                              const gd_checkpoint *checkpoint, const gd_plane *plane, gd_error *error)
{
    writing *w = calloc(1, sizeof *w);
    gd_status status = gd_comm_agree(comm, w ? GD_OK : no_memory(path, error), error);
    if (status == GD_OK) {
        w->comm = comm;
        w->path = path;
        w->target = target;
        status = write_all(w, checkpoint, plane, error);
        free(w->head);
        free(w->crcs);
    }
    free(w);
    return status;
}

static gd_status check_fit(const char *path, const gd_checkpoint_table *table, const gd_partition *partition,
                           gd_error *error)
{
    if (table->place.rows == partition->rows && table->place.cols == partition->cols)
        return GD_OK;
    return gd_checkpoint_unusable(path, "holds a canvas of another size than its octave has", error);
}

gd_status gd_checkpoint_read(gd_comm *comm, const char *path, const gd_checkpoint *checkpoint,
                             const gd_plane *plane, gd_error *error)
{
    const bool root = gd_comm_rank(comm) == 0;
    gd_checkpoint_table table = {0};
    gd_checkpoint_transfer p;
    if (root)
        table = checkpoint->opened->table;
    gd_status status = gd_comm_broadcast(comm, &table, sizeof table, error);
    if (status != GD_OK)
        return status;
    const gd_checkpoint_name file = {path, path, table.identity, O_RDONLY};
    status = gd_checkpoint_transfer_begin(&p, path, plane, error);
    if (status == GD_OK)
        status = check_fit(path, &table, plane->partition, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_checkpoint_open_all(comm, &file, root ? checkpoint->opened->fd : -1,
                                        gd_checkpoint_transfer_blocks(&p) > 0, &p.fd, error);
    if (status == GD_OK) {
        p.canvas_at = table.pieces[GD_PIECE_CANVAS].at;
        status = gd_comm_agree(comm, gd_checkpoint_transfer_read(&p, table.pieces[GD_PIECE_CRCS].at, error),
                               error);
    }
    gd_checkpoint_transfer_end(&p);
    return status;
}
