/* Stop requests as a flag to poll: SIGINT (Ctrl-C), SIGTERM, SIGHUP (closed terminal), SIGXCPU (limit on CPU
 * time), SIGUSR1 and SIGUSR2. */
#ifndef GD_HOST_STOP_H
#define GD_HOST_STOP_H

#include <stdatomic.h>

/* From this call on, the first of these signals sets the flag, and a second one ends the process by the
 * signal's default action. Signals within one second (SIGINT: 0.1 s) count as the same request, because
 * mpirun and Slurm may both forward one. Further SIGHUP and SIGXCPU also count as the same request, because
 * the system repeats them. Signals that were ignored at the start, as under nohup, stay ignored. Call it
 * again after a library has set its own handlers.
 *
 * SIGPIPE is ignored. If the limit on CPU time would kill the process without SIGXCPU, the soft limit is
 * lowered so that SIGXCPU comes first. */
const atomic_bool *gd_stop_watch(void);

/* From this call on, each of the signals ends the process at once; a request that is already pending does so
 * now. For actions with nothing to save that may wait for the user. */
void gd_stop_release(void);

/* Sets the function that a handler calls before it ends the process; NULL: none. */
void gd_stop_set_cleanup(void (*call)(void *context), void *context);

#endif
