/* Random values for tapes made by hand: multiples of 1/128 within [-1, 1], which bf16 holds, and bits. The
 * same for the same tape, operation and tensor. */
#ifndef GD_TESTS_OP_VALUES_H
#define GD_TESTS_OP_VALUES_H

#include "kernels/side.h"
#include "net/fold.h"

/* Of all filters of a tape; the caller frees each kernel and bias, and the array. */
gd_filter_values *op_values_filters(const gd_tape *tape);

/* Units of a tensor. */
int64_t op_values_count(const gd_tensor *tensor);

/* Fills the tensors that operation o reads or writes. */
void op_values_fill(const side *s, int32_t o);

/* Fails the test (cmocka) where operation o's dst, whole tensors as side_get gives them, is further from
 * `wanted` than `bound`, as relative L2 within the slice, or unlike it outside. */
void op_values_check(const side *s, int32_t o, const double *got, const double *wanted, double bound);

#endif
