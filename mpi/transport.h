/* Transport interface: how an exchange sends and receives its packed messages. */
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
    float *values; /* borrowed until the exchange's end; in the exchange's memory */
    int64_t count; /* at least 1 */
    bool done;     /* set by post or test */
} gd_parcel;

/* The parcels of an exchange in progress; each transport defines its own type. */
typedef struct gd_batch gd_batch;

typedef struct gd_transport {
    const char *name;

    /* Starts all parcels of an exchange and returns without waiting. The packing of the outgoing parcels is
     * queued on `memory`, but may not be done. The parcels are borrowed until the batch is freed. `sequence`
     * is the number of the exchange, the same on all ranks. Collective: each parcel must have its
     * counterpart. */
    gd_status (*post)(gd_comm *comm, gd_memory *memory, uint64_t sequence, gd_parcel *parcels, int32_t count,
                      gd_batch **batch, gd_error *error) GD_CHECKED;

    /* Makes progress and marks parcels done. An incoming parcel is done when work queued on the memory from
     * then on sees its values; an outgoing one when it is sent, or will be sent before an event recorded now
     * passes. Also called when all are done, until that event has passed: it then checks for failures only.
     * Not collective. */
    gd_status (*test)(gd_batch *batch, gd_error *error) GD_CHECKED;

    /* Called when all parcels are done and an event recorded after that has passed. */
    void (*free)(gd_batch *batch);

    /* (optional) Sends parcels of any batch of comm whose copies from the device are done. Called wherever
     * this rank waits. Not collective. */
    gd_status (*progress)(gd_comm *comm, gd_error *error) GD_CHECKED;

    /* (optional, both or none) Implement gd_comm_prepare_subgroup and gd_comm_gather_subgroup for more than
     * one rank. */
    gd_status (*prepare)(gd_comm *comm, int32_t ranks, gd_error *error) GD_CHECKED;
    gd_status (*gather)(gd_comm *comm, int32_t ranks, const double *mine, const int32_t *counts, double *all,
                        gd_error *error) GD_CHECKED;

    void (*close)(gd_comm *comm); /* (optional) closes what was opened for comm. Collective. */
    void (*abort)(
        gd_comm *comm); /* (optional) the same, immediately, with work in progress. Not collective. */
} gd_transport;

#endif
