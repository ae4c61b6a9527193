/* Communicators of the first N ranks, and gathering over them. */
#include "mpi/subgroup.h"

#include "mpi/agree.h"
#include "mpi/comm_state.h"
#include "mpi/gather.h"
#include "mpi/wait.h"

#include <stdlib.h>
#include <string.h>

static gd_subgroup *find(const gd_comm *comm, int32_t ranks)
{
    for (int32_t i = 0; i < comm->first_count; i++)
        if (comm->firsts[i].ranks == ranks)
            return &comm->firsts[i];
    return NULL;
}

static gd_status split(gd_comm *comm, int32_t ranks, gd_error *error)
{
    gd_status status = GD_OK;
    gd_subgroup *longer = realloc(comm->firsts, (size_t)(comm->first_count + 1) * sizeof *longer);
    if (longer)
        comm->firsts = longer;
    else
        status = gd_no_memory(error, "a communicator of %d ranks", ranks);
    status = gd_comm_agree(comm, status, error); /* also because MPI_Comm_split has no timeout */
    if (status != GD_OK)
        return status;
    gd_subgroup *first = &comm->firsts[comm->first_count];
    *first = (gd_subgroup){ranks, MPI_COMM_NULL};
    const int color = comm->rank < ranks ? 0 : MPI_UNDEFINED;
    status = gd_mpi_check(comm, MPI_Comm_split(comm->all, color, comm->rank, &first->comm), "MPI_Comm_split",
                          error);
    if (status == GD_OK)
        comm->first_count++;
    return status;
}

static gd_status check(const gd_comm *comm, int32_t ranks, gd_error *error)
{
    if (ranks < 1 || ranks > comm->size)
        return gd_fail(error, GD_INTERNAL, "values cannot be gathered from %d of %d ranks", ranks,
                       comm->size);
    return GD_OK;
}

gd_status gd_comm_prepare_subgroup(gd_comm *comm, int32_t ranks, gd_error *error)
{
    gd_status status = check(comm, ranks, error);
    if (status != GD_OK || ranks == 1)
        return status;
    if (comm->transport->prepare)
        return comm->transport->prepare(comm, ranks, error);
    if (ranks == comm->size || find(comm, ranks))
        return GD_OK;
    return split(comm, ranks, error);
}

gd_status gd_comm_gather_subgroup(gd_comm *comm, int32_t ranks, const double *mine, const int32_t *counts,
                                  double *all, gd_error *error)
{
    gd_status status = check(comm, ranks, error);
    if (status != GD_OK)
        return status;
    if (comm->rank >= ranks)
        return gd_fail(error, GD_INTERNAL, "rank %d is not one of the first %d ranks, which gather",
                       comm->rank, ranks);
    if (ranks == 1) {
        if (counts[0] > 0)
            memcpy(all, mine, (size_t)counts[0] * sizeof *all);
        return GD_OK;
    }
    if (comm->transport->gather)
        return comm->transport->gather(comm, ranks, mine, counts, all, error);
    const gd_subgroup *first = find(comm, ranks);
    if (!first && ranks < comm->size)
        return gd_fail(error, GD_INTERNAL, "gathering over the first %d ranks was not prepared", ranks);
    return gd_mpi_gather(comm, first ? first->comm : comm->all, ranks, comm->rank, mine, counts, all, error);
}
