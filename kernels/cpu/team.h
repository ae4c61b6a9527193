/* The fixed team of threads that works on a window. oneDNN's bits depend on how many threads share a
 * convolution, so there are always eight, however many cores they run on. */
#ifndef GD_KERNELS_CPU_TEAM_H
#define GD_KERNELS_CPU_TEAM_H

#include "base/status.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

enum { GD_TEAM = 8 };

/* The processor's cores that a device may use. */
typedef struct gd_cores {
    bool capped; /* fewer than the process has */
    cpu_set_t set;
} gd_cores;

/* The calling thread's state while it leads a team. */
typedef struct gd_team {
    bool capped;
    int threads;
    cpu_set_t set;
} gd_team;

/* Picks `cores` of the cores that the process may run on (0: all): the share that is number `place`, around
 * and around. Fails when OpenMP cannot give a team. */
gd_status gd_cores_choose(int32_t cores, int32_t place, gd_cores *chosen, gd_error *error) GD_CHECKED;

/* Between them, parallel regions of the calling thread have GD_TEAM threads on the cores chosen. */
gd_team gd_team_enter(const gd_cores *cores);
void gd_team_leave(const gd_team *team);

#endif
