/* Instruction sets of processors, and the library's names of them. */
#ifndef GD_KERNELS_CPU_ISA_H
#define GD_KERNELS_CPU_ISA_H

#include <stdint.h>

/* Instruction sets that make a difference; each contains those before it. */
typedef enum gd_cpu_isa {
    GD_ISA_GENERIC,
    GD_ISA_SSE41,
    GD_ISA_AVX,
    GD_ISA_AVX2,
    GD_ISA_AVX512,      /* F, BW, DQ and VL */
    GD_ISA_AVX512_BF16, /* vdpbf16ps */
    GD_ISA_AMX          /* tiles of bf16 */
} gd_cpu_isa;

/* The most that a value of ONEDNN_MAX_CPU_ISA, in letters of any case, allows in the library's release
 * (207: 2.7); as the library, GD_ISA_AMX where that release does not know the name. */
gd_cpu_isa gd_cpu_isa_limit(const char *name, int32_t release);

#endif
