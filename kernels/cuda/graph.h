/* Whole windows as CUDA graphs. */
#ifndef GD_KERNELS_CUDA_GRAPH_H
#define GD_KERNELS_CUDA_GRAPH_H

#include "kernels/cuda/cuda.h"

/* Queues all operations but the first and the last as one CUDA graph, made when there is none for this arena
 *. The caller has the lock. */
gd_status gd_cuda_replay(gd_program *program, void *arena, gd_error *error) GD_CHECKED;

#endif
