/* Memory for planes, windows, tensors and messages, and the queue of copies between them.
 *
 * In host memory, operations are done when the call returns. In device memory they are queued in order, and
 * an event tells when they are done; the host must not access device memory directly. */
#ifndef GD_BASE_MEMORY_H
#define GD_BASE_MEMORY_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum gd_memory_kind { GD_MEMORY_HOST, GD_MEMORY_DEVICE } gd_memory_kind;

/* The purpose of an allocation. On a device, each purpose is one allocation, made before the render starts.
 */
typedef enum gd_purpose {
    GD_FOR_PLANES,   /* canvas, gradient, next canvas */
    GD_FOR_TENSORS,  /* a worker's arena, workspaces included */
    GD_FOR_WINDOWS,  /* windows and gradients of the current tiles, sources of resampling, bands of rows */
    GD_FOR_MESSAGES, /* packed messages to and from other ranks */
    GD_PURPOSE_COUNT
} gd_purpose;

const char *gd_purpose_name(gd_purpose purpose); /* "planes", ... */

/* A rectangle of floats to copy within one memory. */
typedef struct gd_rect_copy {
    float *to;
    const float *from;
    int64_t to_stride, from_stride; /* floats from row to row */
    int64_t rows, floats;           /* of each row */
} gd_rect_copy;

typedef struct gd_memory gd_memory;

/* Interface of a kind of memory. Functions may be called from several threads. */
typedef struct gd_memory_class {
    gd_memory_kind kind;

    /* Reserves `bytes` for a purpose, once (again after a failure). Later allocations for it come from there,
     * first fit at multiples of 256, as the plan computes. Without a reservation each allocation comes from
     * the system. GD_MEMORY names the purpose. */
    gd_status (*reserve)(gd_memory *memory, gd_purpose purpose, size_t bytes, gd_error *error);

    /* Allocates `bytes` (at least 1), aligned to 256. GD_MEMORY names the purpose, the bytes and the bytes
     * left. */
    gd_status (*allocate)(gd_memory *memory, gd_purpose purpose, size_t bytes, void **values,
                          gd_error *error);
    void (*release)(gd_memory *memory, gd_purpose purpose,
                    void *values); /* no queued operation may still use it */

    /* Allocates host memory for `download` and `upload`. */
    gd_status (*allocate_staging)(gd_memory *memory, size_t bytes, void **values, gd_error *error);
    void (*release_staging)(gd_memory *memory, void *values);

    /* Queues copies that do not overlap; `copies` may be freed when it returns. */
    gd_status (*copy)(gd_memory *memory, const gd_rect_copy *copies, int64_t count, gd_error *error);

    /* Queues a fill of `bytes` with zeros. */
    gd_status (*clear)(gd_memory *memory, void *values, size_t bytes, gd_error *error);

    /* Queue a copy to (download) or from (upload) staging memory, after everything queued before and before
     * everything queued later. */
    gd_status (*download)(gd_memory *memory, void *staging, const void *values, size_t bytes,
                          gd_error *error);
    gd_status (*upload)(gd_memory *memory, void *values, const void *staging, size_t bytes, gd_error *error);

    /* record_event: *event is an event that passes when everything queued so far is done. query_event:
     * *passed tells, without waiting, whether it has passed. Events pass in the order in which they were
     * recorded. */
    gd_status (*record_event)(gd_memory *memory, uint64_t *event, gd_error *error);
    gd_status (*query_event)(gd_memory *memory, uint64_t event, bool *passed, gd_error *error);

    /* The queue (a cudaStream_t), for a transport that works in device memory; NULL in host memory. */
    void *(*queue)(gd_memory *memory);
} gd_memory_class;

struct gd_memory {
    const gd_memory_class *class;
    double patience; /* seconds; the longest wait for its queue (host memory never waits) */
};

/* The host memory; it is not freed. */
gd_memory *gd_memory_host(void);

/* Frees *values and sets it to NULL; it may be NULL. */
void gd_memory_release(gd_memory *memory, gd_purpose purpose, float **values);

/* Waits until all queued operations are done; fails if that takes longer than memory->patience. */
gd_status gd_memory_synchronize(gd_memory *memory, gd_error *error) GD_CHECKED;

#endif
