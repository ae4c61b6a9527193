/* Reads all of a checkpoint except its canvas, in one process. */
#include "mpi/checkpoint/checkpoint_load.h"

#include "base/file.h"
#include "mpi/checkpoint/checkpoint_bytes.h"
#include "mpi/checkpoint/checkpoint_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void gd_checkpoint_free(gd_checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        free(checkpoint->texts[i]);
    free(checkpoint->rolls);
    free(checkpoint->icc);
    if (checkpoint->opened)
        close(checkpoint->opened->fd);
    free(checkpoint->opened);
    free(checkpoint);
}

/* A copy of a piece of the head; NULL: out of memory. */
static void *copy_of(const uint8_t *head, const gd_piece *piece)
{
    void *copy = malloc((size_t)piece->bytes);
    return copy ? memcpy(copy, head + piece->at, (size_t)piece->bytes) : NULL;
}

/* Copies the pieces out of the head. A text must have its only terminator at its end. */
static gd_status take_pieces(const uint8_t *head, const char *path, gd_checkpoint *c, gd_error *error)
{
    const gd_piece *pieces = c->opened->table.pieces;
    bool done = true;
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++) {
        const char *text = (const char *)head + pieces[i].at;
        if (strnlen(text, (size_t)pieces[i].bytes) != (size_t)pieces[i].bytes - 1)
            return gd_checkpoint_unusable(path, "holds a text that does not end where it says", error);
        done = (c->texts[i] = copy_of(head, &pieces[i])) && done;
    }
    c->roll_count = pieces[GD_PIECE_ROLLS].bytes / (2 * (int64_t)sizeof(int64_t));
    if (c->roll_count)
        done = (c->rolls = copy_of(head, &pieces[GD_PIECE_ROLLS])) && done;
    c->icc_bytes = pieces[GD_PIECE_ICC].bytes;
    if (c->icc_bytes)
        done = (c->icc = copy_of(head, &pieces[GD_PIECE_ICC])) && done;
    return done ? GD_OK : gd_no_memory(error, "the checkpoint %s", path);
}

static gd_status refuse(const gd_allowance *allowance, const char *path, gd_error *error)
{
    char what[sizeof error->message];
    snprintf(what, sizeof what, "the checkpoint %s", path);
    return gd_allowance_refuse(allowance, what, error);
}

/* Reads everything between the first block and the canvas. Its size is the sum of bounded sizes. */
static gd_status read_head(const char *path, gd_allowance *allowance, gd_checkpoint *c, gd_error *error)
{
    const gd_checkpoint_table *table = &c->opened->table;
    const int64_t bytes = table->pieces[GD_PIECE_CANVAS].at, rest = bytes - GD_CHECKPOINT_BLOCK;
    const uint64_t kept = (uint64_t)bytes; /* an upper bound of the pieces */
    if (!gd_allowance_take(allowance, 2 * kept))
        return refuse(allowance, path, error);
    uint8_t *head = calloc(1, (size_t)bytes);
    if (!head)
        return gd_no_memory(error, "the checkpoint %s", path);
    gd_status status = GD_OK;
    if (!gd_file_read_at(c->opened->fd, head + GD_CHECKPOINT_BLOCK, rest, GD_CHECKPOINT_BLOCK))
        status = gd_checkpoint_unusable(path, "is cut short, or cannot be read", error);
    else if (gd_checkpoint_crc(head + GD_CHECKPOINT_BLOCK, rest) != table->rest)
        status = gd_checkpoint_unusable(path, "is damaged outside of its canvas", error);
    else
        status = take_pieces(head, path, c, error);
    c->place = table->place;
    free(head);
    gd_allowance_give(allowance, kept);
    return status;
}

static gd_status take_owner(const char *path, gd_checkpoint *c, gd_error *error)
{
    struct stat about;
    if (fstat(c->opened->fd, &about) != 0)
        return gd_checkpoint_unusable(path, "does not tell whose it is", error);
    c->owner = about.st_uid;
    return GD_OK;
}

gd_status gd_checkpoint_open(const char *path, gd_allowance *allowance, gd_checkpoint **checkpoint,
                             gd_error *error)
{
    *checkpoint = NULL;
    gd_checkpoint *made = calloc(1, sizeof *made);
    gd_checkpoint_opened *opened = calloc(1, sizeof *opened);
    if (!made || !opened) {
        free(made);
        free(opened);
        return gd_no_memory(error, "the checkpoint %s", path);
    }
    made->opened = opened;
    gd_status status = gd_file_open_input(path, "give another checkpoint", &opened->fd, error);
    if (status == GD_OK)
        status = gd_checkpoint_parse(opened->fd, path, &opened->table, error);
    if (status == GD_OK)
        status = read_head(path, allowance, made, error);
    if (status == GD_OK)
        status = take_owner(path, made, error);
    if (status == GD_OK)
        *checkpoint = made;
    else
        gd_checkpoint_free(made);
    return status;
}
