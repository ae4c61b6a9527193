/* The memory of a CUDA device (base/memory.h), and its two queues. Copies of rectangles, clears, and a
 * transport's messages go on the exchange stream; fetch and bring go on a stream of their own, ordered
 * against the first by events, so that a copy engine works while rectangles are packed: what is queued on the
 * exchange stream waits for a fetch only if it writes to what is being fetched, or comes from outside
 * (queue). */
#ifndef GD_CUDA_MEMORY_MEMORY_H
#define GD_CUDA_MEMORY_MEMORY_H

#include "base/arena_list.h"
#include "base/memory.h"
#include "kernels/cuda/memory/feed.h"

#include <cuda_runtime_api.h>
#include <pthread.h>

enum {
    GD_CUDA_MARKS = 64,         /* that can be under way at once; one more waits for the first */
    GD_CUDA_STAGING_KEPT = 16,  /* blocks of released staging memory that are kept for reuse */
    GD_CUDA_FETCHES = 64,       /* under way and known by their place */
    GD_CUDA_LIST_BYTES = 65536, /* of a list of rectangles; longer ones go in parts */
};

/* What a purpose has set aside. */
typedef struct gd_cuda_region {
    char *base; /* owned; NULL: nothing was reserved */
    size_t bytes;
    gd_arena_list *list; /* owned */
} gd_cuda_region;

typedef struct gd_cuda_staging {
    void *values; /* owned */
    size_t bytes;
    bool lent;
    struct gd_cuda_staging *next; /* owned */
} gd_cuda_staging;

typedef struct gd_cuda_fetch {
    const char *from;
    size_t bytes;
} gd_cuda_fetch;

typedef struct gd_cuda_memory {
    gd_memory base;
    int ordinal;                          /* the CUDA device */
    gd_patience *patience;                /* borrowed; the device's */
    pthread_mutex_t lock;                 /* of all that follows */
    cudaStream_t exchange, copies;        /* owned */
    cudaEvent_t exchange_end, copies_end; /* owned; where one stream waits for the other */
    cudaEvent_t marks[GD_CUDA_MARKS][2];  /* owned; on exchange and on copies */
    uint64_t last_mark, passed_mark;      /* marks are counted from 1 */
    gd_feed *lists;                       /* owned */
    gd_cuda_region regions[GD_PURPOSE_COUNT];
    gd_cuda_staging *staging;               /* owned */
    gd_cuda_fetch fetches[GD_CUDA_FETCHES]; /* that the exchange stream has not waited for */
    int fetch_count;
} gd_cuda_memory;

/* On the current device, `ordinal`. */
gd_status gd_cuda_memory_open(int ordinal, gd_patience *patience, gd_cuda_memory **memory,
                              gd_error *error) GD_CHECKED;
/* Waits for what is queued; false: it does not end. */
bool gd_cuda_memory_idle(gd_cuda_memory *memory);
/* Once idle; allocations that were not released go with it. NULL is fine. */
void gd_cuda_memory_close(gd_cuda_memory *memory);

/* Entries of gd_memory_class that queue (memory_queue.c). */
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
