/* Octaves and their steps, computed from the parameters of a render: sizes, tiles, halos, rolls, ranks.
 * Arithmetic only; not collective. */
#ifndef GD_DREAM_OCTAVE_H
#define GD_DREAM_OCTAVE_H

#include "base/rect.h"
#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "tiling/tile_assignment.h"

#include <stdint.h>

/* Size of the canvas at an octave. */
gd_extent gd_octave_extent(const gd_render_parameters *parameters, int32_t octave);

/* Tile size at step `index` of the whole render, rounded up to a multiple of `stride` if the rules require
 * it. */
int64_t gd_octave_tile(const gd_render_parameters *parameters, int32_t stride, int64_t index);

/* *halo: that of a tile at an octave, by the whole of its canvas; 0 if the rules have none. */
gd_status gd_octave_halo(const gd_render_parameters *parameters, const gd_engine *engine, int32_t octave,
                         int64_t tile, int64_t *halo, gd_error *error) GD_CHECKED;

/* Computes tile, halo, step size and roll of a step. Fails if hooks.roll fails, or for want of memory. */
gd_status gd_octave_step(const gd_render_parameters *parameters, const gd_engine *engine, int32_t octave,
                         int32_t step, gd_step_parameters *s, gd_error *error) GD_CHECKED;

/* *holding: the number of ranks, at most `ranks`, that hold rows x cols pixels, an octave's canvas or a part
 * of it: one for each tile at the smallest tile size of the octave. */
gd_status gd_octave_ranks(const gd_render_parameters *parameters, const gd_engine *engine, int32_t octave,
                          int64_t rows, int64_t cols, int32_t ranks, int32_t *holding,
                          gd_error *error) GD_CHECKED;

/* An octave of a render. The picture's base size counts as octave `octave_end`, without steps. */
typedef struct gd_octave {
    int32_t octave; /* exponent */
    int64_t rows, cols;
    int32_t ranks;           /* number of ranks that hold it: the first ones */
    int32_t step, steps_end; /* remaining steps: [step, steps_end) */
} gd_octave;

/* Describes an octave. `ranks`: number of ranks of the render. */
gd_status gd_octave_at(const gd_render_parameters *parameters, const gd_engine *engine, int32_t octave,
                       int32_t ranks, gd_octave *at, gd_error *error) GD_CHECKED;

#endif
