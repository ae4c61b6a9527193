/* What the parameters of a render say of an octave and of its steps: sizes, tiles, halos, rolls, ranks.
 * Arithmetic alone; not collective. */
#ifndef GD_DREAM_OCTAVE_H
#define GD_DREAM_OCTAVE_H

#include "base/rect.h"
#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "tiling/tile_assignment.h"

#include <stdint.h>

/* Size of the canvas at an octave, by the rules. */
gd_extent gd_octave_extent(const gd_render_parameters *parameters, int32_t octave);

/* Tile in use at step `index` of all the render's steps; by the rules a multiple of `stride`. */
int64_t gd_render_tile(const gd_render_parameters *parameters, int32_t stride, int64_t index);

/* Halo of a tile; 0 where the rules have none. */
int64_t gd_render_halo(const gd_render_parameters *parameters, const gd_engine *engine, int64_t tile);

/* What a step of an octave does: tile, halo, step size, and the roll, from the seed or the hook, which may
 * fail.
 */
gd_status gd_render_step(const gd_render_parameters *parameters, const gd_engine *engine, int32_t octave,
                         int32_t step, gd_step_parameters *s, gd_error *error) GD_CHECKED;

/* How many of `ranks` hold rows x cols pixels, an octave's canvas or a part of it: as many as it has tiles at
 * the octave's smallest tile size, or all. */
gd_status gd_render_ranks_of(const gd_render_parameters *parameters, const gd_engine *engine, int32_t octave,
                             int64_t rows, int64_t cols, int32_t ranks, int32_t *holding,
                             gd_error *error) GD_CHECKED;

/* An octave as a render goes through it. The picture's base size counts as octave `octave_end`, without
 * steps. */
typedef struct gd_octave {
    int32_t octave; /* exponent */
    int64_t rows, cols;
    int32_t ranks;           /* the first so many hold it */
    int32_t step, steps_end; /* its steps to come: [step, steps_end) */
} gd_octave;

/* `ranks`: of the render. */
gd_status gd_octave_at(const gd_render_parameters *parameters, const gd_engine *engine, int32_t octave,
                       int32_t ranks, gd_octave *at, gd_error *error) GD_CHECKED;

#endif
