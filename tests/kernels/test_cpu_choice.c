/* What the cpu backend chooses on processors that need not be here: from kind and instruction set to
 * precision, arithmetic and ways of computing, and to the size of an arena. */
#include "kernels/cpu/algorithm.h"
#include "kernels/cpu/cpu.h"
#include "kernels/cpu/precision.h"
#include "kernels/cpu/program.h"
#include "kernels/net_case.h"
#include "net/fold.h"

#include <dnnl.h>
#include <stdlib.h>
#include <string.h>

typedef struct processor {
    const char *name;
    int bits;
    gd_cpu_kind kind;
    /* What is wanted of it. */
    gd_precision unasked;
    bool bf16, widens;               /* when --precision bf16 is given: can, and computes in float32 */
    gd_conv_algorithm narrow, wide3; /* in bf16: of 1x1 and 3x3 kernels */
} processor;

static const processor processors[] = {
    {"sse41", dnnl_cpu_isa_sse41, GD_CPU_OLDER, GD_PRECISION_FP32, false, false, 0, 0},
    {"avx2", dnnl_cpu_isa_avx2, GD_CPU_AVX2, GD_PRECISION_FP32, false, false, 0, 0},
    {"avx2_vnni", dnnl_cpu_isa_avx2_vnni, GD_CPU_AVX2, GD_PRECISION_FP32, false, false, 0, 0},
    {"avx512_core", dnnl_cpu_isa_avx512_core, GD_CPU_AVX512, GD_PRECISION_FP32, true, true, GD_CPU_WINOGRAD,
     GD_CPU_WINOGRAD},
    {"avx512_core_bf16", dnnl_cpu_isa_avx512_core_bf16, GD_CPU_BF16, GD_PRECISION_FP32, true, true,
     GD_CPU_WINOGRAD, GD_CPU_WINOGRAD},
    {"avx512_core_bf16", dnnl_cpu_isa_avx512_core_bf16, GD_CPU_INTEL_BF16, GD_PRECISION_FP32, true, true,
     GD_CPU_WINOGRAD, GD_CPU_WINOGRAD},
    {"avx512_core_bf16", dnnl_cpu_isa_avx512_core_bf16, GD_CPU_ZEN4, GD_PRECISION_BF16, true, false,
     GD_CPU_PRODUCT, GD_CPU_WINOGRAD},
    {"avx512_core_bf16", dnnl_cpu_isa_avx512_core_bf16, GD_CPU_ZEN5, GD_PRECISION_BF16, true, false,
     GD_CPU_PRODUCT, GD_CPU_WINOGRAD},
};

enum { PROCESSORS = sizeof processors / sizeof processors[0] };

static void test_choices(void **state)
{
    (void)state;
    for (int i = 0; i < PROCESSORS; i++) {
        const processor *p = &processors[i];
        gd_error error = {{0}};
        gd_device device = {.kind = p->kind, .isa = gd_dnnl_isa_of(p->bits)};
        assert_string_equal(device.isa.name, p->name);
        check_ok(gd_cpu_choose(&device, GD_PRECISION_AUTO, &error), error);
        assert_int_equal(device.precision, p->unasked);
        check_ok(gd_cpu_choose(&device, GD_PRECISION_FP32, &error), error);
        assert_false(device.widens);
        assert_int_equal(gd_cpu_preferred(&device, 1, 1, 1), GD_CPU_LIBRARY);
        if (!p->bf16) {
            assert_int_equal(gd_cpu_choose(&device, GD_PRECISION_BF16, &error), GD_USAGE);
            continue;
        }
        check_ok(gd_cpu_choose(&device, GD_PRECISION_BF16, &error), error);
        assert_int_equal(device.widens, p->widens);
        assert_int_equal(gd_cpu_preferred(&device, 1, 1, 1), p->narrow);
        assert_int_equal(gd_cpu_preferred(&device, 3, 3, 1), p->wide3);
        assert_int_equal(gd_cpu_preferred(&device, 1, 3, 1), p->widens ? GD_CPU_WINOGRAD : GD_CPU_LIBRARY);
        assert_int_equal(gd_cpu_preferred(&device, 3, 3, 2), GD_CPU_LIBRARY);
    }
}

/* Tiles are for bf16 alone, in blocks of their own. */
static void test_tiles(void **state)
{
    (void)state;
    gd_error error = {{0}};
    gd_device device = {.kind = GD_CPU_AMX,
                        .isa = gd_dnnl_isa_of(dnnl_cpu_isa_avx512_core_bf16),
                        .tile_conv = gd_tile_conv_emulated};
    check_ok(gd_cpu_choose(&device, GD_PRECISION_BF16, &error), error);
    assert_int_equal(device.precision, GD_PRECISION_BF16);
    assert_false(device.widens);
    assert_ptr_equal(device.elementwise, &gd_elementwise_bf16_tiles);
    assert_ptr_equal(device.tile_conv, gd_tile_conv_emulated);
    /* Unasked not before someone has measured it. */
    check_ok(gd_cpu_choose(&device, GD_PRECISION_AUTO, &error), error);
    assert_int_equal(device.precision, GD_PRECISION_FP32);
    assert_null(device.tile_conv);
    assert_ptr_equal(device.elementwise, &gd_elementwise_f32_avx512);
}

/* In tiles nothing is taken beside the tensors. */
static void test_tile_arena(void **state)
{
    (void)state;
    enum { MOST = 60, SIDE = 2048 };
    gd_error error = {{0}};
    gd_device *device;
    gd_program *program;
    net_case c;
    const gd_device_options options = {.precision = GD_PRECISION_BF16, .emulated_tiles = true};
    check_ok(gd_backend_cpu.open(&options, &device, &error), error);
    net_case_lower(&c, GD_INCEPTION_V3, "mixed5", SIDE, SIDE);
    check_ok(gd_cpu_compile(device, c.tape, &program, &error), error);
    const double bytes = (double)gd_backend_cpu.arena_bytes(program) / SIDE / SIDE;
    print_message("tiles, mixed5 at %d px: %.1f bytes a pixel\n", SIDE, bytes);
    assert_true(bytes > 40 && bytes <= MOST);
    assert_int_equal(gd_backend_cpu.workspace_bytes(program), 0);
    gd_cpu_program_free(program);
    gd_filters_free(c.filters, c.tape->filter_count);
    gd_tape_free(c.tape);
    gd_net_free(c.net);
    gd_backend_cpu.close(device);
}

/* Bytes a pixel, of a program for a processor in bf16. */
static double arena_of(gd_device *device, const processor *p, const gd_tape *tape)
{
    gd_error error = {{0}};
    gd_program *program;
    device->kind = p->kind;
    device->isa = gd_dnnl_isa_of(p->bits);
    check_ok(gd_cpu_choose(device, GD_PRECISION_BF16, &error), error);
    check_ok(gd_cpu_compile(device, tape, &program, &error), error);
    const double bytes = (double)gd_backend_cpu.arena_bytes(program) / tape->rows / tape->cols;
    gd_cpu_program_free(program);
    return bytes;
}

/* float32 takes 109; in bf16 with the library's convolutions: 181. */
static void test_arenas(void **state)
{
    (void)state;
    enum { MOST = 80 };
    gd_error error = {{0}};
    gd_device *device;
    net_case c;
    if (!gd_dnnl_get_isa().avx512)
        skip();
    /* In fp32, for which the library is made ready on all. */
    check_ok(gd_backend_cpu.open(&(gd_device_options){.precision = GD_PRECISION_FP32}, &device, &error),
             error);
    net_case_lower(&c, GD_INCEPTION_V3, "mixed5", 512, 512);
    for (int i = 0; i < PROCESSORS; i++) {
        const processor *p = &processors[i];
        /* The library of this processor must have what that one is to compute with. */
        if (!p->bf16 || (!p->widens && !gd_dnnl_get_isa().bf16))
            continue;
        const double bytes = arena_of(device, p, c.tape);
        print_message("%s: %.1f bytes a pixel\n", gd_cpu_kind_name(p->kind), bytes);
        assert_true(bytes > 40 && bytes <= MOST);
    }
    gd_filters_free(c.filters, c.tape->filter_count);
    gd_tape_free(c.tape);
    gd_net_free(c.net);
    gd_backend_cpu.close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_choices), cmocka_unit_test(test_tiles),
                                       cmocka_unit_test(test_arenas), cmocka_unit_test(test_tile_arena)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
