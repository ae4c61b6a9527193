/* A ring of pinned blocks that brings small tables to the device while earlier ones are still in use. */
#include "kernels/cuda/memory/feed.h"

#include "kernels/cuda/device/check.h"

#include <stdbool.h>
#include <stdlib.h>

enum { BLOCKS = 4 };

struct gd_feed {
    size_t bytes;
    cudaStream_t stream;      /* borrowed */
    gd_patience *patience;    /* borrowed */
    char *host, *device;      /* owned; [BLOCKS, bytes] */
    cudaEvent_t done[BLOCKS]; /* owned; the device has read the block */
    bool used[BLOCKS];        /* `done` was recorded */
    int next;
};

gd_status gd_feed_open(size_t bytes, cudaStream_t stream, gd_patience *patience, gd_feed **feed,
                       gd_error *error)
{
    gd_feed *made = calloc(1, sizeof *made);
    *feed = NULL;
    if (!made)
        return gd_no_memory(error, "lists of copies");
    made->bytes = bytes;
    made->stream = stream;
    made->patience = patience;
    gd_status status = gd_cuda_pin((void **)&made->host, bytes * BLOCKS, "lists of copies", error);
    if (status == GD_OK)
        status =
            gd_cuda_check(cudaMalloc((void **)&made->device, bytes * BLOCKS), "cudaMalloc for lists", error);
    for (int i = 0; i < BLOCKS && status == GD_OK; i++)
        status = gd_cuda_check(cudaEventCreateWithFlags(&made->done[i], cudaEventDisableTiming),
                               "cudaEventCreate for lists", error);
    if (status == GD_OK)
        *feed = made;
    else
        gd_feed_close(made);
    return status;
}

void gd_feed_close(gd_feed *feed)
{
    if (!feed)
        return;
    for (int i = 0; i < BLOCKS; i++) {
        if (feed->done[i])
            (void)cudaEventDestroy(feed->done[i]);
    }
    (void)cudaFree(feed->device);
    (void)cudaFreeHost(feed->host);
    free(feed);
}

gd_status gd_feed_take(gd_feed *feed, void **block, gd_error *error)
{
    *block = feed->host + (size_t)feed->next * feed->bytes;
    return feed->used[feed->next]
               ? gd_cuda_wait(feed->done[feed->next], "lists sent to the GPU before", feed->patience, error)
               : GD_OK;
}

gd_status gd_feed_send(gd_feed *feed, size_t used, void **device, gd_error *error)
{
    const size_t at = (size_t)feed->next * feed->bytes;
    *device = feed->device + at;
    return gd_cuda_check(
        cudaMemcpyAsync(feed->device + at, feed->host + at, used, cudaMemcpyHostToDevice, feed->stream),
        "cudaMemcpyAsync of a list", error);
}

gd_status gd_feed_done(gd_feed *feed, gd_error *error)
{
    const int block = feed->next;
    feed->used[block] = true;
    feed->next = (block + 1) % BLOCKS;
    return gd_cuda_check(cudaEventRecord(feed->done[block], feed->stream), "cudaEventRecord after a list",
                         error);
}
