/* Convolutions of a tape in matrix tiles: their weights and geometry. */
#ifndef GD_KERNELS_CPU_TILE_OP_H
#define GD_KERNELS_CPU_TILE_OP_H

#include "kernels/cpu/cpu.h"

/* Makes the packed weights that operation o, a convolution or its way back, runs with. */
gd_status gd_cpu_tiles_prepare(gd_program *program, int32_t o, gd_error *error) GD_CHECKED;

/* Runs it; pass: of its operands, where dst is the gradient of a picture float32 [rows][cols][3]. */
gd_status gd_cpu_tiles_run(const gd_program *program, int32_t o, const gd_pass *pass,
                           gd_error *error) GD_CHECKED;

/* Bytes of the weights of an operation with such a filter, channels counted with padding. */
size_t gd_cpu_tiles_bytes(const gd_filter *filter, const gd_op *op);

void gd_cpu_tiles_free(gd_cpu_filter *filter);

#endif
