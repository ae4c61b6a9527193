/* Small tables for kernels (lists of rectangles, resampling weights): the host writes them to a ring of
 * pinned blocks, from which they are copied to device blocks. For each block, the order of calls is take,
 * send, done. Callers serialize access. */
#ifndef GD_CUDA_MEMORY_FEED_H
#define GD_CUDA_MEMORY_FEED_H

#include "kernels/cuda/device/check.h"

#include <cuda_runtime_api.h>
#include <stddef.h>

typedef struct gd_feed gd_feed;

/* Makes a ring of blocks of `bytes` for kernels on `stream`; stream and patience are borrowed. The caller
 * closes it. */
gd_status gd_feed_open(size_t bytes, cudaStream_t stream, gd_patience *patience, gd_feed **feed,
                       gd_error *error) GD_CHECKED;
void gd_feed_close(gd_feed *feed); /* no queued work may use it; NULL is fine */

/* *block: the next block, for the caller to fill. Waits while the device still uses its old contents. */
gd_status gd_feed_take(gd_feed *feed, void **block, gd_error *error) GD_CHECKED;

/* Queues the copy of the block's first `used` bytes to *device, for kernels queued after it. */
gd_status gd_feed_send(gd_feed *feed, size_t used, void **device, gd_error *error) GD_CHECKED;

/* Call it after the last kernel that reads the block was queued. */
gd_status gd_feed_done(gd_feed *feed, gd_error *error) GD_CHECKED;

#endif
