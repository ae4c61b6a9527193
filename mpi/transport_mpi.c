/* Sends and receives packed messages with MPI; messages in device memory go through staging memory. */
#include "mpi/transport_mpi.h"

#include "mpi/comm_state.h"
#include "mpi/wait.h"

#include <limits.h>
#include <stdlib.h>

/* A parcel as MPI sees it: its values in host memory. */
typedef struct wire {
    float *values;      /* borrowed from the parcel, or from the batch's staging memory */
    int64_t parts_left; /* parts that are not done */
    uint64_t fetched;   /* event: the outgoing parcel is copied from the device to staging memory */
    bool posted;
} wire;

/* A parcel is split into parts, since MPI counts in int; each part is one request. */
struct gd_batch {
    gd_comm *comm;         /* borrowed */
    gd_memory *memory;     /* borrowed */
    gd_parcel *parcels;    /* borrowed; [count] */
    wire *wires;           /* owned; [count] */
    float *staging;        /* owned; NULL if the parcels are in host memory */
    MPI_Request *requests; /* owned; [request_count] */
    int32_t *parcel_of;    /* owned; [request_count] */
    int *finished;         /* owned; [request_count] scratch */
    int32_t count, request_count;
    int32_t next; /* the first parcel not yet given to MPI */
    int tag;
    gd_batch *other; /* borrowed; the next batch with parcels not yet sent */
};

static int64_t parts_of(const gd_comm *comm, const gd_parcel *parcel)
{
    return (parcel->count + comm->part_floats - 1) / comm->part_floats;
}

static void free_batch(gd_batch *batch)
{
    if (!batch)
        return;
    if (batch->staging)
        batch->memory->class->release_staging(batch->memory, batch->staging);
    free(batch->wires);
    free(batch->requests);
    free(batch->parcel_of);
    free(batch->finished);
    free(batch);
}

static gd_status allocate_lists(gd_batch *batch, gd_error *error)
{
    int64_t requests = 0;
    for (int32_t p = 0; p < batch->count; p++)
        requests += parts_of(batch->comm, &batch->parcels[p]);
    if (requests <= INT_MAX) {
        batch->wires = calloc((size_t)batch->count, sizeof *batch->wires);
        batch->requests = malloc((size_t)requests * sizeof *batch->requests);
        batch->parcel_of = malloc((size_t)requests * sizeof *batch->parcel_of);
        batch->finished = malloc((size_t)requests * sizeof *batch->finished);
    }
    if (!batch->wires || !batch->requests || !batch->parcel_of || !batch->finished)
        return gd_no_memory(error, "%d messages", batch->count);
    for (int32_t p = 0; p < batch->count; p++)
        batch->wires[p] = (wire){.values = batch->parcels[p].values,
                                 .parts_left = parts_of(batch->comm, &batch->parcels[p])};
    return GD_OK;
}

/* Allocates staging memory for the parcels of a device. */
static gd_status allocate_staging(gd_batch *batch, gd_error *error)
{
    int64_t floats = 0;
    void *staging = NULL;
    for (int32_t p = 0; p < batch->count; p++)
        floats += batch->parcels[p].count;
    gd_status status = batch->memory->class->allocate_staging(
        batch->memory, (size_t)floats * sizeof *batch->staging, &staging, error);
    if (status != GD_OK)
        return status;
    batch->staging = staging;
    float *next = batch->staging;
    for (int32_t p = 0; p < batch->count; p++) {
        batch->wires[p].values = next;
        next += batch->parcels[p].count;
    }
    return GD_OK;
}

/* Queues the downloads of outgoing parcels. Each has an event of its own, so that it can be sent before the
 * next one is downloaded. */
static gd_status fetch(gd_batch *batch, gd_error *error)
{
    const gd_memory_class *class = batch->memory->class;
    gd_status status = GD_OK;
    for (int32_t p = 0; p < batch->count && status == GD_OK; p++) {
        const gd_parcel *parcel = &batch->parcels[p];
        if (!parcel->outgoing)
            continue;
        status = class->download(batch->memory, batch->wires[p].values, parcel->values,
                                 (size_t)parcel->count * sizeof *parcel->values, error);
        if (status == GD_OK)
            status = class->record_event(batch->memory, &batch->wires[p].fetched, error);
    }
    return status;
}

static gd_status post_part(gd_batch *batch, int32_t p, int64_t at, gd_error *error)
{
    const gd_parcel *parcel = &batch->parcels[p];
    float *values = batch->wires[p].values + at;
    int floats = batch->comm->part_floats;
    if (parcel->count - at < floats)
        floats = (int)(parcel->count - at);
    MPI_Request *request = &batch->requests[batch->request_count];
    batch->parcel_of[batch->request_count] = p;
    MPI_Comm comm = batch->comm->pixels;
    int code = parcel->outgoing
                   ? MPI_Isend(values, floats, MPI_FLOAT, parcel->peer, batch->tag, comm, request)
                   : MPI_Irecv(values, floats, MPI_FLOAT, parcel->peer, batch->tag, comm, request);
    if (code == MPI_SUCCESS)
        batch->request_count++;
    return gd_mpi_check(batch->comm, code, parcel->outgoing ? "MPI_Isend" : "MPI_Irecv", error);
}

/* Gives a parcel to MPI, unless its download is not done. */
static gd_status post_parcel(gd_batch *batch, int32_t p, gd_error *error)
{
    wire *w = &batch->wires[p];
    bool ready = true;
    gd_status status = GD_OK;
    if (batch->staging && batch->parcels[p].outgoing)
        status = batch->memory->class->query_event(batch->memory, w->fetched, &ready, error);
    if (status != GD_OK || !ready)
        return status;
    w->posted = true;
    for (int64_t at = 0; at < batch->parcels[p].count && status == GD_OK; at += batch->comm->part_floats)
        status = post_part(batch, p, at, error);
    return status;
}

/* Gives MPI all parcels that are ready: incoming ones first, then outgoing ones in order, since their events
 * pass in that order. */
static gd_status post_ready(gd_batch *batch, gd_error *error)
{
    while (batch->next < batch->count) {
        gd_status status = post_parcel(batch, batch->next, error);
        if (status != GD_OK || !batch->wires[batch->next].posted)
            return status;
        batch->next++;
    }
    return GD_OK;
}

static gd_status send_fetched(gd_comm *comm, gd_error *error)
{
    gd_batch **link = &comm->fetching;
    while (*link) {
        gd_status status = post_ready(*link, error);
        if (status != GD_OK)
            return status;
        if ((*link)->next == (*link)->count)
            *link = (*link)->other;
        else
            link = &(*link)->other;
    }
    return GD_OK;
}

static gd_status post(gd_comm *comm, gd_memory *memory, uint64_t sequence, gd_parcel *parcels, int32_t count,
                      gd_batch **out, gd_error *error)
{
    *out = NULL;
    gd_batch *batch = calloc(1, sizeof *batch);
    if (!batch)
        return gd_no_memory(error, "%d messages", count);
    batch->comm = comm;
    batch->memory = memory;
    batch->parcels = parcels;
    batch->count = count;
    batch->tag = GD_TAG_EXCHANGE + (int)(sequence % GD_TAG_EXCHANGE_COUNT);
    gd_status status = allocate_lists(batch, error);
    if (status == GD_OK && memory->class->kind == GD_MEMORY_DEVICE)
        status = allocate_staging(batch, error);
    if (status != GD_OK) {
        free_batch(batch);
        return status;
    }
    *out = batch;
    if (batch->staging)
        status = fetch(batch, error);
    batch->other = comm->fetching;
    comm->fetching = batch;
    return status == GD_OK ? send_fetched(comm, error) : status;
}

/* MPI is done with a parcel. Queues the upload of an incoming one from staging memory. */
static gd_status finish_parcel(gd_batch *batch, int32_t p, gd_error *error)
{
    gd_parcel *parcel = &batch->parcels[p];
    parcel->done = true;
    if (!batch->staging || parcel->outgoing)
        return GD_OK;
    return batch->memory->class->upload(batch->memory, parcel->values, batch->wires[p].values,
                                        (size_t)parcel->count * sizeof *parcel->values, error);
}

static gd_status test(gd_batch *batch, gd_error *error)
{
    gd_status status = send_fetched(batch->comm, error);
    if (status != GD_OK)
        return status;
    int count = 0;
    status =
        gd_mpi_test_some(batch->comm, batch->request_count, batch->requests, batch->finished, &count, error);
    for (int i = 0; i < count && status == GD_OK; i++) {
        int32_t p = batch->parcel_of[batch->finished[i]];
        if (--batch->wires[p].parts_left == 0)
            status = finish_parcel(batch, p, error);
    }
    return status;
}

const gd_transport gd_transport_mpi = {
    .name = "mpi", .post = post, .test = test, .progress = send_fetched, .free = free_batch};
