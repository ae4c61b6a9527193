/* Queued work in device memory: the entries `copy`, `clear`, `download`, `upload`, `record_event`,
 * `query_event` and `queue` of gd_memory_class (base/memory.h), with its arguments. They wait only if
 * GD_CUDA_EVENTS events, or all blocks for lists of rectangles, are in use, and then for the oldest.
 * GD_BACKEND names the failed call; the failure may be that of work queued earlier. */
#ifndef GD_KERNELS_CUDA_MEMORY_MEMORY_QUEUE_H
#define GD_KERNELS_CUDA_MEMORY_MEMORY_QUEUE_H

#include "kernels/cuda/memory/memory_state.h"

/* Copies between rectangles in device memory; copies[count] may be freed when it returns. */
gd_status gd_cuda_memory_copy(gd_memory *memory, const gd_rect_copy *copies, int64_t count, gd_error *error);
/* Fills `bytes` with zeros. */
gd_status gd_cuda_memory_clear(gd_memory *memory, void *values, size_t bytes, gd_error *error);
/* Copies `bytes` of device memory to staging memory, and back. The caller must not touch the staging memory
 * until an event recorded afterwards has passed. */
gd_status gd_cuda_memory_download(gd_memory *memory, void *staging, const void *values, size_t bytes,
                                  gd_error *error);
gd_status gd_cuda_memory_upload(gd_memory *memory, void *values, const void *staging, size_t bytes,
                                gd_error *error);
/* Events are numbered from 1. GD_INTERNAL for one that was never recorded. */
gd_status gd_cuda_memory_record_event(gd_memory *memory, uint64_t *event, gd_error *error);
gd_status gd_cuda_memory_query_event(gd_memory *memory, uint64_t event, bool *passed, gd_error *error);
/* The exchange stream, a cudaStream_t. Work queued on it by the caller is ordered behind all downloads. */
void *gd_cuda_memory_queue(gd_memory *memory);

#endif
