/* The exact halo in float64: gradients of tiles and of the whole picture agree to rounding. */
#include "base/apart/apart.h"
#include "check.h"
#include "image/reader.h"
#include "kernels/backend.h"
#include "net/fold.h"
#include "net/lower/lower.h"
#include "net/objective.h"
#include "net/reach.h"
#include "net/weights.h"
#include "tiling/halo.h"
#include "tiling/tiles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 83, COLS = 1637 };

typedef struct bench {
    gd_net *net;
    gd_objective objective;
    gd_device *device;
    float *picture; /* [ROWS, COLS, 3] */
} bench;

static const gd_backend *const backend = &gd_backend_reference;

static gd_tape *lower(const bench *b, int32_t cols)
{
    gd_error error;
    gd_tape *tape = NULL;
    const gd_lower_options options = {0};
    check_ok(gd_tape_lower(b->net, &b->objective, ROWS, cols, &options, &tape, &error), error);
    return tape;
}

static void load(bench *b)
{
    gd_error error;
    gd_weights *weights = NULL;
    gd_filter_values *values = NULL;
    gd_tape *tape = lower(b, 128);
    bool *needed = calloc((size_t)b->net->node_count, sizeof *needed);
    assert_non_null(needed);
    gd_objective_needs(b->net, &b->objective, needed);
    check_ok(gd_weights_load(GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5", b->net, needed, NULL, &weights,
                             &error),
             error);
    check_ok(gd_filters_fold(tape, b->net, weights, &values, &error), error);
    check_ok(backend->open(&(gd_device_options){0}, &b->device, &error), error);
    check_ok(backend->load(b->device, tape, values, &error), error);
    gd_filters_free(values, tape->filter_count);
    gd_weights_free(weights);
    gd_tape_free(tape);
    free(needed);
}

static void read_picture(bench *b)
{
    gd_error error;
    gd_reader *reader = NULL;
    b->picture = malloc(sizeof(float) * ROWS * COLS * 3);
    assert_non_null(b->picture);
    check_ok(gd_reader_open_resized(GD_SOURCE_DIR "/tests/images/hubble_deep_field.jpg", NULL, ROWS, COLS,
                                    &reader, &error),
             error);
    check_ok(gd_reader_rows(reader, ROWS, b->picture, &error), error);
    gd_reader_close(reader);
}

/* The gradient of columns [x, x + cols) as a window, double [3, ROWS, cols]; the caller frees it. */
static double *gradient(const bench *b, int64_t x, int32_t cols)
{
    gd_error error;
    gd_program *program = NULL;
    gd_tape *tape = lower(b, cols);
    check_ok(backend->compile(b->device, tape, &program, &error), error);
    const size_t bytes = backend->arena_bytes(program);
    void *arena = aligned_alloc(64, (bytes + 63) / 64 * 64);
    float *window = malloc(sizeof(float) * (size_t)ROWS * (size_t)cols * 3);
    float *rounded = malloc(sizeof(float) * (size_t)ROWS * (size_t)cols * 3);
    double *exact = malloc(sizeof(double) * (size_t)ROWS * (size_t)cols * 3);
    assert_true(arena && window && rounded && exact);
    for (int64_t y = 0; y < ROWS; y++)
        memcpy(window + y * cols * 3, b->picture + (y * COLS + x) * 3, (size_t)cols * 3 * sizeof *window);
    check_ok(backend->run(program, arena, 0, tape->op_count, window, rounded, &error), error);
    backend->get(program, arena, tape->ops[tape->op_count - 1].src.tensor, exact);
    backend->free(program);
    gd_tape_free(tape);
    free(arena);
    free(window);
    free(rounded);
    return exact;
}

static double tiled_error(const bench *b, const double *whole, int64_t tile, int64_t halo, int64_t stride)
{
    gd_error error;
    gd_cuts cuts;
    double difference = 0, size = 0;
    check_ok(gd_cuts_create(COLS, tile, halo, stride, b->net->smallest_input, &cuts, &error), error);
    assert_in_range(cuts.count, 3, 100);
    for (int32_t i = 0; i < cuts.count; i++) {
        const gd_cut c = cuts.cuts[i];
        double *part = gradient(b, c.window, (int32_t)c.window_extent);
        for (int64_t row = 0; row < 3 * ROWS; row++) {
            for (int64_t x = c.core; x < c.core + c.core_extent; x++) {
                const double expected = whole[row * COLS + x];
                const double actual = part[row * c.window_extent + x - c.window];
                difference += (actual - expected) * (actual - expected);
                size += expected * expected;
            }
        }
        free(part);
    }
    gd_cuts_free(&cuts);
    return sqrt(difference / size);
}

static void tiles_agree_with_the_whole_picture(void **state)
{
    (void)state;
    bench b = {.net = gd_net_create(GD_INCEPTION_V3)};
    assert_non_null(b.net);
    const int32_t layer = gd_net_find_layer(b.net, "mixed3");
    b.objective = (gd_objective){.terms = {{.node = b.net->layers[layer].node, .weight = 1.0}}, .count = 1};
    load(&b);
    read_picture(&b);
    const int64_t stride = gd_objective_stride(b.net, &b.objective);
    const int64_t halo = gd_halo(GD_HALO_EXACT, 0, gd_objective_reach(b.net, &b.objective), stride, 0, true);
    double *whole = gradient(&b, 0, COLS);
    const int64_t tiles[] = {560, 400};
    for (int i = 0; i < 2; i++) {
        const double error = tiled_error(&b, whole, tiles[i], halo, stride);
        print_message("ts %lld, halo %lld: relative error %.2e\n", (long long)tiles[i], (long long)halo,
                      error);
        assert_true(error < 1e-9);
    }
    assert_true(tiled_error(&b, whole, 560, 64, stride) >
                1e-6); /* the control: a halo too small is noticed */
    free(whole);
    free(b.picture);
    backend->close(b.device);
    gd_net_free(b.net);
}

int main(void)
{
    gd_apart_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(tiles_agree_with_the_whole_picture)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
