/* Random values for tapes made by hand, which bf16 holds, and the check of results. */
#include "kernels/op_values.h"

#include "base/random.h"

#include <math.h>
#include <stdlib.h>

/* Multiples of 1/128 within [-1, 1], which bf16 holds, or bits. */
static double *random_values(size_t count, uint64_t seed, bool bits)
{
    double *values = malloc(count * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = bits ? (double)gd_random_below(seed, GD_RANDOM_NOISE, 2, (int32_t)i, 0, 0)
                         : gd_random_below(seed, GD_RANDOM_NOISE, 257, (int32_t)i, 0, 0) / 128.0 - 1;
    return values;
}

gd_filter_values *op_values_filters(const gd_tape *tape)
{
    gd_filter_values *filters = calloc((size_t)tape->filter_count, sizeof *filters);
    assert_non_null(filters);
    for (int32_t f = 0; f < tape->filter_count; f++) {
        const gd_filter *shape = &tape->filters[f];
        const size_t taps = (size_t)shape->kernel_rows * (size_t)shape->kernel_cols;
        filters[f].kernel =
            random_values((size_t)shape->in * (size_t)shape->out * taps, 100 + (uint64_t)f, false);
        filters[f].bias = random_values((size_t)shape->out, 1, false);
    }
    return filters;
}

int64_t op_values_count(const gd_tensor *tensor)
{
    return (int64_t)tensor->channels * tensor->rows * tensor->cols;
}

void op_values_fill(const side *s, int32_t o)
{
    const gd_op *op = &s->tape->ops[o];
    const int32_t tensors[] = {op->src.tensor, op->dst.tensor, op->mask.channels ? op->mask.tensor : -1};
    for (int i = 0; i < 3; i++) {
        if (tensors[i] < 0)
            continue;
        const gd_tensor *t = &s->tape->tensors[tensors[i]];
        double *values =
            random_values((size_t)op_values_count(t), (uint64_t)(3 * o + i), t->kind == GD_TENSOR_MASK);
        s->backend->set(s->program, s->arena, tensors[i], values);
        free(values);
    }
}

void op_values_check(const side *s, int32_t o, const double *got, const double *wanted, double bound)
{
    const gd_slice *dst = &s->tape->ops[o].dst;
    const gd_tensor *tensor = &s->tape->tensors[dst->tensor];
    const int64_t pixels = (int64_t)tensor->rows * tensor->cols;
    double difference = 0, size = 0;
    for (int64_t i = 0; i < op_values_count(tensor); i++) {
        if (i / pixels < dst->channel || i / pixels >= dst->channel + dst->channels) {
            assert_true(got[i] == wanted[i]);
            continue;
        }
        difference += (got[i] - wanted[i]) * (got[i] - wanted[i]);
        size += wanted[i] * wanted[i];
    }
    assert_true(size > 0);
    if (!(sqrt(difference / size) <= bound))
        fail_msg("operation %d: %.3g, above %.3g", o, sqrt(difference / size), bound);
}
