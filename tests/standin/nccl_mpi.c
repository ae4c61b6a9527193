/* The MPI under the stand-in's NCCL: whether it runs, the rank, and unused tags. */
#include "standin/nccl_internal.h"

bool gd_nccl_has_mpi(const char *who)
{
    int started = 0, ended = 0, mine = 0;
    if (MPI_Initialized(&started) != MPI_SUCCESS || MPI_Finalized(&ended) != MPI_SUCCESS || !started ||
        ended) {
        gd_standin_fail("%s: the stand-in's NCCL works between MPI_Init and MPI_Finalize", who);
        return false;
    }
    if (MPI_Is_thread_main(&mine) != MPI_SUCCESS || !mine) {
        gd_standin_fail("%s: called by a thread that does not own MPI", who);
        return false;
    }
    gd_standin_set_rank(gd_nccl_world_rank());
    return true;
}

int gd_nccl_world_rank(void)
{
    int rank = 0;
    (void)MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

int gd_nccl_new_tag(void)
{
    enum { FIRST = 1 << 24, EACH = 1 << 12 };
    int number = (int)gd_standin_count("NCCL tags");
    return FIRST + gd_nccl_world_rank() * EACH + 2 * (number % (EACH / 2));
}
