/* --proof: an overview and three full-size crops of a poster, in a fraction of its time.
 *
 * A proof uses the poster's octaves, steps, step sizes, tiles, halo and random rolls. A part has no
 * neighbours: it is a torus by itself. The gradients of the three parts are scaled by their common deviation.
 * All functions are collective, with the errors of gd_render. */
#ifndef GD_PROOF_PROOF_H
#define GD_PROOF_PROOF_H

#include "base/rect.h"
#include "base/status.h"
#include "canvas/canvas.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "mpi/comm.h"
#include "plan/plan.h"
#include "proof/proof_geometry.h"

/* All borrowed. */
typedef struct gd_proof {
    gd_comm *comm;
    const gd_engine *engine;
    const gd_render_parameters *parameters; /* the poster's */
    const char *input;                      /* the picture's path; NULL: noise */
    const gd_proof_geometry *geometry;
    void *context;
    /* Called after each step on each rank, for `parts` parts of rows x cols pixels. May be NULL. */
    void (*step_done)(void *context, int32_t octave, int32_t step, int64_t rows, int64_t cols, int32_t parts);
    /* Called on rank 0 with the text of gd_reader_late_warning, after each read of the input. May be NULL. */
    void (*warned)(void *context, const char *warning);
} gd_proof;

/* The overview: the poster's canvas after the last shared octave. Without shared octaves: the input, reduced
 * to the overview's size, after the steps of the first octave. The caller frees the canvas. */
gd_status gd_proof_whole(const gd_proof *proof, gd_canvas **canvas, gd_error *error) GD_CHECKED;

/* The crops, each with the size of its rectangle. `whole` is from gd_proof_whole and is only read. The caller
 * frees the canvases, also after a failure. */
gd_status gd_proof_crops(const gd_proof *proof, const gd_canvas *whole, const gd_rect crops[GD_PROOF_CROPS],
                         gd_canvas *canvases[GD_PROOF_CROPS], gd_error *error) GD_CHECKED;

/* Megapixels of all steps of a proof, summed. */
double gd_proof_work(const gd_render_parameters *parameters, const gd_proof_geometry *geometry);

#endif
