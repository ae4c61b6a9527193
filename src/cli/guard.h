/* Last message of a rank that a library ends by a crash or by exit(). Some libraries do so when memory runs
 * out. */
#ifndef GD_CLI_GUARD_H
#define GD_CLI_GUARD_H

#include <stdint.h>

/* From now on a file that reaches the size limit (ulimit -f) fails the write, like a full disk, and no longer
 * ends the process. Before MPI_Init, which makes files too. */
void gd_guard_file_sizes(void);

/* Until gd_guard_release, such an end first prints rank, host and cause on stderr. Call it once, after
 * MPI_Init, because MPI_Init sets its own handlers. Not collective. */
void gd_guard_arm(int32_t rank, const char *host);
void gd_guard_release(void);

#endif
