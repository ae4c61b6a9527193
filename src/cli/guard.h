/* Last message of a rank that a library ends by a crash or by exit(). Some libraries do so when memory runs
 * out. */
#ifndef GD_CLI_GUARD_H
#define GD_CLI_GUARD_H

#include <stdint.h>

/* Until gd_guard_release, such an end first prints rank, host and cause on stderr. A file that reaches the
 * size limit (ulimit -f) causes an error and no longer ends the process. Call it once, after MPI_Init,
 * because MPI_Init sets its own handlers. Not collective. */
void gd_guard_arm(int32_t rank, const char *host);
void gd_guard_release(void);

#endif
