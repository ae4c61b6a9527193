/* Division of a resampling into waves, which bounds the pixels of the old canvas that are read at a time.
 * Used by the resampling itself and by the plan. */
#ifndef GD_TRANSFER_RESAMPLE_CUT_H
#define GD_TRANSFER_RESAMPLE_CUT_H

#include "canvas/partition.h"
#include "image/resample.h"
#include "image/warp.h"
#include "mpi/exchange/exchange.h"

#include <stdbool.h>
#include <stddef.h>

/* In a wave, each rank resamples some pieces of its blocks between two exchanges: blocks in curve order, the
 * pieces of a block row by row. */
typedef struct gd_resample_cut {
    const gd_partition *partition; /* borrowed; of the new canvas */
    const gd_resampler *rows,
        *cols;           /* borrowed; NULL: same size, blocks only move between ranks, or `warp` */
    const gd_warp *warp; /* borrowed; NULL: none */
    gd_rect from, to;    /* positions (y, x) of the old and the new canvas in their full canvases */
    int64_t side;        /* of a piece, in pixels: GD_BLOCK, or a smaller power of two */
    int64_t parts;       /* pieces along a side of a block */
    int64_t wave_pieces, waves;
} gd_resample_cut;

enum { GD_RESAMPLE_WAVE_PIECES = 16 }; /* wave_pieces at most */

/* The same on all ranks; for whole canvases, unless `from` and `to` are set afterwards. Pieces are as large
 * as GD_WAVE_PIXELS for the sources of a wave allows, but at least 16 pixels a side. */
gd_resample_cut gd_resample_cut_create(const gd_partition *partition, const gd_resampler *rows,
                                       const gd_resampler *cols);

/* The same for a canvas that is warped. */
gd_resample_cut gd_resample_cut_warp(const gd_partition *partition, const gd_warp *warp);

/* Whether blocks only move between ranks: there are no sources then. */
bool gd_resample_cut_copies(const gd_resample_cut *cut);

typedef struct gd_resample_piece {
    int64_t block;
    gd_rect target; /* pixels of the new canvas, by its own coordinates */
} gd_resample_piece;

/* Lists the windows of the old canvas that each rank needs for its pieces in a wave. windows[i] is for
 * pieces[i]; both: [wave_pieces * ranks]. Returns their number; `pixels` is not set. */
size_t gd_resample_cut_wave(const gd_resample_cut *cut, int64_t wave, gd_window *windows,
                            gd_resample_piece *pieces);

/* The rectangle of the old canvas that a rectangle of the new one needs, each in its own coordinates. */
gd_rect gd_resample_source(const gd_resample_cut *cut, gd_rect target);

/* Floats from one source in memory to the next. */
int64_t gd_resample_source_floats(gd_rect source);

#endif
