/* Work on a plane in pieces of its blocks, each with the pixels of a plane that it depends on. */
#ifndef GD_TRANSFER_PIECES_H
#define GD_TRANSFER_PIECES_H

#include "base/status.h"
#include "canvas/plane.h"
#include "engine/engine.h"
#include "mpi/comm.h"
#include "transfer/resample_cut.h"

#include <stdint.h>

typedef struct gd_piece {
    int64_t index; /* in [0, gd_pieces_count): along the partition's curve, on any number of ranks */
    gd_rect at;    /* its pixels, by the coordinates of its plane */
    float *values; /* the first of them, pinned */
    int64_t stride;
    const float *source; /* dense pixels of the other plane, all that the cut says */
    gd_rect source_at;   /* by the coordinates of that plane */
    float *scratch;      /* [scratch_floats]; NULL if there are none */
} gd_piece;

/* Does something with a piece; may queue it. */
typedef gd_status gd_piece_work(void *context, const gd_piece *piece, gd_error *error);

typedef struct gd_pieces {
    gd_comm *comm; /* borrowed, as are all pointers here */
    const gd_engine *engine;
    const gd_plane *from;
    gd_plane *to;
    const gd_resample_cut *cut; /* of the partition of `to`; without resamplers the pieces are whole blocks
                                   that are copied from `from`, and `work` is not called */
    gd_access access;           /* to the pieces; REPLACE: the work writes all of them */
    int64_t scratch_floats;
    gd_piece_work *work;
    void *context;
} gd_pieces;

/* Number of indices of the pieces of a rank's blocks, and of those before them: pieces [*first, *end). */
void gd_pieces_of(const gd_resample_cut *cut, int32_t rank, int64_t *first, int64_t *end);

/* Goes through all pieces, in waves. All work is finished when it returns. Collective. */
gd_status gd_pieces_run(const gd_pieces *pieces, gd_error *error) GD_CHECKED;

#endif
