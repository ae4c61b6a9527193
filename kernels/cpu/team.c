/* Sets up the fixed team of OpenMP threads, and the cores that it runs on. */
#include "kernels/cpu/team.h"

#include <omp.h>

gd_status gd_cores_choose(int32_t cores, int32_t place, gd_cores *chosen, gd_error *error)
{
    *chosen = (gd_cores){.capped = false};
    if (omp_get_thread_limit() < GD_TEAM)
        return gd_fail(error, GD_USAGE, "OMP_THREAD_LIMIT is %d, but a window needs %d threads; unset it",
                       omp_get_thread_limit(), GD_TEAM);
    cpu_set_t mine;
    if (cores <= 0 || sched_getaffinity(0, sizeof mine, &mine) != 0 || CPU_COUNT(&mine) <= cores)
        return GD_OK;
    chosen->capped = true;
    CPU_ZERO(&chosen->set);
    int64_t count = CPU_COUNT(&mine), skip = (int64_t)place * cores % count;
    /* Twice around, since the share may begin near the end. */
    for (int i = 0; i < 2 * CPU_SETSIZE && CPU_COUNT(&chosen->set) < cores; i++)
        if (CPU_ISSET(i % CPU_SETSIZE, &mine) && --skip < 0)
            CPU_SET(i % CPU_SETSIZE, &chosen->set);
    return GD_OK;
}

gd_team gd_team_enter(const gd_cores *cores)
{
    gd_team team = {.capped = cores->capped, .threads = omp_get_max_threads()};
    omp_set_dynamic(0);
    omp_set_num_threads(GD_TEAM);
    if (!cores->capped || sched_getaffinity(0, sizeof team.set, &team.set) != 0) {
        team.capped = false;
        return team;
    }
#pragma omp parallel
    {
        /* A thread that cannot be moved still gives the same bits. */
        (void)sched_setaffinity(0, sizeof cores->set, &cores->set);
    }
    return team;
}

void gd_team_leave(const gd_team *team)
{
    if (team->capped)
        (void)sched_setaffinity(0, sizeof team->set, &team->set);
    omp_set_num_threads(team->threads);
}
