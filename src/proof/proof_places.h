/* --proof: chooses the crops by contrast. */
#ifndef GD_PROOF_PROOF_PLACES_H
#define GD_PROOF_PROOF_PLACES_H

#include "proof/proof.h"

/* Three crops of the final picture: the cells with the highest, median and lowest contrast in the overview,
 * in this order. Contrast is the mean difference in brightness between neighbouring pixels. Collective. */
gd_status gd_proof_places(const gd_proof *proof, gd_canvas *whole, gd_rect crops[GD_PROOF_CROPS],
                          gd_error *error) GD_CHECKED;

#endif
