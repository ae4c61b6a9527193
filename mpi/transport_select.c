/* Which transport, and whether ranks share a device. */
#include "mpi/internal.h"

#include <stdlib.h>
#include <string.h>

static gd_status choose(const gd_comm *comm, const char *transport, const gd_memory *memory, bool shared,
                        bool *nccl, gd_error *error)
{
    const bool device = memory->class->kind == GD_MEMORY_DEVICE;
    *nccl = strcmp(transport, "nccl") == 0;
    if (strcmp(transport, "auto") == 0)
        *nccl = comm->size > 1 && device && !shared && gd_transport_nccl.post;
    else if (!*nccl && strcmp(transport, "mpi") != 0)
        return gd_fail(error, GD_USAGE, "there is no transport \"%.100s\"; use auto, nccl or mpi", transport);
    if (*nccl && !device)
        return gd_fail(error, GD_USAGE,
                       "NCCL moves pixels between GPUs only, and the canvas is in host memory here; use "
                       "--backend cuda, or another transport: mpi or auto");
    if (*nccl && shared)
        return gd_fail(error, GD_USAGE,
                       "NCCL refuses ranks that share a GPU; give each rank a GPU of its own, or use another "
                       "transport: mpi or auto");
    return GD_OK;
}

gd_status gd_comm_select_transport(gd_comm *comm, const char *transport, gd_memory *memory, bool shared,
                                   gd_error *error)
{
    bool nccl = false;
    gd_status status = gd_comm_agree(comm, choose(comm, transport, memory, shared, &nccl, error), error);
    if (status != GD_OK)
        return status;
    if (comm->transport->close)
        comm->transport->close(comm);
    comm->transport = &gd_transport_mpi;
    if (!nccl)
        return GD_OK;
    status = gd_nccl_open(comm, memory, error);
    if (comm->nccl) /* also when it failed half-way: gd_comm_abort has to end it */
        comm->transport = &gd_transport_nccl;
    return status;
}

const char *gd_comm_transport(const gd_comm *comm)
{
    return comm->transport->name;
}

/* The longest text of this host, with its end. */
static gd_status longest_text(gd_comm *comm, const char *text, int *width, gd_error *error)
{
    int mine = (int)strnlen(text, GD_TEXT_MAX) + 1;
    MPI_Request request = MPI_REQUEST_NULL;
    int code = MPI_Iallreduce(&mine, width, 1, MPI_INT, MPI_MAX, comm->node, &request);
    gd_status status = gd_mpi_check(comm, code, "MPI_Iallreduce", error);
    return status == GD_OK ? gd_mpi_wait(comm, &request, "a comparison of texts on a host", error) : status;
}

/* texts [node_size, width] and ranks [node_size] of this host. */
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

/* The first two ranks of this host with the same text. */
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
    memcpy(texts + (size_t)comm->node_rank * (size_t)width, text, strnlen(text, GD_TEXT_MAX));
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
        status = gd_fail(error, GD_MEMORY, "no memory to compare %s among ranks", what);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = compare(comm, what, text, remedy, texts, width, ranks, shared, error);
    free(texts);
    free(ranks);
    return status;
}
