/* What a halo costs on a canvas: the multiply-adds of the gradients of all its tiles, windows that shrink,
 * with a halo and without one. Follows from the cut and the tapes alone: the same on all ranks and backends.
 * Arithmetic only; not collective. For the thread that owns the engine. */
#ifndef GD_TILING_HALO_COST_H
#define GD_TILING_HALO_COST_H

#include "base/status.h"
#include "engine/engine.h"
#include "tiling/halo.h"

/* *ratio: what all tiles of rows x cols pixels take with `halo`, over what they take without. 1 if there is
 * one tile without a halo, or no objective. GD_USAGE if tensors of a window are too large, or the canvas is
 * too small. */
gd_status gd_halo_cost(const gd_engine *engine, int64_t rows, int64_t cols, int64_t tile, int64_t halo,
                       double *ratio, gd_error *error) GD_CHECKED;

/* *halo: gd_halo of a tile on a canvas of rows x cols pixels. An automatic one is exact where that costs
 * less than 1.25 there, and leaves as many tiles. */
gd_status gd_halo_find(const gd_engine *engine, gd_halo_kind kind, int64_t pixels, int64_t rows, int64_t cols,
                       int64_t tile, int64_t *halo, gd_error *error) GD_CHECKED;

#endif
