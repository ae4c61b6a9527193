/* Frees a tape, and computes sizes and operation counts from it. */
#include "net/tape.h"

#include "base/minmax.h"

#include <stdlib.h>

void gd_tape_free(gd_tape *tape)
{
    if (!tape)
        return;
    free(tape->tensors);
    free(tape->ops);
    free(tape->filters);
    free(tape->factors);
    free(tape->results);
    free(tape);
}

void gd_tape_group(const gd_tape *tape, int32_t op, int32_t *first, int32_t *last)
{
    const gd_op_kind kind = tape->ops[op].kind;
    *first = op;
    *last = op + 1;
    if (kind != GD_OP_SEAM && kind != GD_OP_SEAM_BACK)
        return;
    while (*first > 0 && tape->ops[*first - 1].kind == kind)
        --*first;
    *first += (op - *first) / GD_GROUP_MAX * GD_GROUP_MAX;
    while (*last < tape->op_count && *last < *first + GD_GROUP_MAX && tape->ops[*last].kind == kind)
        ++*last;
}

size_t gd_tape_most_scratch(const gd_tape *tape, const size_t *scratch_bytes)
{
    size_t most = 0;
    for (int32_t o = 0; o < tape->op_count; o++)
        most = scratch_bytes[o] > most ? scratch_bytes[o] : most;
    return most;
}

static double units_of(const gd_tensor *tensor)
{
    static const double share[] = {
        [GD_TENSOR_VALUES] = 1, [GD_TENSOR_MASK] = 1.0 / 32, [GD_TENSOR_WINNER] = 0.25};
    return share[tensor->kind] * tensor->channels * tensor->rows * tensor->cols;
}

double gd_tape_most_units(const gd_tape *tape)
{
    double most = 0;
    for (int32_t o = 0; o < tape->op_count; o++) {
        double alive = 0;
        for (int32_t t = 0; t < tape->tensor_count; t++)
            if (tape->tensors[t].first_op <= o && o <= tape->tensors[t].last_op)
                alive += units_of(&tape->tensors[t]);
        most = alive > most ? alive : most;
    }
    return most;
}

int32_t gd_tensor_row_in(const gd_tensor *inner, const gd_tensor *outer)
{
    return inner->row - outer->row;
}

int32_t gd_tensor_col_in(const gd_tensor *inner, const gd_tensor *outer)
{
    return inner->col - outer->col;
}

/* Backward, along an axis: src may hold units for readers of dst's neighbours, which this one leaves out. */
static int32_t units_asked(int32_t src, int32_t dst, int32_t stride)
{
    return gd_min_i32(src, (dst + stride - 1) / stride);
}

bool gd_is_convolution(const gd_op *op)
{
    return op->kind == GD_OP_CONV || op->kind == GD_OP_CONV_BACK;
}

bool gd_convolves_picture(const gd_op *op)
{
    return (op->kind == GD_OP_INPUT || op->kind == GD_OP_OUTPUT) && op->filter >= 0;
}

double gd_op_macs(const gd_tape *tape, const gd_op *op)
{
    if (!gd_is_convolution(op) && !gd_convolves_picture(op))
        return 0;
    /* Both ways count the units of the forward result; on the way back, those that dst asks for. */
    const gd_tensor *src = &tape->tensors[op->src.tensor], *dst = &tape->tensors[op->dst.tensor];
    const gd_filter *filter = &tape->filters[op->filter];
    int32_t rows = dst->rows, cols = dst->cols;
    if (op->kind == GD_OP_CONV_BACK || op->kind == GD_OP_OUTPUT) {
        const bool last = op->kind == GD_OP_OUTPUT;
        rows = units_asked(src->rows, last ? (int32_t)tape->focus.rows : dst->rows, op->stride);
        cols = units_asked(src->cols, last ? (int32_t)tape->focus.cols : dst->cols, op->stride);
    }
    return (double)rows * cols * filter->in * filter->out * filter->kernel_rows * filter->kernel_cols;
}

double gd_tape_macs(const gd_tape *tape)
{
    double macs = 0;
    for (int32_t o = 0; o < tape->op_count; o++)
        macs += gd_op_macs(tape, &tape->ops[o]);
    return macs;
}
