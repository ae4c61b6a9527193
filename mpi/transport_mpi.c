#include "mpi/internal.h"

#include <limits.h>
#include <stdlib.h>

/* A parcel travels in parts, since MPI counts in int; each part is a request. */
struct gd_batch {
    const gd_comm *comm;   /* borrowed */
    gd_parcel *parcels;    /* borrowed */
    MPI_Request *requests; /* owned; [request_count] */
    int32_t *parcel_of;    /* owned; [request_count] */
    int *finished;         /* owned; [request_count] scratch */
    int64_t *parts_left;   /* owned; [parcels] */
    int32_t request_count;
};

static int64_t parts_of(const gd_comm *comm, const gd_parcel *parcel)
{
    return (parcel->count + comm->part_floats - 1) / comm->part_floats;
}

static void free_batch(gd_batch *batch)
{
    if (!batch)
        return;
    free(batch->requests);
    free(batch->parcel_of);
    free(batch->finished);
    free(batch->parts_left);
    free(batch);
}

static gd_batch *create_batch(const gd_comm *comm, gd_parcel *parcels, int32_t count)
{
    int64_t requests = 0;
    for (int32_t p = 0; p < count; p++)
        requests += parts_of(comm, &parcels[p]);
    gd_batch *batch = requests > INT_MAX ? NULL : calloc(1, sizeof *batch);
    if (!batch)
        return NULL;
    batch->comm = comm;
    batch->parcels = parcels;
    batch->requests = malloc((size_t)requests * sizeof *batch->requests);
    batch->parcel_of = malloc((size_t)requests * sizeof *batch->parcel_of);
    batch->finished = malloc((size_t)requests * sizeof *batch->finished);
    batch->parts_left = malloc((size_t)count * sizeof *batch->parts_left);
    if (!batch->requests || !batch->parcel_of || !batch->finished || !batch->parts_left) {
        free_batch(batch);
        return NULL;
    }
    return batch;
}

static gd_status post_part(gd_batch *batch, int32_t p, int64_t at, int tag, gd_error *error)
{
    gd_parcel *parcel = &batch->parcels[p];
    int floats = batch->comm->part_floats;
    if (parcel->count - at < floats)
        floats = (int)(parcel->count - at);
    MPI_Request *request = &batch->requests[batch->request_count];
    batch->parcel_of[batch->request_count] = p;
    MPI_Comm comm = batch->comm->pixels;
    int code = parcel->outgoing
                   ? MPI_Isend(parcel->values + at, floats, MPI_FLOAT, parcel->peer, tag, comm, request)
                   : MPI_Irecv(parcel->values + at, floats, MPI_FLOAT, parcel->peer, tag, comm, request);
    if (code == MPI_SUCCESS)
        batch->request_count++;
    return gd_mpi_check(batch->comm, code, parcel->outgoing ? "MPI_Isend" : "MPI_Irecv", error);
}

static gd_status post(gd_comm *comm, gd_memory *memory, uint64_t sequence, gd_parcel *parcels, int32_t count,
                      gd_batch **out, gd_error *error)
{
    (void)memory;
    *out = NULL;
    int tag = GD_TAG_EXCHANGE + (int)(sequence % GD_TAG_EXCHANGE_COUNT);
    gd_batch *batch = create_batch(comm, parcels, count);
    if (!batch)
        return gd_fail(error, GD_MEMORY, "no memory for %d messages", count);
    *out = batch;
    for (int32_t p = 0; p < count; p++) {
        batch->parts_left[p] = parts_of(comm, &parcels[p]);
        for (int64_t at = 0; at < parcels[p].count; at += comm->part_floats) {
            gd_status status = post_part(batch, p, at, tag, error);
            if (status != GD_OK)
                return status;
        }
    }
    return GD_OK;
}

static gd_status test(gd_batch *batch, gd_error *error)
{
    int count = 0;
    int code =
        MPI_Testsome(batch->request_count, batch->requests, &count, batch->finished, MPI_STATUSES_IGNORE);
    gd_status status = gd_mpi_check(batch->comm, code, "MPI_Testsome", error);
    if (status != GD_OK || count == MPI_UNDEFINED)
        return status;
    for (int i = 0; i < count; i++) {
        int32_t p = batch->parcel_of[batch->finished[i]];
        if (--batch->parts_left[p] == 0)
            batch->parcels[p].done = true;
    }
    return GD_OK;
}

const gd_transport gd_transport_mpi = {.name = "mpi", .post = post, .test = test, .free = free_batch};
