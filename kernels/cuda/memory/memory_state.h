/* The state of device memory, shared by memory.c and memory_queue.c; private to them. */
#ifndef GD_KERNELS_CUDA_MEMORY_MEMORY_STATE_H
#define GD_KERNELS_CUDA_MEMORY_MEMORY_STATE_H

#include "base/arena_list.h"
#include "base/memory.h"
#include "kernels/cuda/memory/feed.h"

#include <cuda_runtime_api.h>
#include <pthread.h>

enum {
    GD_CUDA_EVENTS = 64,        /* not passed at a time; one more waits for the oldest */
    GD_CUDA_STAGING_KEPT = 16,  /* released blocks of staging memory kept for reuse */
    GD_CUDA_DOWNLOADS = 64,     /* tracked by address */
    GD_CUDA_LIST_BYTES = 65536, /* of a list of rectangles; longer lists are split */
};

/* Memory reserved for a purpose. */
typedef struct gd_cuda_region {
    char *base; /* owned; NULL: not reserved */
    size_t bytes;
    gd_arena_list *list; /* owned */
} gd_cuda_region;

typedef struct gd_cuda_staging {
    void *values; /* owned */
    size_t bytes;
    bool lent;
    struct gd_cuda_staging *next; /* owned */
} gd_cuda_staging;

typedef struct gd_cuda_download {
    const char *from;
    size_t bytes;
} gd_cuda_download;

typedef struct gd_cuda_memory {
    gd_memory base;
    int ordinal;                           /* the CUDA device */
    gd_patience *patience;                 /* borrowed; the device's */
    pthread_mutex_t lock;                  /* guards all fields below */
    cudaStream_t exchange, copies;         /* owned */
    cudaEvent_t exchange_end, copies_end;  /* owned; to order one stream behind the other */
    cudaEvent_t events[GD_CUDA_EVENTS][2]; /* owned; of each event, on exchange and on copies */
    uint64_t last_event, passed_event;     /* events are numbered from 1 */
    gd_feed *lists;                        /* owned */
    gd_cuda_region regions[GD_PURPOSE_COUNT];
    gd_cuda_staging *staging;                      /* owned */
    gd_cuda_download downloads[GD_CUDA_DOWNLOADS]; /* that the exchange stream has not waited for */
    int download_count;
} gd_cuda_memory;

#endif
