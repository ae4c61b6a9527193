/* End to end: the cpu backend's gradients beside PyTorch's at the same precision on the same windows, both
 * against float64 (tests/fixtures/precision.py writes the fixture and says what it holds).
 *
 * Units within rounding of zero switch, and one that does changes the gradient of all that it sees, so the
 * error of a single window is luck: with float32 it lies anywhere between 1e-5 and 1e-2, for PyTorch as for
 * us. What is compared is the mean over 16 windows, layer by layer: of mixed5, and with "all" of mixed3 and
 * mixed10 too; in emulated tiles without "all", over four of them. */
#include "base/apart/apart.h"
#include "check.h"
#include "fixture.h"
#include "kernels/backend.h"
#include "net/fold.h"
#include "net/lower/lower.h"
#include "net/objective.h"
#include "tools/hash_weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

enum { CASES = 16, TURNS = 4, STEP = 7 };

/* At most this many times PyTorch's mean error. */
static const double most = 1.3;

static bool all_layers;

typedef struct layer_case {
    hid_t file;
    const char *layer;
    gd_net *net;         /* owned */
    gd_weights *weights; /* owned */
    gd_objective objective;
} layer_case;

/* Reads a whole data set; its extents in dims[3], filled up with 1. */
static void *read_data(hid_t file, const char *name, hid_t type, size_t size, hsize_t dims[3])
{
    const hid_t data = H5Dopen2(file, name, H5P_DEFAULT);
    const hid_t space = H5Dget_space(data);
    assert_in_range(H5Sget_simple_extent_ndims(space), 1, 3);
    dims[0] = dims[1] = dims[2] = 1;
    H5Sget_simple_extent_dims(space, dims, NULL);
    void *values = malloc(dims[0] * dims[1] * dims[2] * size);
    assert_non_null(values);
    assert_true(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(data);
    return values;
}

/* The window of a case, in [-1, 1]. */
static float *read_window(hid_t file, int index, int32_t *rows, int32_t *cols)
{
    char name[32];
    hsize_t dims[3];
    snprintf(name, sizeof name, "window_%d", index / TURNS);
    uint8_t *pixels = read_data(file, name, H5T_NATIVE_UINT8, 1, dims);
    *rows = (int32_t)dims[0];
    *cols = (int32_t)dims[1];
    float *window = malloc(dims[0] * dims[1] * 3 * sizeof *window);
    assert_non_null(window);
    for (int32_t y = 0; y < *rows; y++) {
        for (int32_t x = 0; x < *cols; x++) {
            const int32_t from_y = index & 2 ? *rows - 1 - y : y, from_x = index & 1 ? *cols - 1 - x : x;
            for (int32_t c = 0; c < 3; c++)
                window[(y * *cols + x) * 3 + c] =
                    (float)pixels[(from_y * *cols + from_x) * 3 + c] / 127.5F - 1;
        }
    }
    free(pixels);
    return window;
}

/* The gradient of a window; `text` receives what computed it. */
static float *compute(const layer_case *l, const gd_device_options *options, int32_t rows, int32_t cols,
                      const float *window, char text[128])
{
    const gd_backend *cpu = &gd_backend_cpu;
    gd_error error;
    gd_device *device;
    gd_tape *tape;
    gd_filter_values *filters;
    gd_program *program;
    check_ok(cpu->open(options, &device, &error), error);
    check_ok(gd_tape_lower(l->net, &l->objective, rows, cols, &(gd_lower_options){0}, &tape, &error), error);
    check_ok(gd_filters_fold(tape, l->net, l->weights, &filters, &error), error);
    check_ok(cpu->load(device, tape, filters, &error), error);
    check_ok(cpu->compile(device, tape, &program, &error), error);
    void *arena = aligned_alloc(64, (cpu->arena_bytes(program) + 63) / 64 * 64);
    float *gradient = malloc((size_t)rows * (size_t)cols * 3 * sizeof *gradient);
    assert_true(arena && gradient);
    check_ok(cpu->run(program, arena, 0, tape->op_count, window, gradient, &error), error);
    snprintf(text, 128, "%s", cpu->describe(device));
    free(arena);
    cpu->free(program);
    cpu->close(device);
    gd_filters_free(filters, tape->filter_count);
    gd_tape_free(tape);
    return gradient;
}

/* Relative L2 error on the pixels of truth. The gradients' sizes differ by a constant, the units of the
 * objective. */
static double judge(const layer_case *l, int index, int32_t rows, int32_t cols, const float *gradient)
{
    char name[64];
    hsize_t dims[3];
    snprintf(name, sizeof name, "%s/truth_%d", l->layer, index);
    double *truth = read_data(l->file, name, H5T_NATIVE_DOUBLE, sizeof *truth, dims);
    const hsize_t count = dims[0] * dims[1] * 3;
    double *ours = malloc(count * sizeof *ours);
    assert_non_null(ours);
    const int32_t node = l->objective.terms[0].node;
    const double units = (double)gd_net_extent(l->net, node, 512, true) *
                         gd_net_extent(l->net, node, 512, false) * l->net->nodes[node].channels;
    assert_true(dims[0] == (hsize_t)(rows - STEP / 2 + STEP - 1) / STEP && dims[2] == 3);
    for (hsize_t i = 0; i < count; i++) {
        const hsize_t y = STEP / 2 + STEP * (i / 3 / dims[1]), x = STEP / 2 + STEP * (i / 3 % dims[1]);
        assert_true(x < (hsize_t)cols);
        ours[i] = units * (double)gradient[(y * (hsize_t)cols + x) * 3 + i % 3];
    }
    const double error = relative_l2(ours, truth, (int64_t)count);
    free(ours);
    free(truth);
    return error;
}

static layer_case layer_open(hid_t file, const char *layer, bool hash)
{
    gd_error error;
    layer_case l = {.file = file, .layer = layer, .net = gd_net_create(GD_INCEPTION_V3)};
    assert_non_null(l.net);
    l.objective.count = 1;
    l.objective.terms[0] =
        (gd_term){.node = l.net->layers[gd_net_find_layer(l.net, layer)].node, .weight = 1};
    bool *needed = calloc((size_t)l.net->node_count, sizeof *needed);
    assert_non_null(needed);
    gd_objective_needs(l.net, &l.objective, needed);
    if (hash)
        l.weights = hash_weights_create(l.net, needed);
    else
        check_ok(gd_weights_load(GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5", l.net, needed, NULL,
                                 &l.weights, &error),
                 error);
    assert_non_null(l.weights);
    free(needed);
    return l;
}

/* Prints a line; returns whether ours is good enough. */
static bool compare(const layer_case *l, const gd_device_options *options)
{
    char name[64], text[128];
    hsize_t dims[3];
    double sums[2] = {0};
    /* The emulation is slow: of the four turns of each window one. */
    const int step = options->emulated_tiles && !all_layers ? TURNS : 1;
    const char *title = options->precision == GD_PRECISION_BF16 ? "bf16" : "fp32";
    snprintf(name, sizeof name, "%s/%s", l->layer, title);
    double *torch = read_data(l->file, name, H5T_NATIVE_DOUBLE, sizeof *torch, dims);
    assert_int_equal(dims[0], CASES);
    for (int i = 0; i < CASES; i += step) {
        int32_t rows, cols;
        float *window = read_window(l->file, i, &rows, &cols);
        float *gradient = compute(l, options, rows, cols, window, text);
        const double ours = judge(l, i, rows, cols, gradient);
        print_message("  window %2d: ours %.2g, PyTorch %.2g\n", i, ours, torch[i]);
        sums[0] += ours * step / CASES;
        sums[1] += torch[i] * step / CASES;
        free(window);
        free(gradient);
    }
    print_message("%s %s, mean error: ours %.3g, PyTorch %.3g, ratio %.2f (%s)\n", l->layer, title, sums[0],
                  sums[1], sums[0] / sums[1], text);
    free(torch);
    return sums[0] <= most * sums[1];
}

static void compare_layers(const gd_device_options *options)
{
    bool good = true;
    const hid_t file = H5Fopen(GD_FIXTURES "/precision.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    static const char *const layers[] = {"mixed5", "mixed3", "mixed10"};
    for (int i = 0; i < (all_layers ? 3 : 1); i++) {
        layer_case l = layer_open(file, layers[i], strcmp(layers[i], "mixed10") == 0);
        good = compare(&l, options) && good;
        gd_weights_free(l.weights);
        gd_net_free(l.net);
    }
    H5Fclose(file);
    assert_true(good);
}

static void fp32(void **state)
{
    (void)state;
    compare_layers(&(gd_device_options){.precision = GD_PRECISION_FP32});
}

static void bf16(void **state)
{
    (void)state;
    gd_error error;
    gd_device *device;
    if (gd_backend_cpu.open(&(gd_device_options){.precision = GD_PRECISION_BF16}, &device, &error) != GD_OK) {
        print_message("skipped: %s\n", error.message);
        skip();
    }
    gd_backend_cpu.close(device);
    compare_layers(&(gd_device_options){.precision = GD_PRECISION_BF16});
}

static void tiles(void **state)
{
    (void)state;
    compare_layers(&(gd_device_options){.precision = GD_PRECISION_BF16, .emulated_tiles = true});
}

int main(int argc, char **argv)
{
    gd_apart_start();
    all_layers = argc > 1 && strcmp(argv[1], "all") == 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(fp32), cmocka_unit_test(bf16),
                                       cmocka_unit_test(tiles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
