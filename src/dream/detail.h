/* --keep-detail: what the smaller octaves lost of the input is added back when the canvas grows.
 *
 * With I(o) the input at octave o, canvas(o) = clip(I(o) + up(canvas(o - 1) - I(o - 1)), -1, 1): resampling
 * being linear, that is up(canvas(o - 1)) and the detail I(o) - up(I(o - 1)) (Mordvintsev et al.,
 * "DeepDream", 2015). The input is read again, resampled on the way, or the noise of the base size is made
 * again and resampled; so there is no state beside the canvas, and never more than two planes but for noise,
 * which takes a third. */
#ifndef GD_DREAM_DETAIL_H
#define GD_DREAM_DETAIL_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "mpi/comm.h"

/* The input at rows x cols pixels, on the first `ranks` ranks. parameters->detail must not be GD_DETAIL_NONE.
 * Collective. The caller frees the canvas. */
gd_status gd_detail_input(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                          int64_t rows, int64_t cols, int32_t ranks, gd_canvas **canvas,
                          gd_error *error) GD_CHECKED;

/* Replaces *canvas by a larger one, with the input's detail. *canvas may become NULL on failure. Collective.
 */
gd_status gd_detail_enlarge(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                            int64_t rows, int64_t cols, int32_t ranks, gd_canvas **canvas,
                            gd_error *error) GD_CHECKED;

#endif
