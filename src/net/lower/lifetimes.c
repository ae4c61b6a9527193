/* Computes the lifetime of each tensor from the operations that use it. */
#include "net/lower/lifetimes.h"

static void touch(gd_tape *tape, gd_slice slice, int32_t op)
{
    if (slice.channels == 0)
        return;
    gd_tensor *tensor = &tape->tensors[slice.tensor];
    if (tensor->first_op < 0)
        tensor->first_op = op;
    tensor->last_op = op;
}

void gd_lower_lifetimes(gd_tape *tape)
{
    for (int32_t t = 0; t < tape->tensor_count; t++)
        tape->tensors[t].first_op = tape->tensors[t].last_op = -1;
    for (int32_t o = 0; o < tape->op_count; o++) {
        const gd_op *op = &tape->ops[o];
        touch(tape, op->src, o);
        touch(tape, op->kept, o);
        touch(tape, op->dst, o);
        touch(tape, op->mask, o);
        touch(tape, op->winner, o);
    }
}
