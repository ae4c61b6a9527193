/* Agreement of all ranks on failures and small values, by collectives with a deadline. */
#include "mpi/agree.h"

#include "mpi/comm_state.h"
#include "mpi/gather.h"
#include "mpi/wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct verdict {
    int32_t status;
    gd_error error;
} verdict;

static gd_status broadcast_from(gd_comm *comm, int root, void *data, size_t bytes, const char *what,
                                gd_error *error)
{
    for (size_t at = 0; at < bytes; at += GD_PART_MAX) {
        int part = bytes - at < GD_PART_MAX ? (int)(bytes - at) : GD_PART_MAX;
        MPI_Request request = MPI_REQUEST_NULL;
        int code = MPI_Ibcast((char *)data + at, part, MPI_BYTE, root, comm->all, &request);
        gd_status status = gd_mpi_check(comm, code, "MPI_Ibcast", error);
        if (status == GD_OK)
            status = gd_mpi_wait(comm, &request, what, error);
        if (status != GD_OK)
            return status;
    }
    return GD_OK;
}

gd_status gd_comm_broadcast(gd_comm *comm, void *data, size_t bytes, gd_error *error)
{
    return broadcast_from(comm, 0, data, bytes, "a broadcast from rank 0", error);
}

static void describe(const gd_comm *comm, gd_status status, const gd_error *error, verdict *out)
{
    memset(out, 0, sizeof *out);
    out->status = status;
    const char *words = error && error->message[0] ? error->message : "failed without a reason";
    if (comm->rank == 0)
        (void)gd_fail(&out->error, status, "%s", words);
    else
        (void)gd_fail(&out->error, status, "rank %d on %s: %s", comm->rank, comm->host, words);
}

gd_status gd_comm_agree_request(gd_comm *comm, gd_status mine, int32_t *greatest, gd_error *error)
{
    /* One minimum gives the lowest rank that failed and, negated, the largest request. */
    int word_of[2] = {mine == GD_OK ? comm->size : comm->rank, -*greatest}, least[2] = {comm->size, 0};
    verdict word;
    describe(comm, mine, error, &word);
    MPI_Request request = MPI_REQUEST_NULL;
    int code = MPI_Iallreduce(word_of, least, 2, MPI_INT, MPI_MIN, comm->all, &request);
    gd_status status = gd_mpi_check(comm, code, "MPI_Iallreduce", error);
    if (status == GD_OK)
        status = gd_mpi_wait(comm, &request, "an agreement", error);
    const int lowest = least[0];
    *greatest = -least[1];
    if (status != GD_OK || lowest == comm->size)
        return status;
    status = broadcast_from(comm, lowest, &word, sizeof word, "an agreement on a failure", error);
    if (status != GD_OK)
        return status;
    comm->agreed = true;
    return gd_fail(error, (gd_status)word.status, "%s", word.error.message);
}

gd_status gd_comm_agree(gd_comm *comm, gd_status mine, gd_error *error)
{
    int32_t unused = 0;
    return gd_comm_agree_request(comm, mine, &unused, error);
}

bool gd_comm_agreed(const gd_comm *comm)
{
    return comm->agreed;
}

void gd_comm_watch(gd_comm *comm, const atomic_bool *stop)
{
    comm->stop = stop;
}

gd_status gd_comm_stopped(const gd_comm *comm, gd_error *error)
{
    return comm->stop && atomic_load(comm->stop) ? gd_fail(error, GD_STOPPED, "told to stop") : GD_OK;
}

void gd_comm_clear_failure(gd_comm *comm)
{
    comm->agreed = false;
}

gd_status gd_comm_gather_all(gd_comm *comm, const double *mine, const int32_t *counts, double *all,
                             gd_error *error)
{
    return gd_mpi_gather(comm, comm->all, comm->size, comm->rank, mine, counts, all, error);
}

gd_status gd_comm_node_union(gd_comm *comm, uint64_t *bits, int32_t count, gd_error *error)
{
    MPI_Request request = MPI_REQUEST_NULL;
    int code = MPI_Iallreduce(MPI_IN_PLACE, bits, count, MPI_UINT64_T, MPI_BOR, comm->node, &request);
    gd_status status = gd_mpi_check(comm, code, "MPI_Iallreduce", error);
    return status == GD_OK ? gd_mpi_wait(comm, &request, "a union over a host", error) : status;
}

gd_status gd_comm_share_text(gd_comm *comm, const char *mine, char **text, gd_error *error)
{
    return gd_comm_share_text_of(comm, 0, mine, text, error);
}

gd_status gd_comm_share_text_of(gd_comm *comm, int32_t root, const char *mine, char **text, gd_error *error)
{
    const char *what = "a broadcast of a text";
    uint64_t length = comm->rank == root ? strlen(mine) : 0;
    *text = NULL;
    gd_status status = broadcast_from(comm, root, &length, sizeof length, what, error);
    if (status != GD_OK)
        return status;
    char *shared = calloc(length + 1, 1);
    if (!shared)
        status = gd_no_memory(error, "a text of %llu bytes", (unsigned long long)length);
    else if (comm->rank == root)
        memcpy(shared, mine, length);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = broadcast_from(comm, root, shared, length, what, error);
    if (status != GD_OK) {
        free(shared);
        return status;
    }
    *text = shared;
    return GD_OK;
}

gd_status gd_comm_same(gd_comm *comm, const char *what, const char *text, gd_error *error)
{
    char *first = NULL;
    gd_status status = gd_comm_share_text(comm, text, &first, error);
    if (status != GD_OK)
        return status;
    if (strcmp(first, text) != 0)
        status = gd_fail(error, GD_USAGE,
                         "%s is \"%.300s\" here, but \"%.300s\" on rank 0; all ranks must have the same",
                         what, text, first);
    free(first);
    return gd_comm_agree(comm, status, error);
}
