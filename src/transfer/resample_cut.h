/* Division of a resampling into waves, so that what is read of the old canvas at a time stays small. Used
 * by the resampling itself and by the plan. */
#ifndef GD_TRANSFER_RESAMPLE_CUT_H
#define GD_TRANSFER_RESAMPLE_CUT_H

#include "canvas/partition.h"
#include "image/resample.h"
#include "mpi/exchange.h"

#include <stddef.h>

/* A wave is what each rank resamples between two exchanges: pieces of its blocks, in the order of the curve,
 * those of a block row by row. */
typedef struct gd_resample_cut {
    const gd_partition *partition;   /* borrowed; of the new canvas */
    const gd_resampler *rows, *cols; /* borrowed; NULL: of the same size, blocks only change their rank */
    gd_rect from, to; /* places of the old and the new canvas in their full ones, of which y and x count */
    int64_t side;     /* of a piece, in pixels: GD_BLOCK, or a smaller power of two */
    int64_t parts;    /* pieces along a side of a block */
    int64_t wave_pieces, waves;
} gd_resample_cut;

enum { GD_RESAMPLE_WAVE_PIECES = 16 }; /* wave_pieces at most */

/* The same on all ranks; of whole canvases, unless `from` and `to` are set. Pieces are as large as lets the
 * sources of a wave have GD_WAVE_PIXELS, but not smaller than 16 pixels a side. */
gd_resample_cut gd_resample_cut_create(const gd_partition *partition, const gd_resampler *rows,
                                       const gd_resampler *cols);

typedef struct gd_resample_piece {
    int64_t block;
    gd_rect target; /* pixels of the new canvas, by its own coordinates */
} gd_resample_piece;

/* Lists the windows of the old canvas that each rank needs for its pieces of a wave. windows[i] is for
 * pieces[i]; both: [wave_pieces * ranks]. Returns how many; no pixels are set. */
size_t gd_resample_cut_wave(const gd_resample_cut *cut, int64_t wave, gd_window *windows,
                            gd_resample_piece *pieces);

/* What a rectangle of the new canvas is made of, on the old one; each by its own coordinates. */
gd_rect gd_resample_source(const gd_resample_cut *cut, gd_rect target);

/* Floats from one source in memory to the next. */
int64_t gd_resample_source_floats(gd_rect source);

#endif
