/* --proof: which places of a picture are worth a look. */
#ifndef GD_PROOF_PROOF_PLACES_H
#define GD_PROOF_PROOF_PLACES_H

#include "proof/proof.h"

/* Three crops of the final picture, in the cells of the small whole picture with most, middling and least
 * contrast, in this order: the mean difference in brightness between neighbouring pixels. Collective. */
gd_status gd_proof_places(const gd_proof *proof, gd_canvas *whole, gd_rect crops[GD_PROOF_CROPS],
                          gd_error *error) GD_CHECKED;

#endif
