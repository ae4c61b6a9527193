/* How packed messages cross ranks: what a transport implements for the exchange. */
#ifndef GD_MPI_TRANSPORT_H
#define GD_MPI_TRANSPORT_H

#include "base/memory.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct gd_comm gd_comm;

/* A message to or from one rank. */
typedef struct gd_parcel {
    int32_t peer;
    bool outgoing;
    float *values; /* borrowed; memory of the exchange's kind; stays until the exchange's end */
    int64_t count; /* at least 1 */
    bool done;     /* set by post or test */
} gd_parcel;

/* Parcels under way; each transport has its own kind. */
typedef struct gd_batch gd_batch;

typedef struct gd_transport {
    const char *name;

    /* Starts all parcels of an exchange and returns without waiting. What fills the outgoing ones has been
     * queued on `memory`, perhaps not done yet. The parcels are borrowed until the batch is freed. `sequence`
     * numbers the exchange; it is the same on all ranks. Collective in that each parcel must have its
     * counterpart. */
    gd_status (*post)(gd_comm *comm, gd_memory *memory, uint64_t sequence, gd_parcel *parcels, int32_t count,
                      gd_batch **batch, gd_error *error) GD_CHECKED;

    /* Drives progress and marks parcels done: one that comes in once what is queued on the memory from then
     * on sees its values, one that goes out once it has left, or will have left when a mark made now has
     * passed. Also called, until that mark has passed, when all are done: it then looks for failures only.
     * Not collective. */
    gd_status (*test)(gd_batch *batch, gd_error *error) GD_CHECKED;

    /* Once all parcels are done and a mark made after that has passed. */
    void (*free)(gd_batch *batch);

    /* (optional) Sends what was waiting for a device, of any batch of comm. Called wherever this rank waits.
     * Not collective. */
    gd_status (*progress)(gd_comm *comm, gd_error *error) GD_CHECKED;

    /* (optional, both or none) gd_comm_prepare_subgroup and gd_comm_gather_subgroup, over this transport, for
     * more than one rank. */
    gd_status (*prepare)(gd_comm *comm, int32_t ranks, gd_error *error) GD_CHECKED;
    gd_status (*gather)(gd_comm *comm, int32_t ranks, const double *mine, const int32_t *counts, double *all,
                        gd_error *error) GD_CHECKED;

    void (*close)(gd_comm *comm); /* (optional) gives up what was opened for comm. Collective. */
    void (*abort)(gd_comm *comm); /* (optional) the same, at once, with work under way. Not collective. */
} gd_transport;

#endif
