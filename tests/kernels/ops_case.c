/* Compares a backend with the reference, operation by operation. */
#include "kernels/ops_case.h"

#include <math.h>
#include <stdlib.h>

static double relative_error(const double *a, const double *b, int64_t count)
{
    double difference = 0, size = 0;
    for (int64_t i = 0; i < count; i++) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return size > 0 ? sqrt(difference / size) : sqrt(difference);
}

/* Share of values that are not equal. */
static double unequal_share(const double *a, const double *b, int64_t count)
{
    int64_t unequal = 0;
    for (int64_t i = 0; i < count; i++)
        unequal += a[i] != b[i];
    return (double)unequal / (double)count;
}

/* How the gradients of the focus differ, that of the tested side having been unscaled. */
static double gradient_error(const net_case *c)
{
    const int64_t count = gd_rect_area(c->tape->focus) * 3;
    double *a = malloc((size_t)count * sizeof *a), *b = malloc((size_t)count * sizeof *b);
    assert_true(a && b);
    for (int64_t i = 0; i < count; i++) {
        a[i] = c->gradients[0][i];
        b[i] = c->gradients[1][i];
    }
    const double error = relative_error(a, b, count);
    free(a);
    free(b);
    return error;
}

/* How a slice of a tensor differs between the two sides: relative L2 of values, unequal share of the rest. */
static double slice_error(const net_case *c, gd_slice slice)
{
    const gd_tensor *shape = &c->tape->tensors[slice.tensor];
    int64_t pixels = (int64_t)shape->rows * shape->cols;
    double *a = net_case_get(c, slice.tensor), *b = side_get(&c->reference, slice.tensor);
    int64_t at = slice.channel * pixels, count = slice.channels * pixels;
    double error = shape->kind == GD_TENSOR_VALUES ? relative_error(a + at, b + at, count)
                                                   : unequal_share(a + at, b + at, count);
    free(a);
    free(b);
    return error;
}

static void check_bound(const net_case *c, const ops_bounds *bounds, int32_t o, const char *what,
                        double error, double bound)
{
    const gd_op *op = &c->tape->ops[o];
    const char *name = bounds->name ? bounds->name(c, o) : NULL;
    if (!(error <= bound))
        fail_msg("operation %d (kind %d, %dx%d, %d to %d channels, %s), %s: %.3g, above %.3g", o, op->kind,
                 op->kernel_rows, op->kernel_cols, op->src.channels, op->dst.channels, name ? name : "own",
                 what, error, bound);
}

/* Both sides match the same units, as the tested side rounds them: of two guides nearly as close either may
 * be chosen otherwise. */
static void round_matched(const net_case *c, const gd_op *op)
{
    if (op->kind != GD_OP_MATCH)
        return;
    double *values = net_case_get(c, op->src.tensor);
    c->reference.backend->set(c->reference.program, c->reference.arena, op->src.tensor, values);
    free(values);
}

/* Copies what operation o reads. */
static void copy_inputs(const net_case *c, int32_t o)
{
    const gd_op *op = &c->tape->ops[o];
    bool back = o >= c->tape->first_backward;
    if (op->src.channels > 0)
        net_case_copy(c, op->src.tensor);
    round_matched(c, op);
    for (int32_t i = 0; i < GD_SUMMANDS_MORE; i++)
        if (op->more[i].channels > 0)
            net_case_copy(c, op->more[i].tensor);
    if (op->dst.channels > 0 && (op->accumulate || op->kind == GD_OP_MASK))
        net_case_copy(c, op->dst.tensor);
    if (back && op->mask.channels > 0)
        net_case_copy(c, op->mask.tensor);
    if (back && op->winner.channels > 0)
        net_case_copy(c, op->winner.tensor);
    if (op->kept.channels > 0)
        net_case_copy(c, op->kept.tensor);
}

static double check_op(const net_case *c, const ops_bounds *bounds, int32_t o)
{
    const gd_op *op = &c->tape->ops[o];
    bool back = o >= c->tape->first_backward;
    copy_inputs(c, o);
    net_case_run(c, &c->reference, o, o + 1);
    net_case_run(c, &c->tested, o, o + 1);
    double error = op->kind == GD_OP_OUTPUT ? gradient_error(c)
                   : op->dst.channels > 0   ? slice_error(c, op->dst)
                                            : 0;
    check_bound(c, bounds, o, "values", error, bounds->values(c, o));
    if (!back && op->mask.channels > 0)
        check_bound(c, bounds, o, "mask", slice_error(c, op->mask), bounds->switched);
    if (!back && op->winner.channels > 0)
        check_bound(c, bounds, o, "winners", slice_error(c, op->winner), bounds->switched);
    return error;
}

void check_operations(const net_case *c, const char *title, const ops_bounds *bounds)
{
    double worst = 0;
    for (int32_t o = 0; o < c->tape->op_count; o++) {
        double error = check_op(c, bounds, o);
        worst = error > worst ? error : worst;
    }
    print_message("%s, %s: worst operation %.2g\n", title, c->tested.backend->describe(c->tested.device),
                  worst);
}

/* The reference runs forward; its masks and winners, and what is kept beside them, are set, and both run
 * back. */
void check_way_back(const net_case *c, const char *title, const ops_bounds *bounds)
{
    int32_t first = c->tape->first_backward;
    const side *sides[2] = {&c->tested, &c->reference};
    net_case_run(c, &c->reference, 0, first);
    for (int32_t t = 0; t < c->tape->tensor_count; t++) {
        const gd_tensor *tensor = &c->tape->tensors[t];
        if (tensor->first_op < first && tensor->last_op >= first)
            net_case_copy(c, t);
    }
    for (int32_t o = first; o < c->tape->op_count; o++)
        round_matched(c, &c->tape->ops[o]);
    for (int s = 0; s < 2; s++)
        net_case_run(c, sides[s], first, c->tape->op_count);
    const double error = gradient_error(c);
    print_message("%s, %s: way back with the reference's masks %.2g\n", title,
                  c->tested.backend->describe(c->tested.device), error);
    assert_true(error <= bounds->way_back);
}
