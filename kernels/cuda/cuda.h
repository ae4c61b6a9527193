/* The backend for NVIDIA GPUs: what its files share. */
#ifndef GD_KERNELS_CUDA_CUDA_H
#define GD_KERNELS_CUDA_CUDA_H

#include "kernels/backend.h"
#include "kernels/cuda/convolution/choices.h"
#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/device/properties.h"
#include "kernels/cuda/elementwise/launch.h"
#include "kernels/cuda/memory/feed.h"
#include "kernels/cuda/memory/memory.h"
#include "net/fold.h"
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

/* What kernels leave for the host; in device memory, and pinned. */
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

/* What compile() found out about an operation; all zero where there is nothing. */
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
    double seed_scale;     /* of gradients on their way back; a power of two */
    bool loaded;
    bool warm;             /* has run once: whatever loads at first use is loaded */
    cudaGraphExec_t graph; /* owned; all operations but the first and the last, or NULL */
    void *graph_arena;     /* the arena it works in */
};

/* Begins to queue on `compute`: takes the lock, and makes the device current for this thread. */
gd_status gd_cuda_begin(gd_device *device, gd_error *error) GD_CHECKED;
/* Lets go of the lock; hands `status` on. When that is a failure, what was queued before it is waited for:
 * memory may be freed then. */
gd_status gd_cuda_end(gd_device *device, gd_status status) GD_CHECKED;

/* For tests: whole windows with or without CUDA graphs. */
void gd_cuda_use_graphs(gd_device *device, bool use);

/* Weights (filters.c). */
size_t gd_cuda_filter_bytes(const gd_device *device, const gd_tape *tape);
gd_status gd_cuda_load(gd_device *device, const gd_tape *tape, const gd_filter_values *values,
                       gd_error *error) GD_CHECKED;

/* Which engine does what (decide.c); see backend.h. */
gd_status gd_cuda_decide(gd_device *device, const gd_tape *tape, bool tune, gd_error *error) GD_CHECKED;
const char *gd_cuda_decided(const gd_device *device);
gd_status gd_cuda_adopt(gd_device *device, const char *record, gd_error *error) GD_CHECKED;
/* The choice for a shape: from the record, or, if none was ever decided, cuDNN's first candidate. Not while
 * another thread compiles (the caller has the lock). */
gd_status gd_cuda_choose(gd_device *device, const gd_conv_shape *shape, gd_conv_choice *choice,
                         gd_error *error) GD_CHECKED;

/* What `describe` says, made anew. */
void gd_cuda_write_text(gd_device *device);

/* Programs. */
gd_status gd_cuda_compile(gd_device *device, const gd_tape *tape, gd_program **program,
                          gd_error *error) GD_CHECKED;
void gd_cuda_program_free(gd_program *program);

/* Running (run.c). */
gd_status gd_cuda_run(gd_program *program, void *arena, int32_t first, int32_t last, const float *window,
                      float *gradient, gd_error *error) GD_CHECKED;
/* Queues operations [first, last) one by one; the caller has the lock. */
gd_status gd_cuda_queue(const gd_program *program, void *arena, int32_t first, int32_t last,
                        const float *window, float *gradient, gd_error *error) GD_CHECKED;

/* Queues all operations but the first and the last as one CUDA graph, made when there is none for this arena
 * (graph.c). The caller has the lock. */
gd_status gd_cuda_replay(gd_program *program, void *arena, gd_error *error) GD_CHECKED;

/* For tests (access.c). A failure fills the values with NaN. */
void gd_cuda_get(const gd_program *program, const void *arena, int32_t tensor, double *values);
void gd_cuda_set(const gd_program *program, void *arena, int32_t tensor, const double *values);

/* The canvas (canvas.c); see backend.h. */
gd_status gd_cuda_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols,
                          int64_t stride, double sums[2], gd_error *error) GD_CHECKED;
gd_status gd_cuda_update(gd_device *device, float *canvas, const float *gradient, int64_t count, float step,
                         gd_error *error) GD_CHECKED;
gd_status gd_cuda_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                           const float *source, gd_rect source_at, float *target, gd_rect target_at,
                           int64_t target_stride, gd_error *error) GD_CHECKED;
gd_status gd_cuda_noise(gd_device *device, uint64_t seed, gd_rect at, double deviation, float *values,
                        gd_error *error) GD_CHECKED;
gd_status gd_cuda_samples(gd_device *device, const float *values, int64_t count, int32_t bits, void *samples,
                          gd_error *error) GD_CHECKED;
gd_status gd_cuda_finish(gd_device *device, gd_error *error) GD_CHECKED;

#endif
