/* Execution of the moves of an exchange. Private to this folder. */
#ifndef GD_MPI_EXCHANGE_MOVES_H
#define GD_MPI_EXCHANGE_MOVES_H

#include "base/memory.h"
#include "mpi/exchange/route.h"

/* Queues moves[count] on the memory of `plane`; for a plane in a block cache, they are done when it returns.
 * Targets must not overlap. `moves` may be freed when it returns. copies[count]: working memory. GD_IO if a
 * block cannot be read or written. Not collective. */
gd_status gd_moves_queue(const gd_plane *plane, const gd_move *moves, int64_t count, gd_rect_copy *copies,
                         gd_error *error) GD_CHECKED;

#endif
