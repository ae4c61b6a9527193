/* Frees a tape, and computes sizes and operation counts from it. */
#include "net/tape.h"

#include <stdlib.h>

void gd_tape_free(gd_tape *tape)
{
    if (!tape)
        return;
    free(tape->tensors);
    free(tape->ops);
    free(tape->filters);
    free(tape);
}

size_t gd_tape_most_scratch(const gd_tape *tape, const size_t *scratch_bytes)
{
    size_t most = 0;
    for (int32_t o = 0; o < tape->op_count; o++)
        most = scratch_bytes[o] > most ? scratch_bytes[o] : most;
    return most;
}

double gd_op_macs(const gd_tape *tape, const gd_op *op)
{
    if (op->kind != GD_OP_CONV && op->kind != GD_OP_CONV_BACK)
        return 0;
    /* Both directions count units of the forward output. */
    const gd_slice result = op->kind == GD_OP_CONV ? op->dst : op->src;
    const gd_tensor *tensor = &tape->tensors[result.tensor];
    const gd_filter *filter = &tape->filters[op->filter];
    return (double)tensor->rows * tensor->cols * filter->in * filter->out * filter->kernel_rows *
           filter->kernel_cols;
}
