/* The memory of a CUDA device (base/memory.h), with two streams. Copies of rectangles, clears and a
 * transport's messages use the exchange stream; downloads and uploads use the copy stream, so that a copy
 * engine works while rectangles are packed. Events order the streams: a transfer waits for all earlier work
 * of the exchange stream. The exchange stream waits for an upload, and for a download only before it
 * overwrites the downloaded bytes or is handed to a transport (`queue`). Both have the highest priority. */
#ifndef GD_KERNELS_CUDA_MEMORY_MEMORY_H
#define GD_KERNELS_CUDA_MEMORY_MEMORY_H

#include "kernels/cuda/memory/memory_state.h"

/* Opens the memory of device `ordinal`, which must be current. patience is borrowed. The caller closes it. */
gd_status gd_cuda_memory_open(int ordinal, gd_patience *patience, gd_cuda_memory **memory,
                              gd_error *error) GD_CHECKED;
/* Waits for all queued work; false if it does not end. */
bool gd_cuda_memory_idle(gd_cuda_memory *memory);
/* Frees it, with all allocations that were not released; it must be idle. NULL is fine. */
void gd_cuda_memory_close(gd_cuda_memory *memory);

#endif
