/* Names of instruction sets, as in ONEDNN_MAX_CPU_ISA. */
#include "kernels/cpu/isa.h"

#include <stddef.h>
#include <strings.h>

/* oneDNN's src/cpu/x64/cpu_isa_traits.cpp, init_max_cpu_isa, from 2.6.3 to 3.7.2. Names that are not here
 * allow everything: ALL, DEFAULT, those of AMX, and what the library does not know. */
gd_cpu_isa gd_cpu_isa_limit(const char *name, int32_t release)
{
    static const struct {
        const char *name;
        gd_cpu_isa isa;
        int32_t since;
    } names[] = {{"SSE41", GD_ISA_SSE41, 0},
                 {"AVX", GD_ISA_AVX, 0},
                 {"AVX2", GD_ISA_AVX2, 0},
                 {"AVX2_VNNI", GD_ISA_AVX2, 0},
                 {"AVX2_VNNI_2", GD_ISA_AVX2, 300},
                 {"AVX512_CORE", GD_ISA_AVX512, 0},
                 {"AVX512_CORE_VNNI", GD_ISA_AVX512, 0},
                 {"AVX512_CORE_BF16", GD_ISA_AVX512_BF16, 0},
                 {"AVX512_CORE_FP16", GD_ISA_AVX512_BF16, 207},
                 {"AVX10_1_512", GD_ISA_AVX512_BF16, 305}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (release >= names[i].since && strcasecmp(name, names[i].name) == 0)
            return names[i].isa;
    return GD_ISA_AMX;
}
