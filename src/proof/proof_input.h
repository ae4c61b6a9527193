/* --proof: the input as it is on a canvas of any size, of which only parts are kept. */
#ifndef GD_PROOF_PROOF_INPUT_H
#define GD_PROOF_PROOF_INPUT_H

#include "proof/proof.h"

/* Makes a canvas of each part of the canvas of rows x cols pixels, of the part's size, and fills it with the
 * input as the poster has it there: with --keep-detail the file resampled to that size, else the picture of
 * the base size resampled to it. Rank 0 reads the input once, row by row, and holds a few rows and the parts.
 * The caller frees the stages[count], after a failure too. Collective. */
gd_status gd_proof_input(const gd_proof *proof, int64_t rows, int64_t cols, const gd_rect *parts,
                         int32_t count, const int32_t *ranks, gd_canvas **stages, gd_error *error) GD_CHECKED;

#endif
