/* Finds ranks on one host that have the same text. */
#include "mpi/distinct.h"

#include "mpi/agree.h"
#include "mpi/comm_state.h"
#include "mpi/wait.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 255 }; /* bytes of a text that are compared */

/* *width: the length of the longest text on this host, with its terminator. */
static gd_status longest_text(gd_comm *comm, const char *text, int *width, gd_error *error)
{
    int mine = (int)strnlen(text, TEXT_MAX) + 1;
    MPI_Request request = MPI_REQUEST_NULL;
    int code = MPI_Iallreduce(&mine, width, 1, MPI_INT, MPI_MAX, comm->node, &request);
    gd_status status = gd_mpi_check(comm, code, "MPI_Iallreduce", error);
    return status == GD_OK ? gd_mpi_wait(comm, &request, "a comparison of texts on a host", error) : status;
}

/* Gathers the texts [node_size, width] and the ranks [node_size] of this host. */
static gd_status gather_texts(gd_comm *comm, char *texts, int width, int *ranks, gd_error *error)
{
    MPI_Request request = MPI_REQUEST_NULL;
    int code =
        MPI_Iallgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, texts, width, MPI_CHAR, comm->node, &request);
    gd_status status = gd_mpi_check(comm, code, "MPI_Iallgather", error);
    if (status == GD_OK)
        status = gd_mpi_wait(comm, &request, "a gathering of texts on a host", error);
    if (status != GD_OK)
        return status;
    code = MPI_Iallgather(&comm->rank, 1, MPI_INT, ranks, 1, MPI_INT, comm->node, &request);
    status = gd_mpi_check(comm, code, "MPI_Iallgather", error);
    return status == GD_OK ? gd_mpi_wait(comm, &request, "a gathering of ranks on a host", error) : status;
}

/* Finds the first two ranks on this host with the same text. */
static bool find_two(const gd_comm *comm, const char *texts, int width, int two[2])
{
    for (two[0] = 0; two[0] < comm->node_size; two[0]++)
        for (two[1] = two[0] + 1; two[1] < comm->node_size; two[1]++)
            if (texts[two[0] * width] != '\0' && strcmp(texts + two[0] * width, texts + two[1] * width) == 0)
                return true;
    return false;
}

static gd_status any_host(gd_comm *comm, bool *found, gd_error *error)
{
    int any = *found;
    MPI_Request request = MPI_REQUEST_NULL;
    int code = MPI_Iallreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_LOR, comm->all, &request);
    gd_status status = gd_mpi_check(comm, code, "MPI_Iallreduce", error);
    if (status == GD_OK)
        status = gd_mpi_wait(comm, &request, "a comparison over all hosts", error);
    *found = any != 0;
    return status;
}

static gd_status compare(gd_comm *comm, const char *what, const char *text, const char *remedy, char *texts,
                         int width, int *ranks, bool *shared, gd_error *error)
{
    int two[2] = {0, 0};
    memcpy(texts + (size_t)comm->node_rank * (size_t)width, text, strnlen(text, TEXT_MAX));
    gd_status status = gather_texts(comm, texts, width, ranks, error);
    if (status != GD_OK)
        return status;
    bool found = find_two(comm, texts, width, two);
    if (shared) {
        *shared = found;
        return any_host(comm, shared, error);
    }
    if (found && comm->node_rank == two[0])
        status = gd_fail(error, GD_USAGE, "ranks %d and %d on %s both have %s %s; %s", ranks[two[0]],
                         ranks[two[1]], comm->host, what, texts + two[0] * width, remedy);
    return gd_comm_agree(comm, status, error);
}

gd_status gd_comm_distinct(gd_comm *comm, const char *what, const char *text, const char *remedy,
                           bool *shared, gd_error *error)
{
    int width = 0;
    gd_status status = longest_text(comm, text, &width, error);
    if (status != GD_OK)
        return status;
    char *texts = calloc((size_t)comm->node_size, (size_t)width);
    int *ranks = malloc((size_t)comm->node_size * sizeof *ranks);
    if (!texts || !ranks)
        status = gd_no_memory(error, "the comparison of %s among ranks", what);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = compare(comm, what, text, remedy, texts, width, ranks, shared, error);
    free(texts);
    free(ranks);
    return status;
}
