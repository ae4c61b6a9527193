/* Types shared by the files of the CUDA backend. Private to it.
 *
 * Compute work goes to one stream, `compute`, whose order is the order of the calls. Functions of gd_backend
 * may be called from several threads; gd_cuda_begin and gd_cuda_end (device_lock.h) serialize them. */
#ifndef GD_KERNELS_CUDA_CUDA_H
#define GD_KERNELS_CUDA_CUDA_H

#include "kernels/backend.h"
#include "kernels/cuda/convolution/choices.h"
#include "kernels/cuda/convolution/convolution_plan.h"
#include "kernels/cuda/convolution/cudnn_handle.h"
#include "kernels/cuda/convolution/epilogue.h"
#include "kernels/cuda/device/check.h"
#include "kernels/cuda/elementwise/launch.h"
#include "kernels/cuda/memory/feed.h"
#include "kernels/cuda/memory/memory.h"
#include "kernels/cuda/product/product_handle.h"
#include "kernels/cuda/product/product_plan.h"
#include "net/channel_blocks.h"
#include "net/memory_plan.h"

#include <pthread.h>

enum {
    /* Maximum workspace of a convolution in bytes. A constant, since the choice of an engine must not depend
     * on free memory. */
    GD_CUDA_WORKSPACE = 256 << 20,
    /* Size of a block of resampling weights. */
    GD_CUDA_AXIS_BYTES = 1 << 20,
    GD_CUDA_ALIGNMENT = 256, /* of tensors, scratch and filters */
    GD_CUDA_SUMS = 4096,     /* moments that the host has not read, at most; one more waits for all of them */
    GD_CUDA_WINDOWS = 128,   /* events that can be told apart: more than the windows of two waves */
};

/* Results of kernels that the host reads: one in device memory, and a pinned copy. */
typedef struct gd_cuda_results {
    int32_t overflow; /* a gradient was not finite */
    double sums[GD_CUDA_SUMS][2];
} gd_cuda_results;

struct gd_device {
    gd_precision precision;
    gd_cuda_type type;
    bool tf32;
    int32_t ordinal; /* of the CUDA device; -1: a described device */
    char name[128];
    char identity[64];
    uint64_t total_bytes;
    uint64_t loaded_bytes;           /* in use when the filters were loaded, without them; 0: not loaded */
    double slow_tflops, fast_tflops; /* of a described device; 0: unknown */
    char text[256];                  /* returned by describe */
    gd_cudnn *cudnn;                 /* owned; its handle is on `compute` */
    gd_products *products;           /* owned; NULL: a described device, or a build without cuBLASLt */

    gd_patience patience;
    bool graphs;                         /* whole windows are run as CUDA graphs */
    pthread_mutex_t lock;                /* held while work is queued on `compute` */
    pthread_mutex_t reading;             /* held while waiting for `found` */
    cudaStream_t compute;                /* owned */
    cudaEvent_t drained;                 /* owned; all work of a failed call is done */
    cudaEvent_t read;                    /* owned; `found` holds the results */
    cudaEvent_t events[GD_CUDA_WINDOWS]; /* owned; of event e: events[e % GD_CUDA_WINDOWS] */
    uint64_t last_event, passed_event;   /* events are numbered from 1 */
    gd_cuda_results *results;            /* owned; device memory */
    gd_cuda_results *found;              /* owned; pinned */
    double *partial;                     /* owned; device memory, scratch of the moments */
    double **wanted; /* owned; [GD_CUDA_SUMS] where the host wants sums[i]; NULL: it has them */
    int32_t wanted_count;
    gd_feed *axes;          /* owned */
    gd_cuda_memory *memory; /* owned; NULL for a described device */

    void *filters;     /* owned; device memory of all filters (filters.c); NULL until loaded */
    size_t *filter_at; /* owned; [2 * filter_count] offsets of each kernel and bias, then those of guides */
    int32_t filter_count, guide_count;

    gd_choices choices; /* owned */
    bool adopted;       /* choices are another device's, or those of a checkpoint */
    bool settled;       /* choices were decided or adopted; compile must not add any */
    char *record;       /* owned; text of `choices`; NULL: none yet */
    gd_choices timed;   /* owned; contents of the cache of timed choices */
    bool cache_read;
};

/* Channels of a block (net/channel_blocks.h): bits of a word of a mask. */
enum { GD_CUDA_BLOCK = 16 };

/* A compiled operation; all zero if it needs no preparation. */
typedef struct gd_cuda_op {
    gd_conv_plan *plan;        /* owned; NULL for products */
    gd_product_plan *product;  /* owned; NULL for other convolutions, and on described devices */
    gd_epilogue epilogue;      /* of a convolution */
    const void *kernel, *bias; /* borrowed from the device */
    const float *guide;        /* borrowed from the device; of GD_OP_MATCH */
    size_t workspace_at;       /* offset in the operation's scratch, behind a result to be added */
} gd_cuda_op;

struct gd_program {
    gd_device *device;        /* borrowed */
    const gd_tape *given;     /* borrowed */
    gd_channel_blocks blocks; /* owned; of `given` */
    const gd_tape *tape;      /* borrowed from blocks: what is computed */
    gd_cuda_op *ops;          /* owned; [op_count] */
    size_t *tensor_bytes;     /* owned; [tensor_count] */
    int32_t
        *mask_channels; /* owned; [tensor_count] channels that are stored of a pixel's masks; 0 of others */
    size_t *scratch_bytes; /* owned; [op_count] */
    gd_memory_plan plan;   /* owned */
    double seed_scale;     /* of gradients in the backward pass; a power of two */
    bool loaded;
    bool warm;             /* has run once, so that lazily loaded modules are loaded */
    cudaGraphExec_t graph; /* owned; all operations except the first and the last; NULL: none */
    void *graph_arena;     /* borrowed; the arena that the graph uses */
};

#endif
