/* Computes the lifetime of each tensor from the operations that use it. */
#include "net/lower/lifetimes.h"

/* Operations of a group may be computed at once, so that what one of them needs lives through all. */
static void touch(gd_tape *tape, gd_slice slice, int32_t op)
{
    int32_t first, last;
    if (slice.channels == 0)
        return;
    gd_tensor *tensor = &tape->tensors[slice.tensor];
    gd_tape_group(tape, op, &first, &last);
    if (tensor->first_op < 0)
        tensor->first_op = first;
    tensor->last_op = last - 1;
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
        for (int32_t i = 0; i < GD_SUMMANDS_MORE; i++)
            touch(tape, op->more[i], o);
        touch(tape, op->mask, o);
        touch(tape, op->winner, o);
    }
    for (int32_t i = 0; i < tape->result_count; i++)
        touch(tape, tape->results[i], tape->op_count - 1);
}
