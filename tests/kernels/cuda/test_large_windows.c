/* Large windows: their gradients are those of small windows cut from them, wherever the small ones lie.
 * Tensors above 2^31 bytes were computed falsely by some versions of cuDNN
 * (github.com/pytorch/pytorch/issues/163539).
 *
 *   test_large_windows [SIDE [LAYER]]
 *
 * A gradient depends on the pixels within the layer's reach, and on the picture's edges. So what lies farther
 * than that from the cuts of a small window must be what the large one has there, but for the rounding of
 * other engines. */
#include "base/apart/apart.h"
#include "base/minmax.h"
#include "base/random.h"
#include "base/round.h"
#include "kernels/side.h"
#include "net/lower/lower.h"
#include "net/reach.h"
#include "tools/hash_weights.h"

#include <math.h>
#include <stdlib.h>

enum { CORE = 32 }; /* pixels a side that are compared, at least */

/* Of the gradient's norm. Engines that round in another order give about 0.01, and false values about 1. */
static const double tolerance = 0.1;

static int32_t whole = 288;
static const char *layer = "mixed0";

typedef struct far_case {
    gd_net *net;
    gd_objective objective;
    gd_filter_values *filters;
    int32_t filter_count;
    gd_device *device;
    int32_t reach, side; /* of the layer, and of small windows */
    float *gradient;     /* [whole, whole, 3] */
} far_case;

static gd_tape *lower(const far_case *f, int32_t extent)
{
    gd_error error = {{0}};
    gd_tape *tape = NULL;
    check_ok(gd_tape_lower(f->net, &f->objective, extent, extent, &(gd_lower_options){.dense = true}, &tape,
                           &error),
             error);
    return tape;
}

static void open_device(far_case *f)
{
    gd_error error = {{0}};
    gd_tape *tape = lower(f, f->side);
    bool *needed = calloc((size_t)f->net->node_count, sizeof *needed);
    assert_non_null(needed);
    gd_objective_needs(f->net, &f->objective, needed);
    gd_weights *weights = hash_weights_create(f->net, needed);
    free(needed);
    assert_non_null(weights);
    check_ok(gd_filters_fold(tape, f->net, weights, &f->filters, &error), error);
    f->filter_count = tape->filter_count;
    gd_weights_free(weights);
    f->device =
        side_open(&gd_backend_cuda, &(gd_device_options){.precision = GD_PRECISION_BF16}, tape, f->filters);
    gd_tape_free(tape);
}

/* The gradient of a square of the noise picture; the caller frees it. */
static float *gradient_at(const far_case *f, int32_t row, int32_t col, int32_t extent)
{
    side s;
    gd_tape *tape = lower(f, extent);
    side_create(&s, &gd_backend_cuda, f->device, tape, NULL);
    float *window = malloc(side_picture_bytes(tape));
    assert_non_null(window);
    for (int32_t y = 0; y < extent; y++)
        for (int32_t x = 0; x < extent; x++) {
            double rgb[3];
            gd_random_normal3(7, row + y, col + x, rgb);
            for (int i = 0; i < 3; i++)
                window[((int64_t)y * extent + x) * 3 + i] = (float)(0.3 * rgb[i]);
        }
    float *gradient = side_gradient(&s, window);
    free(window);
    side_free(&s);
    gd_tape_free(tape);
    return gradient;
}

static int setup(void **state)
{
    far_case *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->net = gd_net_create(GD_INCEPTION_V3);
    const int32_t at = gd_net_find_layer(f->net, layer);
    assert_true(at >= 0);
    f->objective = (gd_objective){.count = 1, .terms = {{.node = f->net->layers[at].node, .weight = 1.0}}};
    f->reach = gd_objective_reach(f->net, &f->objective);
    f->side = (int32_t)gd_round_up(2 * f->reach + CORE, gd_objective_stride(f->net, &f->objective));
    if (whole < f->side)
        fail_msg("a window of %d pixels is not larger than a small one, of %d", whole, f->side);
    open_device(f);
    f->gradient = gradient_at(f, 0, 0, whole);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    far_case *f = *state;
    free(f->gradient);
    gd_backend_cuda.close(f->device);
    gd_filters_free(f->filters, f->filter_count);
    gd_net_free(f->net);
    free(f);
    return 0;
}

/* The norm of the difference between the small window's core and what the large one has at (row, col), as a
 * share of the core's norm. The small window begins at (top, left). */
static double apart(const far_case *f, const float *small, int32_t top, int32_t left, int32_t row,
                    int32_t col)
{
    double error = 0, norm = 0;
    const int32_t y0 = top > 0 ? f->reach : 0, x0 = left > 0 ? f->reach : 0;
    const int32_t y1 = top + f->side < whole ? f->side - f->reach : f->side;
    const int32_t x1 = left + f->side < whole ? f->side - f->reach : f->side;
    for (int32_t y = y0; y < y1; y++)
        for (int32_t x = 3 * x0; x < 3 * x1; x++) {
            const double is = small[(int64_t)y * f->side * 3 + x];
            const double other = f->gradient[((int64_t)(row + y) * whole + col) * 3 + x];
            error += (is - other) * (is - other);
            norm += is * is;
        }
    assert_true(norm > 0);
    return sqrt(error / norm);
}

/* Small windows at the beginning, the end and between, at multiples of the stride. */
static void test_places(void **state)
{
    static const double places[][2] = {{0, 0}, {0.5, 0.5}, {0.75, 0.25}, {1, 0}, {1, 1}};
    const far_case *f = *state;
    const int32_t stride = gd_objective_stride(f->net, &f->objective), last = whole - f->side;
    assert_int_equal(last % stride, 0); /* so that both windows end alike */
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const int32_t top = (int32_t)(places[i][0] * last) / stride * stride;
        const int32_t left = (int32_t)(places[i][1] * last) / stride * stride;
        float *small = gradient_at(f, top, left, f->side);
        const double here = apart(f, small, top, left, top, left);
        const double elsewhere = apart(f, small, top, left, last - top > top ? last : 0, left);
        printf("%s, %d pixels: at row %d, column %d %.6f of the gradient; %.3f elsewhere\n", layer, whole,
               top, left, here, elsewhere);
        free(small);
        assert_true(here <= tolerance); /* NaN too fails */
        if (last > 0)
            assert_true(elsewhere > 5 * tolerance); /* another place is told apart */
    }
}

int main(int argc, char **argv)
{
    gd_apart_start();
    if (argc > 1)
        whole = atoi(argv[1]);
    if (argc > 2)
        layer = argv[2];
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_places)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
