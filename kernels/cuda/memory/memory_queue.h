/* Queued work in device memory: copies, clears, transfers to and from the host, and events. */
#ifndef GD_KERNELS_CUDA_MEMORY_MEMORY_QUEUE_H
#define GD_KERNELS_CUDA_MEMORY_MEMORY_QUEUE_H

#include "kernels/cuda/memory/memory_state.h"

/* Entries of gd_memory_class that queue. */
gd_status gd_cuda_memory_copy(gd_memory *memory, const gd_rect_copy *copies, int64_t count, gd_error *error);
gd_status gd_cuda_memory_clear(gd_memory *memory, void *values, size_t bytes, gd_error *error);
gd_status gd_cuda_memory_download(gd_memory *memory, void *staging, const void *values, size_t bytes,
                                  gd_error *error);
gd_status gd_cuda_memory_upload(gd_memory *memory, void *values, const void *staging, size_t bytes,
                                gd_error *error);
gd_status gd_cuda_memory_record_event(gd_memory *memory, uint64_t *mark, gd_error *error);
gd_status gd_cuda_memory_query_event(gd_memory *memory, uint64_t mark, bool *passed, gd_error *error);
void *gd_cuda_memory_queue(gd_memory *memory);

#endif
