/* SIGTERM and SIGUSR1, as a flag that others look at. */
#ifndef GD_CLI_STOP_H
#define GD_CLI_STOP_H

#include <stdatomic.h>

/* From now on the first of these signals sets the flag, and a second one, a second or more later, ends the
 * process as the signal does by itself. (Within that second it counts as the same request: mpirun and Slurm
 * may both pass one on.) The flag is false until then. */
const atomic_bool *gd_stop_watch(void);

#endif
