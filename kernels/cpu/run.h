/* Runs compiled tapes; see backend.h. */
#ifndef GD_KERNELS_CPU_RUN_H
#define GD_KERNELS_CPU_RUN_H

#include "kernels/cpu/cpu.h"

gd_status gd_cpu_run(gd_program *program, void *arena, int32_t first, int32_t last, const float *window,
                     float *gradient, gd_error *error) GD_CHECKED;

#endif
