/* The backend for NVIDIA GPUs: types that its files share. */
#ifndef GD_KERNELS_CUDA_CUDA_H
#define GD_KERNELS_CUDA_CUDA_H

#include "kernels/backend.h"
#include "kernels/cuda/convolution/choices.h"
#include "kernels/cuda/convolution/convolution_plan.h"
#include "kernels/cuda/convolution/cudnn_handle.h"
#include "kernels/cuda/device/check.h"
#include "kernels/cuda/elementwise/launch.h"
#include "kernels/cuda/memory/feed.h"
#include "kernels/cuda/memory/memory.h"
#include "net/memory_plan.h"

#include <pthread.h>

enum {
    /* Most bytes of workspace that one convolution may take. A constant, since the choice of an engine must
     * not depend on what is free. */
    GD_CUDA_WORKSPACE = 256 << 20,
    /* A block of weights for resampling. */
    GD_CUDA_AXIS_BYTES = 1 << 20,
    GD_CUDA_ALIGNMENT = 256, /* of tensors, scratch and filters */
};

/* Results of kernels for the host; in device memory, and pinned. */
typedef struct gd_cuda_results {
    double sums[2];
    int32_t overflow; /* a gradient was not finite */
} gd_cuda_results;

struct gd_device {
    gd_precision precision;
    gd_cuda_type type;
    bool tf32;
    int32_t ordinal; /* the CUDA device; -1: one that is only described */
    char name[128];
    char identity[64];
    uint64_t total_bytes;
    double slow_tflops, fast_tflops; /* of one that is only described; 0: unknown */
    char text[256];                  /* of describe */
    gd_cudnn *cudnn;                 /* owned; its handle is on `compute` */

    gd_patience patience;
    bool graphs;              /* whole windows are replayed from CUDA graphs */
    pthread_mutex_t lock;     /* held while something is queued on `compute` */
    pthread_mutex_t reading;  /* held while results are waited for */
    cudaStream_t compute;     /* owned */
    cudaEvent_t drained;      /* owned; a failed call has nothing under way any more */
    cudaEvent_t read;         /* owned; the results are in `found` */
    gd_cuda_results *results; /* owned; device memory */
    gd_cuda_results *found;   /* owned; pinned */
    double *partial;          /* owned; device memory, scratch of the moments */
    gd_feed *axes;            /* owned */
    gd_cuda_memory *memory;   /* owned; NULL for a described device */

    void *filters;     /* owned; device memory, all of them (filters.c); NULL until loaded */
    size_t *filter_at; /* owned; [2 * filter_count] where kernel and bias of each begin */
    int32_t filter_count;

    gd_choices choices; /* owned */
    bool settled;       /* they were decided or adopted: compile must not add to them */
    char *record;       /* owned; their text; NULL until asked for */
    gd_choices timed;   /* owned; what the cache of timings holds */
    bool cache_read;
};

/* Result of compiling an operation; all zero where there is nothing to prepare. */
typedef struct gd_cuda_op {
    gd_conv_plan *plan;        /* owned */
    const void *kernel, *bias; /* borrowed from the device */
    size_t workspace_at;       /* in the operation's scratch, behind a result that is to be added */
} gd_cuda_op;

struct gd_program {
    gd_device *device;     /* borrowed */
    const gd_tape *tape;   /* borrowed */
    gd_cuda_op *ops;       /* owned; [op_count] */
    size_t *tensor_bytes;  /* owned; [tensor_count] */
    size_t *scratch_bytes; /* owned; [op_count] */
    gd_memory_plan plan;   /* owned */
    double seed_scale;     /* of gradients in the backward pass; a power of two */
    bool loaded;
    bool warm;             /* has run once: whatever loads at first use is loaded */
    cudaGraphExec_t graph; /* owned; all operations but the first and the last, or NULL */
    void *graph_arena;     /* the arena it works in */
};

#endif
