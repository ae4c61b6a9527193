/* Sets up the fixed team of OpenMP threads, and the cores that it runs on. */
#include "kernels/cpu/team.h"

#include <omp.h>
#include <stdlib.h>

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

/* Of LLVM's OpenMP alone: for how many milliseconds the calling thread's team spins for work before it
 * sleeps. */
void kmp_set_blocktime(int milliseconds) __attribute__((weak));

/* Threads that wait must not take the cores from those that work. GNU's OpenMP knows that by itself; LLVM's
 * spins for 200 ms, whatever else there is to do, unless the user has said how long. */
static void spin_no_longer_than_useful(const gd_cores *cores)
{
    cpu_set_t mine;
    if (!kmp_set_blocktime || getenv("OMP_WAIT_POLICY") || getenv("KMP_BLOCKTIME"))
        return;
    if (!cores->capped && sched_getaffinity(0, sizeof mine, &mine) != 0)
        return;
    if (CPU_COUNT(cores->capped ? &cores->set : &mine) < GD_TEAM)
        kmp_set_blocktime(0);
}

gd_team gd_team_enter(const gd_cores *cores)
{
    spin_no_longer_than_useful(cores);
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
