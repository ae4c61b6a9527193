/* --proof: a small whole picture and three true-size crops of a poster, in a small part of its time.
 *
 * Whatever is dreamt here is dreamt as the poster: the same octaves, steps, step sizes, tiles and halo, rolls
 * from the same numbers. A part has no neighbours: it is a torus of its own. The gradients of three parts are
 * scaled by the deviation of all three. All functions are collective, and fail as gd_render does. */
#ifndef GD_PROOF_PROOF_H
#define GD_PROOF_PROOF_H

#include "base/rect.h"
#include "base/status.h"
#include "canvas/canvas.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "mpi/comm.h"
#include "plan/plan.h"
#include "proof/proof_way.h"

/* All borrowed. */
typedef struct gd_proof {
    gd_comm *comm;
    const gd_engine *engine;
    const gd_render_parameters *parameters; /* the poster's */
    const char *input;                      /* the picture's path; NULL: noise */
    const gd_proof_way *way;
    void *context;
    /* After each step, on each rank; `parts` pieces of rows x cols pixels took it. May be NULL. */
    void (*step_done)(void *context, int32_t octave, int32_t step, int64_t rows, int64_t cols, int32_t parts);
    /* On rank 0, what gd_reader_late_warning has after a reading; each reading tells it again. May be NULL.
     */
    void (*warned)(void *context, const char *warning);
} gd_proof;

/* The small whole picture: the poster's canvas after the last octave that is shared. When none is, the input
 * made so small, after the steps of the first octave. The caller frees the canvas. */
gd_status gd_proof_whole(const gd_proof *proof, gd_canvas **canvas, gd_error *error) GD_CHECKED;

/* The crops, each of the size of its rectangle. `whole`, of gd_proof_whole, is only read. The caller frees
 * the canvases, after a failure too. */
gd_status gd_proof_crops(const gd_proof *proof, const gd_canvas *whole, const gd_rect crops[GD_PROOF_CROPS],
                         gd_canvas *canvases[GD_PROOF_CROPS], gd_error *error) GD_CHECKED;

/* Megapixels of all steps of a proof. */
double gd_proof_work(const gd_render_parameters *parameters, const gd_proof_way *way);

#endif
