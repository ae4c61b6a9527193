/* Kinds of processor: the table of what was measured, and cpuid. */
#include "kernels/cpu/processors.h"

#include "kernels/cpu/onednn.h"
#include "kernels/cpu/tiles/tiles.h"

#include <cpuid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const gd_processor_layers[GD_PROCESSOR_LAYERS] = {"mixed3", "mixed5", "mixed10"};

static const char no_bf16[] = "has no bf16 to measure";

/* bench/step.py warns where a processor contradicts its row. Figures and spreads: docs/performance.md. */
static const gd_processor table[GD_CPU_KINDS] = {
    [GD_CPU_OLDER] = {.name = "before AVX2",
                      .below = GD_CPU_OLDER,
                      .isa = GD_ISA_AVX,
                      .precision = GD_PRECISION_FP32,
                      .measured = no_bf16},
    [GD_CPU_AVX2] = {.name = "AVX2",
                     .below = GD_CPU_OLDER,
                     .isa = GD_ISA_AVX2,
                     .precision = GD_PRECISION_FP32,
                     .measured = no_bf16},
    [GD_CPU_AVX512] = {.name = "AVX-512 without bf16",
                       .below = GD_CPU_AVX2,
                       .isa = GD_ISA_AVX512,
                       .precision = GD_PRECISION_FP32,
                       .measured = "not measured"},
    [GD_CPU_BF16] = {.name = "another with AVX-512 and bf16",
                     .below = GD_CPU_AVX512,
                     .isa = GD_ISA_AVX512_BF16,
                     .precision = GD_PRECISION_FP32,
                     .measured = "not measured"},
    [GD_CPU_INTEL_BF16] = {.name = "Intel with bf16 and no tiles",
                           .below = GD_CPU_BF16,
                           .isa = GD_ISA_AVX512_BF16,
                           .precision = GD_PRECISION_FP32,
                           .ratio = {1.08, 1.04, 1.03},
                           .measured = "2 cores of a Xeon (family 6 model 207), 2026-11-22, commit 9d45f67"},
    [GD_CPU_AMX] = {.name = "Intel with tiles (AMX)",
                    .below = GD_CPU_INTEL_BF16,
                    .isa = GD_ISA_AVX512_BF16,
                    .precision = GD_PRECISION_FP32,
                    .native = true,
                    .measured = "not measured; convolutions alone ran at 5 to 8 times the fp32 rate in an "
                                "experiment on 2 cores of a Xeon, 2026-11-30",
                    .advice = "--precision bf16 uses the tiles (AMX) and is expected to be faster, but was "
                              "never measured; bench/step.py --row prints the row to send"},
    [GD_CPU_ZEN4] = {.name = "AMD Zen 4",
                     .below = GD_CPU_BF16,
                     .isa = GD_ISA_AVX512_BF16,
                     .precision = GD_PRECISION_BF16,
                     .native = true,
                     .ratio = {0.79, 0.79, 0.74},
                     .measured = "2 cores of an EPYC (family 25 model 17), 2026-11-30, commit 9b9fed1"},
    [GD_CPU_ZEN5] = {.name = "AMD Zen 5",
                     .below = GD_CPU_ZEN4,
                     .isa = GD_ISA_AVX512_BF16,
                     .precision = GD_PRECISION_BF16,
                     .native = true,
                     .ratio = {0.72, 0.72, 0.73},
                     .measured = "2 cores of an EPYC (family 26 model 2), 2026-11-30, commit 2159ed4"},
};

const gd_processor *gd_processor_of(gd_cpu_kind kind)
{
    return &table[kind];
}

static void read_vendor(gd_cpu_identity *identity)
{
    unsigned int leaf = 0, version = 0, words[3] = {0}, unused = 0;
    /* The vendor's letters lie in EBX, EDX, ECX; family and model are split in EAX of leaf 1 (Intel SDM,
     * CPUID; AMD64 APM 3, appendix E). */
    if (!__get_cpuid(0, &leaf, &words[0], &words[2], &words[1]))
        return;
    memcpy(identity->vendor, words, sizeof words);
    if (!__get_cpuid(1, &version, &unused, &unused, &unused))
        return;
    const unsigned int family = version >> 8 & 0xf, model = version >> 4 & 0xf;
    identity->family = (int32_t)(family == 0xf ? family + (version >> 20 & 0xff) : family);
    identity->model = (int32_t)(family == 6 || family == 0xf ? model + (version >> 12 & 0xf0) : model);
}

/* Of the processor and its system; __builtin_cpu_supports asks both. */
static gd_cpu_isa greatest_isa(void)
{
    if (!__builtin_cpu_supports("sse4.1"))
        return GD_ISA_GENERIC;
    if (!__builtin_cpu_supports("avx"))
        return GD_ISA_SSE41;
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return GD_ISA_AVX;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return GD_ISA_AVX2;
    return __builtin_cpu_supports("avx512bf16") ? GD_ISA_AVX512_BF16 : GD_ISA_AVX512;
}

/* As the library, the first of these variables that is not empty. */
static gd_cpu_isa allowed_isa(void)
{
    const char *given = getenv("ONEDNN_MAX_CPU_ISA");
    if (!given || !*given)
        given = getenv("DNNL_MAX_CPU_ISA");
    return given ? gd_cpu_isa_limit(given, gd_dnnl_release()) : GD_ISA_AMX;
}

gd_cpu_identity gd_cpu_identify(void)
{
    const gd_cpu_isa has = greatest_isa(), may = allowed_isa();
    gd_cpu_identity identity = {.isa = has < may ? has : may};
    identity.tile_conv = gd_tiles_find(may >= GD_ISA_AMX, &identity.no_tiles);
    read_vendor(&identity);
    return identity;
}

/* Zen 6 shares Zen 5's family; its models are those of Linux's arch/x86/kernel/cpu/amd.c. */
static bool is_zen5(int32_t family, int32_t model)
{
    return family == 0x1a && !(model >= 0x50 && model <= 0x5f) && !(model >= 0x80 && model <= 0xaf) &&
           !(model >= 0xc0 && model <= 0xcf);
}

gd_cpu_kind gd_cpu_kind_of(const gd_cpu_identity *identity)
{
    if (identity->isa < GD_ISA_AVX2)
        return GD_CPU_OLDER;
    if (identity->isa < GD_ISA_AVX512)
        return GD_CPU_AVX2;
    if (identity->isa < GD_ISA_AVX512_BF16)
        return GD_CPU_AVX512;
    if (!identity->no_tiles)
        return GD_CPU_AMX;
    if (strcmp(identity->vendor, "GenuineIntel") == 0)
        return GD_CPU_INTEL_BF16;
    if (strcmp(identity->vendor, "AuthenticAMD") != 0)
        return GD_CPU_BF16;
    if (identity->family == 0x19) /* Zen 3 shares it, without AVX-512 */
        return GD_CPU_ZEN4;
    return is_zen5(identity->family, identity->model) ? GD_CPU_ZEN5 : GD_CPU_BF16;
}

int32_t gd_cpu_kind_here(void)
{
    const gd_cpu_identity identity = gd_cpu_identify();
    return gd_cpu_kind_of(&identity);
}

int32_t gd_cpu_kind_common(int32_t a, int32_t b)
{
    while (a != b)
        if (a > b)
            a = table[a].below;
        else
            b = table[b].below;
    return a;
}

const char *gd_cpu_kind_name(int32_t kind)
{
    return kind < GD_CPU_KINDS ? table[kind].name : NULL;
}

const char *gd_cpu_kind_limit(int32_t kind)
{
    static const char *const limits[] = {[GD_ISA_SSE41] = "ONEDNN_MAX_CPU_ISA=SSE41",
                                         [GD_ISA_AVX] = "ONEDNN_MAX_CPU_ISA=AVX",
                                         [GD_ISA_AVX2] = "ONEDNN_MAX_CPU_ISA=AVX2",
                                         [GD_ISA_AVX512] = "ONEDNN_MAX_CPU_ISA=AVX512_CORE",
                                         [GD_ISA_AVX512_BF16] = "ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16"};
    gd_cpu_identity lowered = gd_cpu_identify();
    const gd_cpu_isa isa = table[kind].isa;
    if (kind == GD_CPU_AMX)
        return lowered.no_tiles ? NULL : "ONEDNN_MAX_CPU_ISA=AVX512_CORE_AMX";
    if (isa > lowered.isa)
        return NULL;
    lowered.isa = isa;
    lowered.no_tiles = "";
    return gd_cpu_kind_of(&lowered) == (gd_cpu_kind)kind ? limits[isa] : NULL;
}

/* Tiles come with AVX-512 and bf16; where that is missing, they are not what is missing. */
void gd_cpu_identity_words(const gd_cpu_identity *identity, char words[GD_KIND_WORDS])
{
    const gd_cpu_kind kind = gd_cpu_kind_of(identity);
    const bool intel = kind == GD_CPU_INTEL_BF16;
    snprintf(words, GD_KIND_WORDS, "%s%s%s", table[kind].name, intel ? ": " : "",
             intel ? identity->no_tiles : "");
}

void gd_cpu_kind_words(char words[GD_KIND_WORDS])
{
    const gd_cpu_identity identity = gd_cpu_identify();
    gd_cpu_identity_words(&identity, words);
}
