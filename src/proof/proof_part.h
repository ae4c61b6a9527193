/* --proof: from a part of an octave's canvas to a part of the next one's. */
#ifndef GD_PROOF_PROOF_PART_H
#define GD_PROOF_PROOF_PART_H

#include "proof/proof.h"

/* A part of a canvas. */
typedef struct gd_proof_part {
    gd_rect at;         /* on the canvas, rows x cols pixels */
    int64_t rows, cols; /* of the canvas */
    gd_canvas *canvas;  /* of the part's size */
    gd_canvas *input;   /* the input there; NULL: it is not at hand */
} gd_proof_part;

/* Resamples from->pixels into to->pixels: the pixels that the whole canvas would have there. When to->input
 * is there, so must from->input be, and the detail that the smaller one lacks is added, as in dream/detail.h.
 * Collective. */
gd_status gd_proof_resample(const gd_proof *proof, const gd_proof_part *from, const gd_proof_part *to,
                            gd_error *error) GD_CHECKED;

#endif
