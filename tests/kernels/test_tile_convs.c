/* Convolutions in matrix tiles by themselves, forward and back, against the reference: kernels, strides,
 * signed pads, extents that do not follow from each other, slices, sums, masks; and no bit that depends on
 * cores.
 *
 *   test_tile_convs [real]   real: in the processor's own tiles, whose bits must be the emulation's; exits
 * with 77 where there are none */
#include "check.h"
#include "kernels/cpu/cpu.h"
#include "kernels/op_tape.h"
#include "kernels/op_values.h"
#include "kernels/side.h"
#include "net/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Channels of what the operation reads and writes, by slices of tensors. */
typedef struct problem {
    bool back;
    int32_t kernel_rows, kernel_cols, stride, pad_rows, pad_cols;
    int32_t src_rows, src_cols, dst_rows, dst_cols;
    int32_t src, src_at, src_channels;
    int32_t dst, dst_at, dst_channels;
    bool accumulate, relu;
    int32_t mask_at, mask; /* 0: none */
} problem;

/* Forward, then back. */
static const problem problems[] = {
    /* 1x1: whole grids as one row, and a part of a grid. */
    {0, 1, 1, 1, 0, 0, 13, 17, 13, 17, 96, 0, 96, 64, 0, 64, 0, 1, 0, 64},
    {0, 1, 1, 1, 0, 0, 5, 3, 5, 3, 64, 0, 64, 176, 0, 176, 0, 1, 0, 176},
    {0, 1, 1, 1, -2, -3, 13, 17, 9, 11, 204, 0, 204, 508, 0, 508, 0, 1, 0, 508},
    {0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 32, 0, 32, 32, 0, 32, 0, 0, 0, 0},
    {0, 1, 1, 1, 0, 0, 5, 7, 5, 7, 33, 0, 33, 17, 0, 17, 0, 1, 0, 17},
    /* 3x3, same: wide, narrow, narrower than a tile, narrower than the kernel. */
    {0, 3, 3, 1, 1, 1, 9, 61, 9, 61, 96, 0, 96, 96, 0, 96, 0, 1, 0, 96},
    {0, 3, 3, 1, 1, 1, 21, 19, 21, 19, 112, 32, 48, 160, 64, 80, 1, 1, 0, 80},
    {0, 3, 3, 1, 1, 1, 11, 5, 11, 5, 24, 0, 24, 36, 0, 36, 0, 0, 0, 0},
    {0, 3, 3, 1, 1, 1, 7, 1, 7, 1, 32, 0, 32, 16, 0, 16, 0, 0, 0, 0},
    /* Shrunk: signed pads, and extents of their own. */
    {0, 3, 3, 1, -1, 1, 20, 33, 15, 33, 32, 0, 32, 32, 0, 32, 0, 1, 0, 32},
    {0, 3, 3, 1, 1, -4, 20, 33, 19, 21, 32, 0, 32, 32, 0, 32, 0, 1, 0, 32},
    {0, 3, 3, 1, 4, 4, 8, 9, 16, 18, 32, 0, 32, 32, 0, 32, 0, 1, 0, 32},
    /* The long ones. */
    {0, 1, 7, 1, 0, 3, 17, 17, 17, 17, 160, 0, 160, 192, 0, 192, 0, 1, 0, 192},
    {0, 7, 1, 1, 3, 0, 17, 17, 17, 17, 160, 0, 160, 192, 0, 192, 0, 1, 0, 192},
    {0, 7, 1, 1, 2, 0, 23, 17, 17, 17, 32, 0, 32, 32, 0, 32, 0, 1, 0, 32},
    {0, 5, 5, 1, 2, 2, 18, 35, 18, 35, 48, 0, 48, 64, 0, 64, 0, 1, 0, 64},
    {0, 3, 1, 1, 1, 0, 8, 8, 8, 8, 448, 0, 448, 384, 0, 384, 0, 1, 0, 384},
    /* Stride 2, and the picture. */
    {0, 3, 3, 2, 0, 0, 35, 71, 17, 35, 288, 0, 288, 96, 0, 96, 0, 1, 0, 96},
    {0, 3, 3, 2, -3, 1, 35, 71, 13, 36, 24, 0, 24, 112, 0, 112, 0, 1, 0, 112},
    {0, 3, 3, 2, 0, 0, 75, 83, 37, 41, 3, 0, 3, 32, 0, 32, 0, 1, 0, 32},
    {0, 7, 7, 2, 3, 3, 46, 51, 23, 26, 3, 0, 3, 64, 0, 64, 0, 1, 0, 64},
    {0, 7, 7, 2, -3, 2, 46, 51, 18, 25, 3, 0, 3, 24, 0, 24, 0, 1, 0, 24},
    /* Back. */
    {1, 1, 1, 1, 0, 0, 13, 17, 13, 17, 176, 0, 176, 288, 0, 288, 0, 0, 0, 288},
    {1, 1, 1, 1, 0, 0, 13, 17, 13, 17, 128, 48, 80, 256, 0, 256, 1, 0, 64, 96},
    {1, 3, 3, 1, 1, 1, 9, 61, 9, 61, 96, 0, 96, 64, 0, 64, 0, 0, 0, 64},
    {1, 3, 3, 1, 0, 0, 19, 23, 21, 25, 80, 0, 80, 112, 64, 48, 1, 0, 0, 48},
    {1, 3, 3, 1, -2, 3, 19, 23, 26, 25, 24, 0, 24, 40, 0, 40, 1, 0, 0, 0},
    {1, 7, 1, 1, 3, 0, 17, 17, 17, 17, 192, 0, 192, 160, 0, 160, 0, 0, 0, 160},
    {1, 1, 7, 1, 0, 3, 17, 17, 17, 17, 192, 0, 192, 160, 0, 160, 0, 0, 0, 160},
    {1, 5, 5, 1, 2, 2, 18, 35, 18, 35, 64, 0, 64, 48, 0, 48, 0, 0, 0, 48},
    {1, 3, 3, 2, 0, 0, 17, 35, 35, 71, 384, 0, 384, 288, 0, 288, 0, 0, 0, 288},
    {1, 3, 3, 2, 0, 0, 17, 35, 36, 72, 160, 64, 96, 352, 32, 288, 1, 0, 64, 96},
    {1, 3, 3, 2, 1, -2, 17, 35, 31, 75, 36, 0, 36, 24, 0, 24, 1, 0, 0, 24},
    {1, 5, 5, 3, 2, 1, 9, 11, 27, 31, 32, 0, 32, 32, 0, 32, 0, 0, 0, 32},
    {1, 2, 2, 3, 0, 0, 9, 11, 27, 31, 32, 0, 32, 32, 0, 32, 0, 0, 0, 0},
};

enum { PROBLEMS = sizeof problems / sizeof problems[0], WINDOW = 8, SIDES = 5 };

static bool real;

static gd_tape *make_tape(void)
{
    gd_tape *tape = op_tape_create(PROBLEMS, WINDOW, WINDOW);
    for (int i = 0; i < PROBLEMS; i++) {
        const problem *p = &problems[i];
        const gd_tensor src = {.channels = p->src, .rows = p->src_rows, .cols = p->src_cols};
        const gd_tensor dst = {.channels = p->dst, .rows = p->dst_rows, .cols = p->dst_cols};
        const gd_op op = {.kind = p->back ? GD_OP_CONV_BACK : GD_OP_CONV,
                          .src = {.channel = p->src_at, .channels = p->src_channels},
                          .dst = {.channel = p->dst_at, .channels = p->dst_channels},
                          .mask = {.channels = p->mask},
                          .mask_at = p->mask_at,
                          .kernel_rows = p->kernel_rows,
                          .kernel_cols = p->kernel_cols,
                          .stride = p->stride,
                          .pad_rows = p->pad_rows,
                          .pad_cols = p->pad_cols,
                          .relu = p->relu,
                          .accumulate = p->accumulate};
        op_tape_add(tape, &op, &src, &dst);
        tape->first_backward += !p->back;
    }
    return tape;
}

/* What operation o makes of a tensor; the caller frees it. */
typedef struct result {
    double *values, *mask; /* mask NULL: none */
} result;

static result result_of(const side *s, int32_t o)
{
    static const float window[WINDOW * WINDOW * 3];
    const gd_op *op = &s->tape->ops[o];
    op_values_fill(s, o);
    side_run(s, o, o + 1, window, NULL);
    return (result){side_get(s, op->dst.tensor), op->mask.channels ? side_get(s, op->mask.tensor) : NULL};
}

/* Forward, a mask says what is above zero; a sum within rounding of it may fall on either side. */
static void check_mask(const side *s, int32_t o, const double *got, const double *wanted)
{
    const int64_t count = op_values_count(&s->tape->tensors[s->tape->ops[o].mask.tensor]);
    int64_t unequal = 0;
    for (int64_t i = 0; i < count; i++)
        unequal += got[i] != wanted[i];
    if (unequal * 1000 > count)
        fail_msg("operation %d: %lld of %lld bits of the mask", o, (long long)unequal, (long long)count);
}

static void check_operation(const side sides[SIDES], int32_t o)
{
    const double bound = 3e-3; /* rounding to 8 bits: at most 2^-9, about half of it in the mean */
    const gd_op *op = &sides[0].tape->ops[o];
    result results[SIDES];
    for (int i = 0; i < SIDES; i++)
        results[i] = result_of(&sides[i], o);
    op_values_check(&sides[1], o, results[1].values, results[0].values, bound);
    if (op->mask.channels && op->kind == GD_OP_CONV)
        check_mask(&sides[1], o, results[1].mask, results[0].mask);
    for (int i = 2; i < SIDES; i++) {
        assert_memory_equal(results[i].values, results[1].values,
                            (size_t)op_values_count(&sides[0].tape->tensors[op->dst.tensor]) *
                                sizeof(double));
        if (op->mask.channels)
            assert_memory_equal(results[i].mask, results[1].mask,
                                (size_t)op_values_count(&sides[0].tape->tensors[op->mask.tensor]) *
                                    sizeof(double));
    }
    for (int i = 0; i < SIDES; i++) {
        free(results[i].values);
        free(results[i].mask);
    }
}

/* The reference, then one and more cores; in real tiles the last is the emulation. */
static void test_operations(void **state)
{
    (void)state;
    side sides[SIDES];
    gd_tape *tape = make_tape();
    gd_filter_values *filters = op_values_filters(tape);
    for (int32_t i = 0; i < SIDES; i++) {
        const gd_backend *backend = i ? &gd_backend_cpu : &gd_backend_reference;
        const gd_device_options options = {.precision = i ? GD_PRECISION_BF16 : GD_PRECISION_FP64,
                                           .cores = i,
                                           .emulated_tiles = i && (!real || i == SIDES - 1)};
        side_create(&sides[i], backend, side_open(backend, &options, tape, filters), tape, NULL);
        side_spoil(&sides[i]);
    }
    print_message("%s beside %s\n", gd_backend_cpu.describe(sides[1].device),
                  gd_backend_cpu.describe(sides[SIDES - 1].device));
    for (int32_t o = 0; o < tape->op_count; o++)
        check_operation(sides, o);
    for (int32_t i = 0; i < SIDES; i++) {
        side_free(&sides[i]);
        sides[i].backend->close(sides[i].device);
    }
    gd_filters_free(filters, tape->filter_count);
    gd_tape_free(tape);
}

int main(int argc, char **argv)
{
    const char *missing = gd_cpu_identify().no_tiles;
    real = argc > 1 && strcmp(argv[1], "real") == 0;
    if (real && missing) {
        printf("no matrix tiles: %s\n", missing);
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_operations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
