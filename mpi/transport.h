/* How packed messages cross ranks: what a transport implements for the exchange. */
#ifndef GD_MPI_TRANSPORT_H
#define GD_MPI_TRANSPORT_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdbool.h>
#include <stdint.h>

/* Where the values of parcels lie. */
typedef enum gd_memory_kind { GD_MEMORY_HOST, GD_MEMORY_DEVICE } gd_memory_kind;

/* A message to or from one rank. */
typedef struct gd_parcel {
    int32_t peer;
    bool outgoing;
    float *values; /* borrowed; stays until done */
    int64_t count; /* at least 1 */
    bool done;     /* set by test */
} gd_parcel;

/* Parcels under way; each transport has its own kind. */
typedef struct gd_batch gd_batch;

typedef struct gd_transport {
    const char *name;
    gd_memory_kind memory;

    /* Starts all parcels of an exchange and returns without waiting. The parcels are borrowed until the batch
     * is freed. `sequence` numbers the exchange; it is the same on all ranks. Collective in that each parcel
     * must have its counterpart. */
    gd_status (*post)(gd_comm *comm, uint64_t sequence, gd_parcel *parcels, int32_t count, gd_batch **batch,
                      gd_error *error);

    /* Drives progress and marks parcels done. Not collective. */
    gd_status (*test)(gd_batch *batch, gd_error *error);

    /* Once all parcels are done. */
    void (*free)(gd_batch *batch);
} gd_transport;

extern const gd_transport gd_transport_mpi;

#endif
