/* A canvas cut into tiles, and what the gradients of its tiles take. Arithmetic only; not collective. */
#ifndef GD_TILING_CUT_WORK_H
#define GD_TILING_CUT_WORK_H

#include "base/status.h"
#include "engine/engine.h"
#include "tiling/cuts.h"

/* Multiply-adds of a window's gradient. */
typedef gd_status (*gd_macs_of)(const gd_engine *engine, const gd_window_shape *shape, double *macs,
                                gd_error *error);

/* macs: [rows->count, cols->count], filled. Asks for each window and focus once, for at most nine. */
gd_status gd_cut_macs(const gd_engine *engine, const gd_cuts *rows, const gd_cuts *cols, gd_macs_of macs_of,
                      double *macs, gd_error *error) GD_CHECKED;

#endif
