/* Tapes made by hand: single operations, each on tensors and a filter of its own. */
#ifndef GD_TESTS_OP_TAPE_H
#define GD_TESTS_OP_TAPE_H

#include "net/tape.h"

/* rows, cols: of a window, which none of the operations reads. Fails the test (cmocka) without memory; free
 * with gd_tape_free. */
gd_tape *op_tape_create(int32_t most_ops, int32_t rows, int32_t cols);

/* Adds a convolution or its way back, from `src` to `dst`, which may be larger than the operation's slices in
 * channels; slices, mask included, name no tensors yet. */
void op_tape_add(gd_tape *tape, const gd_op *op, const gd_tensor *src, const gd_tensor *dst);

#endif
