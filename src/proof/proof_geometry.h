/* --proof: the geometry of a poster's octaves and of the parts of their canvases. Arithmetic only.
 *
 * The first octaves are small and rendered whole, exactly as in the poster (shared octaves). The last shared
 * canvas is the overview. Later octaves are rendered only in three parts of the canvas. A part has the size
 * of a crop of the final picture plus a margin, and contains the source pixels of the next octave's part. */
#ifndef GD_PROOF_PROOF_GEOMETRY_H
#define GD_PROOF_PROOF_GEOMETRY_H

#include "base/rect.h"
#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"

#include <stdint.h>

/* SIDE: longest side of the overview, and upper limit of a crop's side (a crop is at most one cell, so crops
 * do not overlap). LEAST: crops are not reduced below this side to save work. CELLS: cells per axis. */
enum { GD_PROOF_SIDE = 1024, GD_PROOF_LEAST = 128, GD_PROOF_CELLS = 3, GD_PROOF_CROPS = 3 };

typedef struct gd_proof_level {
    int32_t octave;
    int64_t rows, cols;           /* of the octave's canvas */
    int64_t part_rows, part_cols; /* of each part; the whole canvas in shared octaves */
} gd_proof_level;

typedef struct gd_proof_geometry {
    gd_proof_level
        *levels; /* owned; [octaves + 1]; the last is the final picture, and its parts are the crops */
    int32_t octaves;
    int64_t side;                   /* upper limit of a crop's side */
    int32_t shared;                 /* number of first octaves that are rendered whole */
    int64_t whole_rows, whole_cols; /* of the overview: the last shared octave's size, or, without one, the
                                       first octave's, reduced */
} gd_proof_geometry;

/* Reduces the crops until gd_proof_share is at most a third or GD_PROOF_LEAST is reached. The caller frees
 * the levels with gd_proof_geometry_free. Not collective. */
gd_status gd_proof_geometry_create(const gd_engine *engine, const gd_render_parameters *parameters,
                                   gd_proof_geometry *geometry, gd_error *error) GD_CHECKED;
void gd_proof_geometry_free(gd_proof_geometry *geometry);

/* Pixels of one step of each octave of the proof, summed. */
double gd_proof_pixels(const gd_proof_geometry *geometry);

/* The proof's work as a fraction of the picture's; above 1 for small pictures. */
double gd_proof_share(const gd_proof_geometry *geometry);

/* The two walks of a proof. The overview needs the octaves before gd_proof_whole_end. The crops start after
 * the last shared octave, if any, with gd_proof_crop_parameters. */
int32_t gd_proof_whole_end(const gd_render_parameters *parameters, const gd_proof_geometry *geometry);
gd_render_parameters gd_proof_crop_parameters(const gd_render_parameters *parameters,
                                              const gd_proof_geometry *geometry);

/* The crop at the center of a cell of the final picture; cells are numbered row by row from the top. */
gd_rect gd_proof_crop(const gd_proof_geometry *geometry, int32_t cell);

/* The part of each level's canvas for a crop: parts[octaves + 1]. Each contains the source pixels of the
 * next. */
void gd_proof_parts(const gd_proof_geometry *geometry, gd_rect crop, gd_rect *parts);

#endif
