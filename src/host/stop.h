/* Requests to stop, as a flag that others poll: SIGINT (Ctrl-C), SIGTERM, SIGHUP (a closed terminal),
 * SIGXCPU (a limit on processor time), SIGUSR1 and SIGUSR2. */
#ifndef GD_HOST_STOP_H
#define GD_HOST_STOP_H

#include <stdatomic.h>

/* From now on the first of these signals sets the flag, which is false until then, and a second one ends the
 * process as the signal does by itself. What comes within a second (of SIGINT: a tenth of one) counts as the
 * same request, since mpirun and Slurm may both pass one on; so do all further SIGHUP and SIGXCPU, which the
 * system sends again and again. Those that were ignored at the start, as under nohup, stay ignored. To be
 * called again after a library has set handlers of its own.
 *
 * Nor does the process end when whoever reads what it prints is gone (SIGPIPE), and a limit on processor time
 * that would end it without SIGXCPU gets a margin for one. */
const atomic_bool *gd_stop_watch(void);

/* From now on each ends the process at once, as one that came meanwhile does now: for what has nothing to
 * save, and may wait for a person. */
void gd_stop_release(void);

/* What is called, in a handler, before a signal ends the process at once; NULL: nothing any more. */
void gd_stop_before_end(void (*call)(void *context), void *context);

#endif
