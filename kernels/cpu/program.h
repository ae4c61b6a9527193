/* Compiles tapes for processors; see backend.h. */
#ifndef GD_KERNELS_CPU_PROGRAM_H
#define GD_KERNELS_CPU_PROGRAM_H

#include "kernels/cpu/cpu.h"

gd_status gd_cpu_compile(gd_device *device, const gd_tape *tape, gd_program **program,
                         gd_error *error) GD_CHECKED;
void gd_cpu_program_free(gd_program *program);
/* The name of what computes a convolution: "winograd:avx512", "product:avx512" (1x1 kernels), both of them in
 * float32, "product:avx512_bf16", "tiles:amx", "tiles:emulated", or the library's, the one of part `part` of
 * a GD_CPU_PARITY; NULL where there is none. */
const char *gd_cpu_op_name(const gd_program *program, int32_t op, int32_t part);

#endif
