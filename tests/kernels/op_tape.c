/* Tapes made by hand, of single operations. */
#include "kernels/op_tape.h"

#include "check.h"

#include <stdlib.h>

gd_tape *op_tape_create(int32_t most_ops, int32_t rows, int32_t cols)
{
    gd_tape *tape = calloc(1, sizeof *tape);
    assert_non_null(tape);
    tape->rows = rows;
    tape->cols = cols;
    tape->focus = (gd_rect){0, 0, rows, cols};
    tape->ops = calloc((size_t)most_ops, sizeof *tape->ops);
    tape->tensors = calloc((size_t)most_ops * 3, sizeof *tape->tensors);
    tape->filters = calloc((size_t)most_ops, sizeof *tape->filters);
    assert_true(tape->ops && tape->tensors && tape->filters);
    return tape;
}

static int32_t add_tensor(gd_tape *tape, const gd_tensor *tensor)
{
    tape->tensors[tape->tensor_count] = *tensor;
    tape->tensors[tape->tensor_count].first_op = tape->op_count;
    tape->tensors[tape->tensor_count].last_op = tape->op_count;
    return tape->tensor_count++;
}

void op_tape_add(gd_tape *tape, const gd_op *op, const gd_tensor *src, const gd_tensor *dst)
{
    const bool back = op->kind == GD_OP_CONV_BACK;
    gd_op *made = &tape->ops[tape->op_count];
    *made = *op;
    made->src.tensor = add_tensor(tape, src);
    made->dst.tensor = add_tensor(tape, dst);
    if (op->mask.channels > 0) {
        gd_tensor mask = *dst;
        mask.kind = GD_TENSOR_MASK;
        mask.channels = op->mask.channels;
        made->mask.tensor = add_tensor(tape, &mask);
    }
    made->filter = tape->filter_count;
    tape->filters[tape->filter_count++] = (gd_filter){.in = back ? op->dst.channels : op->src.channels,
                                                      .out = back ? op->src.channels : op->dst.channels,
                                                      .kernel_rows = op->kernel_rows,
                                                      .kernel_cols = op->kernel_cols};
    tape->op_count++;
}
