/* The memory of a CUDA device (base/memory.h), and its two queues. Copies of rectangles, clears, and a
 * transport's messages go on the exchange stream; downloads and uploads go on a stream of their own, ordered
 * against the first by events, so that a copy engine works while rectangles are packed: what is queued on the
 * exchange stream waits for a download only if it writes to what is being downloaded, or comes from outside
 * (queue). */
#ifndef GD_KERNELS_CUDA_MEMORY_MEMORY_H
#define GD_KERNELS_CUDA_MEMORY_MEMORY_H

#include "kernels/cuda/memory/memory_state.h"

/* On the current device, `ordinal`. */
gd_status gd_cuda_memory_open(int ordinal, gd_patience *patience, gd_cuda_memory **memory,
                              gd_error *error) GD_CHECKED;
/* Waits for what is queued; false: it does not end. */
bool gd_cuda_memory_idle(gd_cuda_memory *memory);
/* Once idle; allocations that were not released go with it. NULL is fine. */
void gd_cuda_memory_close(gd_cuda_memory *memory);

#endif
