/* Execution of whole windows as CUDA graphs. */
#ifndef GD_KERNELS_CUDA_GRAPH_H
#define GD_KERNELS_CUDA_GRAPH_H

#include "kernels/cuda/cuda.h"

/* Queues all operations except the first and the last as one CUDA graph, which is made if there is none for
 * this arena. The caller holds the device's lock. */
gd_status gd_cuda_replay(gd_program *program, void *arena, gd_error *error) GD_CHECKED;

#endif
