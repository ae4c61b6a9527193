/* Reads and writes tensors as dense doubles [channels, rows, cols], for tests; see backend.h. */
#ifndef GD_KERNELS_CPU_ACCESS_H
#define GD_KERNELS_CPU_ACCESS_H

#include "kernels/cpu/cpu.h"

void gd_cpu_get(const gd_program *program, const void *arena, int32_t tensor, double *values);
void gd_cpu_set(const gd_program *program, void *arena, int32_t tensor, const double *values);

#endif
