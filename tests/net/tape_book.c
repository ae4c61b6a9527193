/* Keeps a book of what each operation of a tape writes and reads. */
#include "net/tape_book.h"

#include "check.h"

#include <stdlib.h>

/* Which channels of each tensor hold something. */
typedef struct book {
    const gd_tape *tape;
    bool **written; /* [tensor_count][channels] */
} book;

static bool *channels_of(const book *b, int32_t op, gd_slice slice)
{
    const gd_tensor *tensor = &b->tape->tensors[slice.tensor];
    assert_true(slice.channel >= 0 && slice.channel + slice.channels <= tensor->channels);
    assert_true(tensor->first_op <= op && op <= tensor->last_op);
    if (slice.channels != 3) {
        assert_int_equal(slice.channel % 16, 0);
        assert_int_equal(slice.channels % 16, 0);
    }
    return b->written[slice.tensor] + slice.channel;
}

static void check_written(const book *b, int32_t op, gd_slice slice, bool expected)
{
    const bool *written = channels_of(b, op, slice);
    for (int32_t c = 0; c < slice.channels; c++) {
        if (written[c] != expected)
            fail_msg("operation %d: channel %d of tensor %d is %s", op, slice.channel + c, slice.tensor,
                     expected ? "not written yet" : "written already");
    }
}

static void mark_written(const book *b, int32_t op, gd_slice slice)
{
    bool *written = channels_of(b, op, slice);
    for (int32_t c = 0; c < slice.channels; c++)
        written[c] = true;
}

static gd_tensor tensor_of(const gd_tape *tape, gd_slice slice)
{
    return tape->tensors[slice.tensor];
}

static void check_epilogue(const book *b, int32_t o)
{
    const gd_op *op = &b->tape->ops[o];
    if (op->mask.channels == 0)
        return;
    const gd_slice result = op->dst.channels > 0 ? op->dst : op->src; /* the last operation masks its src */
    const gd_tensor mask = tensor_of(b->tape, op->mask), dst = tensor_of(b->tape, result);
    assert_int_equal(mask.kind, GD_TENSOR_MASK);
    assert_int_equal(mask.rows, dst.rows);
    assert_int_equal(mask.cols, dst.cols);
    if (o < b->tape->first_backward) {
        assert_int_equal(op->mask.channels, result.channels);
        assert_true(op->relu || op->kind == GD_OP_SEAM); /* which the convolution may have applied */
        check_written(b, o, op->mask, false);
        mark_written(b, o, op->mask);
    } else {
        assert_true(op->mask_at >= 0 && op->mask_at + op->mask.channels <= result.channels);
        check_written(b, o, op->mask, true);
    }
}

static void check_winner(const book *b, int32_t o)
{
    const gd_op *op = &b->tape->ops[o];
    if (op->kind != GD_OP_MAX_POOL && op->kind != GD_OP_MAX_POOL_BACK) {
        assert_int_equal(op->winner.channels, 0);
        return;
    }
    const bool forward = op->kind == GD_OP_MAX_POOL;
    const gd_tensor winner = tensor_of(b->tape, op->winner);
    const gd_tensor result = tensor_of(b->tape, forward ? op->dst : op->src);
    assert_int_equal(winner.kind, GD_TENSOR_WINNER);
    assert_true(winner.rows == result.rows && winner.cols == result.cols);
    assert_int_equal(op->winner.channels, op->dst.channels);
    check_written(b, o, op->winner, !forward);
    if (forward)
        mark_written(b, o, op->winner);
}

/* The first operation convolves the window, the last one its gradient, of which all is wanted here. */
static void check_picture_conv(const gd_tape *tape, const gd_op *op)
{
    const gd_slice side = op->kind == GD_OP_INPUT ? op->dst : op->src;
    const gd_tensor out = tensor_of(tape, side);
    const gd_filter *filter = &tape->filters[op->filter];
    assert_int_equal(filter->in, 3);
    assert_int_equal(filter->out, side.channels);
    assert_int_equal(out.rows, (tape->rows - op->kernel_rows) / op->stride + 1);
    assert_int_equal(out.cols, (tape->cols - op->kernel_cols) / op->stride + 1);
    assert_true(op->pad_rows == 0 && op->pad_cols == 0);
}

static void check_conv(const gd_tape *tape, const gd_op *op)
{
    if (gd_convolves_picture(op)) {
        check_picture_conv(tape, op);
        return;
    }
    if (op->kind != GD_OP_CONV && op->kind != GD_OP_CONV_BACK) {
        assert_int_equal(op->filter, -1);
        return;
    }
    const bool forward = op->kind == GD_OP_CONV;
    const gd_slice from = forward ? op->src : op->dst, to = forward ? op->dst : op->src;
    const gd_tensor in = tensor_of(tape, from), out = tensor_of(tape, to);
    const gd_filter *filter = &tape->filters[op->filter];
    assert_int_equal(filter->in, from.channels);
    assert_int_equal(filter->out, to.channels);
    assert_int_equal(out.rows, (in.rows + 2 * op->pad_rows - op->kernel_rows) / op->stride + 1);
    assert_int_equal(out.cols, (in.cols + 2 * op->pad_cols - op->kernel_cols) / op->stride + 1);
}

static void check_op(const book *b, int32_t o)
{
    const gd_op *op = &b->tape->ops[o];
    const bool sources = op->kind != GD_OP_INPUT && op->kind != GD_OP_SEED && op->kind != GD_OP_MASK;
    const bool results = op->kind != GD_OP_OUTPUT;
    assert_true((op->src.channels > 0) == sources || (op->kind == GD_OP_SEAM_BACK && op->value != 0));
    assert_true((op->dst.channels > 0) == results || (op->kind == GD_OP_SEAM && op->mask.channels > 0));
    if (op->src.channels > 0)
        check_written(b, o, op->src, true);
    for (int32_t i = 0; i < GD_SUMMANDS_MORE; i++)
        if (op->more[i].channels > 0)
            check_written(b, o, op->more[i], true);
    if (op->dst.channels > 0) {
        check_written(b, o, op->dst, op->accumulate || op->kind == GD_OP_MASK);
        mark_written(b, o, op->dst);
    }
    check_conv(b->tape, op);
    check_epilogue(b, o);
    check_winner(b, o);
}

/* Activations do not live into the way back, gradients not before it, and there are no idle tensors. */
static void check_lifetimes(const gd_tape *tape)
{
    for (int32_t t = 0; t < tape->tensor_count; t++) {
        const gd_tensor *tensor = &tape->tensors[t];
        const bool forward = tensor->first_op < tape->first_backward;
        assert_true(tensor->first_op >= 0 && tensor->first_op <= tensor->last_op);
        assert_int_equal(tensor->last_op < tape->first_backward, forward && tensor->kind == GD_TENSOR_VALUES);
        assert_true(forward || tensor->kind == GD_TENSOR_VALUES);
    }
}

void tape_book_check(const gd_tape *tape)
{
    book b = {tape, calloc((size_t)tape->tensor_count, sizeof(bool *))};
    assert_non_null(b.written);
    for (int32_t t = 0; t < tape->tensor_count; t++) {
        b.written[t] = calloc((size_t)tape->tensors[t].channels, sizeof(bool));
        assert_non_null(b.written[t]);
    }
    check_lifetimes(tape);
    for (int32_t o = 0; o < tape->op_count; o++)
        check_op(&b, o);
    assert_int_equal(tape->ops[0].kind, GD_OP_INPUT);
    assert_int_equal(tape->ops[tape->op_count - 1].kind, GD_OP_OUTPUT);
    for (int32_t t = 0; t < tape->tensor_count; t++) {
        for (int32_t c = 0; c < tape->tensors[t].channels; c++)
            assert_true(b.written[t][c]);
        free(b.written[t]);
    }
    free(b.written);
}
