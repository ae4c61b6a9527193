/* Where planes, windows, tensors and messages live, and the queue on which pixels are moved.
 *
 * In host memory everything happens at once. In device memory work is queued, in order, and a mark tells when
 * it is done; the host must neither read nor write device memory itself. */
#ifndef GD_BASE_MEMORY_H
#define GD_BASE_MEMORY_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum gd_memory_kind { GD_MEMORY_HOST, GD_MEMORY_DEVICE } gd_memory_kind;

/* What memory is for. On a device each purpose is one allocation, made before the start. */
typedef enum gd_purpose {
    GD_FOR_PLANES,   /* canvas, gradient, next canvas */
    GD_FOR_TENSORS,  /* a worker's arena, workspaces included */
    GD_FOR_WINDOWS,  /* windows and gradients of tiles under way, sources of resampling, bands of rows */
    GD_FOR_MESSAGES, /* packed for other ranks, or come from them */
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

/* What each kind of memory implements. Functions may be called from several threads. */
typedef struct gd_memory_class {
    gd_memory_kind kind;

    /* Sets `bytes` aside for a purpose, once (again after a refusal); later allocations for it come from
     * there, first fit at multiples of 256, as the plan works out. Without it they come from the system one
     * by one. GD_MEMORY names the purpose. */
    gd_status (*reserve)(gd_memory *memory, gd_purpose purpose, size_t bytes, gd_error *error);

    /* At least 1 byte, aligned to 256. GD_MEMORY names the purpose, the bytes, and what is left. */
    gd_status (*allocate)(gd_memory *memory, gd_purpose purpose, size_t bytes, void **values,
                          gd_error *error);
    void (*release)(gd_memory *memory, gd_purpose purpose, void *values); /* nothing queued may use it */

    /* Host memory that `fetch` and `bring` can use. */
    gd_status (*allocate_staging)(gd_memory *memory, size_t bytes, void **values, gd_error *error);
    void (*release_staging)(gd_memory *memory, void *values);

    /* Queues copies that do not overlap; the list may go when it returns. */
    gd_status (*copy)(gd_memory *memory, const gd_rect_copy *copies, int64_t count, gd_error *error);

    /* Queues the filling of `bytes` with zeros. */
    gd_status (*clear)(gd_memory *memory, void *values, size_t bytes, gd_error *error);

    /* Queues a copy to (fetch) or from (bring) staging memory; what is queued before is seen by it, and it is
     * seen by what is queued later. */
    gd_status (*download)(gd_memory *memory, void *staging, const void *values, size_t bytes,
                          gd_error *error);
    gd_status (*upload)(gd_memory *memory, void *values, const void *staging, size_t bytes, gd_error *error);

    /* *mark names all that has been queued so far; passed tells, without waiting, whether it is done. Marks
     * pass in the order in which they were made. */
    gd_status (*record_event)(gd_memory *memory, uint64_t *mark, gd_error *error);
    gd_status (*query_event)(gd_memory *memory, uint64_t mark, bool *passed, gd_error *error);

    /* The queue itself, for a transport that works in device memory (a cudaStream_t); NULL in host memory. */
    void *(*queue)(gd_memory *memory);
} gd_memory_class;

struct gd_memory {
    const gd_memory_class *class;
    double patience; /* seconds that a wait for its queue may last; host memory is never waited for */
};

/* Host memory; it needs no freeing. */
gd_memory *gd_memory_host(void);

/* Frees and sets to NULL; NULL is fine. */
void gd_memory_release(gd_memory *memory, gd_purpose purpose, float **values);

/* Waits until everything that is queued is done; fails when that outlasts the memory's patience. */
gd_status gd_memory_synchronize(gd_memory *memory, gd_error *error) GD_CHECKED;

#endif
