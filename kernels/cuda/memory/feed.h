/* Small data for kernels (lists of rectangles, weights of a resampling): written by the host into a ring of
 * pinned blocks and copied from there to device blocks of the same ring. One user at a time. */
#ifndef GD_CUDA_MEMORY_FEED_H
#define GD_CUDA_MEMORY_FEED_H

#include "kernels/cuda/device/check.h"

#include <cuda_runtime_api.h>
#include <stddef.h>

typedef struct gd_feed gd_feed;

/* A ring of blocks of `bytes` for what is queued on `stream`. */
gd_status gd_feed_open(size_t bytes, cudaStream_t stream, gd_patience *patience, gd_feed **feed,
                       gd_error *error) GD_CHECKED;
void gd_feed_close(gd_feed *feed); /* nothing queued may use it; NULL is fine */

/* Lends the next block to be filled. Waits while the device still reads what it held. */
gd_status gd_feed_take(gd_feed *feed, void **block, gd_error *error) GD_CHECKED;

/* Queues the copy of the block's first `used` bytes to *device, for kernels queued after it. */
gd_status gd_feed_send(gd_feed *feed, size_t used, void **device, gd_error *error) GD_CHECKED;

/* To be called when the last kernel that reads the block is queued. */
gd_status gd_feed_done(gd_feed *feed, gd_error *error) GD_CHECKED;

#endif
