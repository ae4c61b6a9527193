/* Ways back of stride 2 that the library has only its plain loops for, and that are computed in parts, beside
 * others, against the reference: slices, sums, masks, and no bit that depends on cores.
 *
 *   test_cpu_parts [ISA]   as much of the processor as the library calls so, by ONEDNN_MAX_CPU_ISA */
#include "check.h"
#include "kernels/cpu/cpu.h"
#include "kernels/cpu/program.h"
#include "kernels/op_tape.h"
#include "kernels/op_values.h"
#include "kernels/side.h"
#include "net/fold.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Channels of the gradient that is read and of the one that is written, by slices of tensors. */
typedef struct problem {
    int32_t rows, cols; /* of what is written */
    int32_t src, src_at, src_channels;
    int32_t dst, dst_at, dst_channels;
    int32_t mask_at, mask; /* 0: none */
    bool accumulate;
} problem;

/* Columns of 18, 24 and 56 are, or hold, those that the library has no good way for in AVX2, bf16 and
 * AVX-512; each has neighbours, and the same as rows. */
static const problem problems[] = {
    {35, 18, 96, 0, 96, 288, 0, 288, 0, 288, false},   {36, 24, 384, 0, 384, 288, 0, 288, 0, 0, false},
    {17, 56, 160, 64, 96, 352, 32, 288, 64, 96, true}, {18, 36, 96, 0, 96, 96, 0, 96, 16, 32, true},
    {5, 24, 48, 16, 32, 64, 16, 32, 0, 32, true},      {56, 18, 32, 0, 32, 64, 32, 32, 0, 0, true},
    {24, 12, 192, 0, 192, 192, 0, 192, 0, 192, false}, {57, 57, 32, 0, 32, 32, 0, 32, 0, 16, false},
    {11, 55, 96, 0, 96, 96, 0, 96, 0, 96, true},       {3, 72, 32, 0, 32, 32, 0, 32, 0, 0, false},
    {84, 84, 32, 0, 32, 32, 0, 32, 0, 32, true},
};

enum { PROBLEMS = sizeof problems / sizeof problems[0], KERNEL = 3, STRIDE = 2, WINDOW = 8 };

static const char *capped;

static gd_tape *make_tape(void)
{
    gd_tape *tape = op_tape_create(PROBLEMS, WINDOW, WINDOW);
    for (int i = 0; i < PROBLEMS; i++) {
        const problem *p = &problems[i];
        const gd_tensor src = {.channels = p->src,
                               .rows = (p->rows - KERNEL) / STRIDE + 1,
                               .cols = (p->cols - KERNEL) / STRIDE + 1};
        const gd_tensor dst = {.channels = p->dst, .rows = p->rows, .cols = p->cols};
        const gd_op op = {.kind = GD_OP_CONV_BACK,
                          .src = {.channel = p->src_at, .channels = p->src_channels},
                          .dst = {.channel = p->dst_at, .channels = p->dst_channels},
                          .mask = {.channels = p->mask},
                          .mask_at = p->mask_at,
                          .kernel_rows = KERNEL,
                          .kernel_cols = KERNEL,
                          .stride = STRIDE,
                          .accumulate = p->accumulate};
        op_tape_add(tape, &op, &src, &dst);
    }
    return tape;
}

/* What operation o makes of its dst, the whole tensor; the caller frees it. */
static double *result_of(const side *s, int32_t o)
{
    static const float window[WINDOW * WINDOW * 3];
    op_values_fill(s, o);
    side_run(s, o, o + 1, window, NULL);
    return side_get(s, s->tape->ops[o].dst.tensor);
}

/* How many of the tape's operations are computed in parts. */
static int32_t in_parts(const side *s)
{
    int32_t count = 0;
    for (int32_t o = 0; o < s->tape->op_count; o++)
        count += gd_cpu_op_name(s->program, o, 1) != NULL;
    return count;
}

static void check_precision(gd_precision precision, double bound)
{
    enum { CORES = 3 };
    gd_error error;
    gd_device *device;
    /* Tiles have no parts, and leave nothing to the library. */
    const int32_t here = gd_cpu_kind_here(), kind = here == GD_CPU_AMX ? GD_CPU_INTEL_BF16 : here;
    if (gd_backend_cpu.open(&(gd_device_options){.precision = precision, .kind = kind}, &device, &error) !=
        GD_OK)
        skip();
    gd_backend_cpu.close(device);
    side sides[CORES + 1];
    gd_tape *tape = make_tape();
    gd_filter_values *filters = op_values_filters(tape);
    for (int32_t i = 0; i <= CORES; i++) {
        const gd_backend *backend = i ? &gd_backend_cpu : &gd_backend_reference;
        const gd_device_options options = {
            .precision = i ? precision : GD_PRECISION_FP64, .kind = kind, .cores = i};
        side_create(&sides[i], backend, side_open(backend, &options, tape, filters), tape, NULL);
        side_spoil(&sides[i]);
    }
    print_message("%s: %d of %d in parts\n", gd_backend_cpu.describe(sides[1].device), in_parts(&sides[1]),
                  tape->op_count);
    assert_true(in_parts(&sides[1]) > 0);
    for (int32_t o = 0; o < tape->op_count; o++) {
        double *results[CORES + 1];
        for (int32_t i = 0; i <= CORES; i++)
            results[i] = result_of(&sides[i], o);
        op_values_check(&sides[1], o, results[1], results[0], bound);
        const size_t bytes =
            (size_t)op_values_count(&tape->tensors[tape->ops[o].dst.tensor]) * sizeof(double);
        for (int32_t i = 2; i <= CORES; i++)
            assert_memory_equal(results[i], results[1], bytes);
        for (int32_t i = 0; i <= CORES; i++)
            free(results[i]);
    }
    for (int32_t i = 0; i <= CORES; i++) {
        side_free(&sides[i]);
        sides[i].backend->close(sides[i].device);
    }
    gd_filters_free(filters, tape->filter_count);
    gd_tape_free(tape);
}

static void test_fp32(void **state)
{
    (void)state;
    check_precision(GD_PRECISION_FP32, 1e-5);
}

static void test_bf16(void **state)
{
    (void)state;
    check_precision(GD_PRECISION_BF16, 1e-2);
}

/* Without an instruction set that this processor lacks there is nothing to see. */
static bool is_here(void)
{
    return !capped || strcasecmp(gd_dnnl_get_isa().name, capped) == 0;
}

int main(int argc, char **argv)
{
    capped = argc > 1 ? argv[1] : NULL;
    if (capped) {
        setenv("ONEDNN_MAX_CPU_ISA", capped, 1);
        setenv("DNNL_MAX_CPU_ISA", capped, 1);
    }
    if (!is_here()) {
        printf("this processor has no %s\n", capped);
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fp32), cmocka_unit_test(test_bf16)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
