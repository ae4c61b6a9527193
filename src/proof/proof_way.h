/* --proof: the way of a poster's octaves, and where small parts of its canvases lie on it. Arithmetic alone.
 *
 * The first octaves are small, and are dreamt whole: they are the poster's own, and the last of them is the
 * small picture of the whole. From there on three parts go on, each on a piece of the octave's canvas: as
 * large as a crop of the final picture with a margin around it, and at least what the next octave's piece is
 * resampled from. */
#ifndef GD_PROOF_PROOF_WAY_H
#define GD_PROOF_PROOF_WAY_H

#include "base/rect.h"
#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"

#include <stdint.h>

/* SIDE: the longest side of the small whole picture, and the most of a crop's (which is at most a cell of the
 * whole, so that no two show the same pixels). LEAST: no crop's is made shorter to save work. CELLS: of an
 * axis. */
enum { GD_PROOF_SIDE = 1024, GD_PROOF_LEAST = 128, GD_PROOF_CELLS = 3, GD_PROOF_CROPS = 3 };

typedef struct gd_proof_level {
    int32_t octave;
    int64_t rows, cols;           /* of the octave's canvas */
    int64_t part_rows, part_cols; /* of each part of it; the whole canvas while that is shared */
} gd_proof_level;

typedef struct gd_proof_way {
    gd_proof_level
        *levels; /* owned; [octaves + 1], the last one the final picture, whose parts are the crops */
    int32_t octaves;
    int64_t side;                   /* the longest that a crop's may be */
    int32_t shared;                 /* the first so many octaves are dreamt whole, once */
    int64_t whole_rows, whole_cols; /* of the small whole picture: of the last shared octave, or, when none
                                       is, of the first one's canvas made smaller */
} gd_proof_way;

/* Crops are made smaller until gd_proof_share is at most a third, or they are small. The caller frees the
 * levels with gd_proof_way_free. Not collective. */
gd_status gd_proof_way_create(const gd_engine *engine, const gd_render_parameters *parameters,
                              gd_proof_way *way, gd_error *error) GD_CHECKED;
void gd_proof_way_free(gd_proof_way *way);

/* Pixels that a step of each octave of the proof dreams on. */
double gd_proof_pixels(const gd_proof_way *way);

/* The part of the picture's work that the proof takes; more than 1 for pictures that are small. */
double gd_proof_share(const gd_proof_way *way);

/* The two walks of a proof. The small whole picture is made from the beginning, by the octaves before
 * gd_proof_whole_end. Crops go on from the last one that is shared, where there is one, as these parameters
 * say. */
int32_t gd_proof_whole_end(const gd_render_parameters *parameters, const gd_proof_way *way);
gd_render_parameters gd_proof_crop_parameters(const gd_render_parameters *parameters,
                                              const gd_proof_way *way);

/* The crop in the middle of a cell of the final picture; cells are counted in rows from the top. */
gd_rect gd_proof_crop(const gd_proof_way *way, int32_t cell);

/* The part of each level's canvas that a crop goes through: parts[octaves + 1]. Each holds all that the next
 * one is resampled from. */
void gd_proof_parts(const gd_proof_way *way, gd_rect crop, gd_rect *parts);

#endif
