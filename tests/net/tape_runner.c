/* Runs a lowered tape on the reference backend. */
#include "net/tape_runner.h"
#include "net/fold.h"
#include "net/lower/lower.h"
#include "net/objective.h"

#include "base/random.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

void tape_runner_create(tape_runner *runner, const gd_net *net, const gd_weights *weights,
                        const gd_objective *objective, int32_t rows, int32_t cols,
                        const gd_lower_options *options)
{
    const gd_backend *backend = &gd_backend_reference;
    gd_filter_values *values;
    gd_error error;
    check_ok(gd_tape_lower(net, objective, rows, cols, options, &runner->tape, &error), error);
    check_ok(gd_filters_fold(runner->tape, net, weights, &values, &error), error);
    check_ok(backend->open(&(gd_device_options){0}, &runner->device, &error), error);
    check_ok(backend->load(runner->device, runner->tape, values, &error), error);
    check_ok(backend->compile(runner->device, runner->tape, &runner->program, &error), error);
    runner->values = values;
    runner->arena_bytes = backend->arena_bytes(runner->program);
    runner->arena = aligned_alloc(64, runner->arena_bytes);
    assert_non_null(runner->arena);
    memset(runner->arena, 0xff, runner->arena_bytes);
}

void tape_runner_free(tape_runner *runner)
{
    gd_backend_reference.free(runner->program);
    gd_backend_reference.close(runner->device);
    gd_filters_free(runner->values, runner->tape->filter_count);
    gd_tape_free(runner->tape);
    free(runner->arena);
}

void tape_runner_run(tape_runner *runner, int32_t first, int32_t last, const float *window)
{
    gd_error error;
    float *gradient = malloc((size_t)gd_rect_area(runner->tape->focus) * 3 * sizeof *gradient);
    assert_non_null(gradient);
    check_ok(gd_backend_reference.run(runner->program, runner->arena, first, last, window, gradient, &error),
             error);
    free(gradient);
}

/* The gradient at (y, x) of the focus, where the last operation convolves `values` of src, which have been
 * masked. */
static double convolved(const tape_runner *runner, const double *values, int64_t y, int64_t x, int32_t c)
{
    const gd_op *op = &runner->tape->ops[runner->tape->op_count - 1];
    const gd_tensor *src = &runner->tape->tensors[op->src.tensor];
    const gd_filter *filter = &runner->tape->filters[op->filter];
    const double *kernel = runner->values[op->filter].kernel;
    double sum = 0;
    for (int32_t out = 0; out < filter->out; out++)
        for (int32_t r = 0; r < op->kernel_rows; r++)
            for (int32_t s = 0; s < op->kernel_cols; s++) {
                const int64_t row = y + op->pad_rows - r, col = x + op->pad_cols - s;
                const bool hit = row >= 0 && col >= 0 && row % op->stride == 0 && col % op->stride == 0 &&
                                 row / op->stride < src->rows && col / op->stride < src->cols;
                if (hit)
                    sum +=
                        kernel[((out * 3 + c) * op->kernel_rows + r) * op->kernel_cols + s] *
                        values[((int64_t)out * src->rows + row / op->stride) * src->cols + col / op->stride];
            }
    return sum;
}

void tape_runner_gradient(const tape_runner *runner, double *gradient)
{
    const gd_tape *tape = runner->tape;
    const gd_op *output = &tape->ops[tape->op_count - 1];
    const gd_tensor *src = &tape->tensors[output->src.tensor];
    const int64_t plane = (int64_t)src->rows * src->cols;
    double *values = malloc((size_t)plane * (size_t)src->channels * sizeof *values);
    assert_non_null(values);
    assert_int_equal(output->kind, GD_OP_OUTPUT);
    gd_backend_reference.get(runner->program, runner->arena, output->src.tensor, values);
    for (int64_t y = 0; y < tape->focus.rows; y++)
        for (int64_t x = 0; x < tape->focus.cols; x++)
            for (int64_t c = 0; c < 3; c++)
                *gradient++ =
                    gd_convolves_picture(output)
                        ? convolved(runner, values, y, x, (int32_t)c)
                        : values[c * plane + (y - output->pad_rows) * src->cols + x - output->pad_cols];
    free(values);
}

void tape_gradient(const gd_net *net, const gd_weights *weights, const gd_objective *objective, int32_t rows,
                   int32_t cols, const gd_lower_options *options, const float *window, double *gradient)
{
    tape_runner runner;
    tape_runner_create(&runner, net, weights, objective, rows, cols, options);
    tape_runner_run(&runner, 0, runner.tape->op_count, window);
    tape_runner_gradient(&runner, gradient);
    tape_runner_free(&runner);
}

float *make_window(int32_t rows, int32_t cols)
{
    float *window = malloc((size_t)rows * (size_t)cols * 3 * sizeof *window);
    assert_non_null(window);
    for (int32_t i = 0; i < rows * cols * 3; i++)
        window[i] = (float)gd_random_below(7, GD_RANDOM_NOISE, 20001, i, 0, 0) / 10000 - 1;
    return window;
}

gd_objective one_layer(const gd_net *net, const char *name)
{
    const int32_t layer = gd_net_find_layer(net, name);
    assert_true(layer >= 0);
    return (gd_objective){.terms = {{.node = net->layers[layer].node, .weight = 1}}, .count = 1};
}
