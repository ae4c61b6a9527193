/* Executes moves between windows, messages and the blocks of a plane, which are pinned meanwhile. */
#include "mpi/exchange/moves.h"

/* Whether the move writes a whole block, so that its old values are not needed. */
static bool fills_block(const gd_plane *plane, const gd_move *move)
{
    return move->rows * move->floats ==
           3 * gd_rect_area(gd_partition_block(plane->partition, move->to.block));
}

/* Resolves a move to a copy, and pins its block if it has one. */
static gd_status open_move(const gd_plane *plane, const gd_move *move, gd_rect_copy *copy, gd_error *error)
{
    float *from = move->from.values, *to = move->to.values;
    gd_status status = GD_OK;
    if (!from) {
        status = gd_plane_pin(plane, move->from.block, GD_ACCESS_READ, &from, error);
        from = status == GD_OK ? from + move->from.at : NULL;
    } else if (!to) {
        const gd_access access = fills_block(plane, move) ? GD_ACCESS_REPLACE : GD_ACCESS_CHANGE;
        status = gd_plane_pin(plane, move->to.block, access, &to, error);
        to = status == GD_OK ? to + move->to.at : NULL;
    }
    *copy = (gd_rect_copy){to, from, move->to.stride, move->from.stride, move->rows, move->floats};
    return status;
}

static void close_move(const gd_plane *plane, const gd_move *move)
{
    if (!move->from.values)
        gd_plane_unpin(plane, move->from.block);
    else if (!move->to.values)
        gd_plane_unpin(plane, move->to.block);
}

/* Starts reading the block of a later move. */
static void read_ahead(const gd_plane *plane, const gd_move *move)
{
    if (!move->from.values)
        gd_plane_ahead(plane, move->from.block);
    else if (!move->to.values && !fills_block(plane, move))
        gd_plane_ahead(plane, move->to.block);
}

/* Executes moves one by one, for planes in a block cache. Their memory is the host's, so each copy is done
 * when the call returns. */
static gd_status move_one_by_one(const gd_plane *plane, const gd_move *moves, int64_t count, gd_error *error)
{
    enum { AHEAD = 16 };
    gd_memory *memory = plane->memory;
    gd_status status = GD_OK;
    for (int64_t i = 0; status == GD_OK && i < count; i++) {
        const gd_move *move = &moves[i];
        gd_rect_copy copy;
        if (i + AHEAD < count)
            read_ahead(plane, &move[AHEAD]);
        status = open_move(plane, move, &copy, error);
        if (status != GD_OK)
            break;
        status = memory->class->copy(memory, &copy, 1, error);
        close_move(plane, move);
    }
    return status;
}

gd_status gd_moves_queue(const gd_plane *plane, const gd_move *moves, int64_t count, gd_rect_copy *copies,
                         gd_error *error)
{
    gd_status status = GD_OK;
    if (count == 0)
        return GD_OK;
    if (!gd_plane_in_memory(plane))
        return move_one_by_one(plane, moves, count, error);
    for (int64_t i = 0; status == GD_OK && i < count; i++)
        status = open_move(plane, &moves[i], &copies[i], error);
    return status == GD_OK ? plane->memory->class->copy(plane->memory, copies, count, error) : status;
}
