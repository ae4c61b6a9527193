/* Kinds of processor: which one follows from vendor, family, instruction set and tiles; what each can also
 * compute as; the table's rows; and that what cpuid and ONEDNN_MAX_CPU_ISA say is what the library does. */
#include "check.h"
#include "kernels/cpu/cpu.h"
#include "kernels/cpu/processors.h"
#include "kernels/cpu/tiles/tiles.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void kinds_of_processors(void **state)
{
    static const char *const none = "none";
    const struct {
        gd_cpu_identity identity;
        gd_cpu_kind kind;
    } cases[] = {
        {{"GenuineIntel", 6, 15, GD_ISA_GENERIC, none, NULL}, GD_CPU_OLDER},
        {{"GenuineIntel", 6, 42, GD_ISA_AVX, none, NULL}, GD_CPU_OLDER},
        {{"GenuineIntel", 6, 60, GD_ISA_AVX2, none, NULL}, GD_CPU_AVX2},
        {{"AuthenticAMD", 0x19, 0x01, GD_ISA_AVX2, none, NULL}, GD_CPU_AVX2}, /* Zen 3 */
        {{"GenuineIntel", 6, 85, GD_ISA_AVX512, none, NULL}, GD_CPU_AVX512},
        {{"GenuineIntel", 6, 85, GD_ISA_AVX512_BF16, none, NULL}, GD_CPU_INTEL_BF16}, /* Cooper Lake */
        {{"GenuineIntel", 6, 143, GD_ISA_AVX512_BF16, none, NULL}, GD_CPU_INTEL_BF16},
        {{"GenuineIntel", 6, 143, GD_ISA_AMX, NULL, NULL}, GD_CPU_AMX},
        {{"GenuineIntel", 6, 143, GD_ISA_AVX512, NULL, NULL}, GD_CPU_AVX512}, /* held down */
        {{"AuthenticAMD", 0x19, 0x11, GD_ISA_AVX512_BF16, none, NULL}, GD_CPU_ZEN4},
        {{"AuthenticAMD", 0x1a, 0x02, GD_ISA_AVX512_BF16, none, NULL}, GD_CPU_ZEN5},
        {{"AuthenticAMD", 0x1a, 0x44, GD_ISA_AVX512_BF16, none, NULL}, GD_CPU_ZEN5},
        {{"AuthenticAMD", 0x1a, 0x50, GD_ISA_AVX512_BF16, none, NULL}, GD_CPU_BF16}, /* Zen 6 */
        {{"AuthenticAMD", 0x1b, 0x02, GD_ISA_AVX512_BF16, none, NULL}, GD_CPU_BF16},
        {{"SomebodyElse", 6, 143, GD_ISA_AVX512_BF16, none, NULL}, GD_CPU_BF16},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(gd_cpu_kind_of(&cases[i].identity), cases[i].kind);
}

static void common_kinds(void **state)
{
    (void)state;
    for (int32_t a = GD_CPU_OLDER; a < GD_CPU_KINDS; a++) {
        assert_int_equal(gd_cpu_kind_common(a, a), a);
        assert_int_equal(gd_cpu_kind_common(GD_CPU_OLDER, a), GD_CPU_OLDER);
        for (int32_t b = GD_CPU_OLDER; b < GD_CPU_KINDS; b++) {
            const int32_t common = gd_cpu_kind_common(a, b);
            assert_int_equal(gd_cpu_kind_common(b, a), common);
            assert_true(common <= a && common <= b);
            for (int32_t c = GD_CPU_OLDER; c < GD_CPU_KINDS; c++)
                assert_int_equal(gd_cpu_kind_common(common, c),
                                 gd_cpu_kind_common(a, gd_cpu_kind_common(b, c)));
        }
    }
    assert_int_equal(gd_cpu_kind_common(GD_CPU_AMX, GD_CPU_INTEL_BF16), GD_CPU_INTEL_BF16);
    assert_int_equal(gd_cpu_kind_common(GD_CPU_ZEN5, GD_CPU_ZEN4), GD_CPU_ZEN4);
    /* Neither tiles nor a native bf16 that is slow on the other. */
    assert_int_equal(gd_cpu_kind_common(GD_CPU_AMX, GD_CPU_ZEN5), GD_CPU_BF16);
}

/* What a kind computes as is no more than it has; and no bf16 unasked where it was measured to be slower. */
static void rows(void **state)
{
    (void)state;
    for (int32_t kind = GD_CPU_OLDER; kind < GD_CPU_KINDS; kind++) {
        const gd_processor *row = gd_processor_of(kind), *below = gd_processor_of(row->below);
        const bool bf16 = row->precision == GD_PRECISION_BF16;
        assert_true((int32_t)row->below < kind || kind == GD_CPU_OLDER);
        assert_true(below->isa <= row->isa);
        assert_true(row->measured[0] != '\0');
        assert_true(!bf16 || (row->native && row->ratio[0] > 0));
        assert_true(!row->advice || (!bf16 && row->ratio[0] == 0));
        assert_true(!row->native || row->isa >= GD_ISA_AVX512_BF16);
        assert_null(strpbrk(row->name, ",;\""));
        assert_int_equal(row->ratio[0] == 0, strstr(row->measured, "commit") == NULL);
        for (int i = 0; i < GD_PROCESSOR_LAYERS && row->ratio[0] > 0; i++)
            assert_int_equal(row->ratio[i] < 1, bf16);
    }
}

static const struct {
    const char *limit; /* NULL: none */
    gd_cpu_isa isa;
} limits[] = {{"SSE41", GD_ISA_SSE41},
              {"AVX", GD_ISA_AVX},
              {"avx2", GD_ISA_AVX2},
              {"AVX512_CORE", GD_ISA_AVX512},
              {"AVX512_CORE_VNNI", GD_ISA_AVX512},
              {"AVX512_CORE_BF16", GD_ISA_AVX512_BF16},
              {"avx2_vnni_2", GD_ISA_AMX},
              {"AVX512_CORE_FP16", GD_ISA_AMX},
              {"AVX10_1_512", GD_ISA_AMX},
              {"AVX512_CORE_AMX", GD_ISA_AMX},
              {"no such name", GD_ISA_AMX},
              {"", GD_ISA_AMX},
              {NULL, GD_ISA_AMX}};

enum { LIMITS = sizeof limits / sizeof limits[0] };

static void limit_to(const char *limit)
{
    unsetenv("DNNL_MAX_CPU_ISA");
    unsetenv("ONEDNN_MAX_CPU_ISA");
    if (limit)
        setenv("ONEDNN_MAX_CPU_ISA", limit, 1);
}

static bool library_agrees(gd_cpu_isa isa)
{
    const gd_dnnl_isa library = gd_dnnl_get_isa();
    const char *name = library.name;
    if (isa < GD_ISA_AVX2)
        return strcmp(name, isa == GD_ISA_AVX ? "avx" : isa == GD_ISA_SSE41 ? "sse41" : "generic") == 0;
    return strncmp(name, "avx", 3) == 0 && strcmp(name, "avx") != 0 &&
           library.avx512 == (isa >= GD_ISA_AVX512) && library.bf16 == (isa >= GD_ISA_AVX512_BF16);
}

/* 2.6.3 and 3.7.2, Debian 12's and 13's, by their sources; the one at hand is asked below. */
static void names_of_releases(void **state)
{
    static const struct {
        const char *name;
        gd_cpu_isa old, new;
    } names[] = {{"SSE41", GD_ISA_SSE41, GD_ISA_SSE41},
                 {"avx2_VNNI", GD_ISA_AVX2, GD_ISA_AVX2},
                 {"AVX2_VNNI_2", GD_ISA_AMX, GD_ISA_AVX2},
                 {"AVX512_MIC", GD_ISA_AMX, GD_ISA_AMX},
                 {"AVX512_CORE", GD_ISA_AVX512, GD_ISA_AVX512},
                 {"AVX512_CORE_BF16", GD_ISA_AVX512_BF16, GD_ISA_AVX512_BF16},
                 {"AVX512_CORE_FP16", GD_ISA_AMX, GD_ISA_AVX512_BF16},
                 {"AVX10_1_512", GD_ISA_AMX, GD_ISA_AVX512_BF16},
                 {"AVX512_CORE_AMX", GD_ISA_AMX, GD_ISA_AMX},
                 {"AVX512_CORE_AMX_FP16", GD_ISA_AMX, GD_ISA_AMX},
                 {"AVX10_1_512_AMX", GD_ISA_AMX, GD_ISA_AMX},
                 {"ALL", GD_ISA_AMX, GD_ISA_AMX},
                 {"DEFAULT", GD_ISA_AMX, GD_ISA_AMX},
                 {"AVX512_CORE_AM", GD_ISA_AMX, GD_ISA_AMX}};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(gd_cpu_isa_limit(names[i].name, 206), names[i].old);
        assert_int_equal(gd_cpu_isa_limit(names[i].name, 307), names[i].new);
    }
}

/* What the user does not allow is not tried. */
static void tiles_that_are_held_down(void **state)
{
    (void)state;
    limit_to(NULL);
    const gd_cpu_identity all = gd_cpu_identify();
    assert_int_equal(all.tile_conv == NULL, all.no_tiles != NULL);
    limit_to("AVX512_CORE_BF16");
    const gd_cpu_identity held = gd_cpu_identify();
    limit_to(NULL);
    assert_null(held.tile_conv);
    assert_non_null(held.no_tiles);
    if (!all.no_tiles)
        assert_non_null(strstr(held.no_tiles, "ONEDNN_MAX_CPU_ISA"));
}

static int asked; /* of the kernel, or of the tiles */

static bool yes(void)
{
    asked++;
    return true;
}

static bool no(void)
{
    asked++;
    return false;
}

/* An old kernel, or a container that refuses arch_prctl: the tiles are not tried, and --device-info, whose
 * line of the processor these words are, says why. */
static void a_kernel_that_refuses(void **state)
{
    (void)state;
    char words[GD_KIND_WORDS];
    gd_cpu_identity identity = {.vendor = "GenuineIntel", .isa = GD_ISA_AVX512_BF16};
    asked = 0;
    identity.no_tiles = gd_tiles_missing(&(gd_tile_answers){yes, no, yes}, true);
    assert_int_equal(asked, 2);
    assert_non_null(identity.no_tiles);
    assert_int_equal(gd_cpu_kind_of(&identity), GD_CPU_INTEL_BF16);
    gd_cpu_identity_words(&identity, words);
    assert_non_null(strstr(words,
                           ": the kernel does not permit them; it takes Linux 5.16 or newer, and a container "
                           "that lets arch_prctl through"));
}

static void tiles_are_asked_for_in_order(void **state)
{
    (void)state;
    static const struct {
        gd_tile_answers answers;
        bool allowed;
        int asked;
        const char *missing;
    } cases[] = {{{yes, yes, yes}, true, 3, NULL},
                 {{no, yes, yes}, true, 1, "has none"},
                 {{yes, yes, yes}, false, 1, "ONEDNN_MAX_CPU_ISA"},
                 {{yes, NULL, yes}, true, 1, "compiler"},
                 {{yes, yes, no}, true, 3, "report it"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        asked = 0;
        const char *missing = gd_tiles_missing(&cases[i].answers, cases[i].allowed);
        assert_int_equal(asked, cases[i].asked);
        assert_true(!missing == !cases[i].missing && (!missing || strstr(missing, cases[i].missing)));
    }
}

/* The library takes an instruction set once in a process. */
static void as_the_library(void **state)
{
    (void)state;
    for (int i = 0; i < LIMITS; i++) {
        const pid_t child = fork();
        int ended = 0;
        assert_true(child >= 0);
        if (child == 0) {
            limit_to(limits[i].limit);
            const gd_cpu_identity identity = gd_cpu_identify();
            _exit(identity.isa <= limits[i].isa && library_agrees(identity.isa) ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &ended, 0), child);
        if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0)
            fail_msg("%s: the library uses another instruction set", limits[i].limit);
    }
}

/* The setting that is named in messages makes this processor one of that kind. */
static void kind_limits(void **state)
{
    (void)state;
    int named = 0;
    for (int32_t kind = GD_CPU_OLDER; kind < GD_CPU_KINDS; kind++) {
        limit_to(NULL);
        const char *limit = gd_cpu_kind_limit(kind), *value = limit ? strchr(limit, '=') : NULL;
        if (!limit)
            continue;
        limit_to(value + 1);
        assert_int_equal(gd_cpu_kind_here(), kind);
        named++;
    }
    limit_to(NULL);
    assert_true(named >= 1 && gd_cpu_kind_limit(gd_cpu_kind_here()));
    assert_null(gd_cpu_kind_name(GD_CPU_KINDS));
}

/* A device computes as the kind that it is told to; without that as the kind that is here. */
static bool opens_as(gd_cpu_kind told)
{
    gd_error error = {""};
    gd_device *device = NULL;
    const gd_cpu_kind kind = told ? told : (gd_cpu_kind)gd_cpu_kind_here();
    const gd_device_options options = {.kind = told};
    if (gd_backend_cpu.open(&options, &device, &error) != GD_OK)
        return false;
    const bool good = device->kind == kind &&
                      strstr(gd_backend_cpu.describe(device), gd_cpu_kind_name(kind)) &&
                      device->precision == gd_processor_of(kind)->precision &&
                      device->isa.avx512 == (gd_processor_of(kind)->isa >= GD_ISA_AVX512);
    gd_backend_cpu.close(device);
    return good;
}

static void devices(void **state)
{
    (void)state;
    limit_to(NULL);
    const int32_t here = gd_cpu_kind_here();
    for (int32_t kind = 0; kind <= here; kind++) {
        if (kind && gd_cpu_kind_common(kind, here) != kind)
            continue;
        const pid_t child = fork();
        int ended = 0;
        assert_true(child >= 0);
        if (child == 0)
            _exit(opens_as((gd_cpu_kind)kind) ? 0 : 1);
        assert_int_equal(waitpid(child, &ended, 0), child);
        if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0)
            fail_msg("told to be \"%s\", it is another", kind ? gd_cpu_kind_name(kind) : "itself");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds_of_processors),
                                       cmocka_unit_test(common_kinds),
                                       cmocka_unit_test(rows),
                                       cmocka_unit_test(names_of_releases),
                                       cmocka_unit_test(tiles_that_are_held_down),
                                       cmocka_unit_test(a_kernel_that_refuses),
                                       cmocka_unit_test(tiles_are_asked_for_in_order),
                                       cmocka_unit_test(as_the_library),
                                       cmocka_unit_test(kind_limits),
                                       cmocka_unit_test(devices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
