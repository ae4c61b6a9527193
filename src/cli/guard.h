/* A last sentence from a rank that a library ends: by a crash, or by exit() during work. Some libraries do so
 * when they run out of memory. */
#ifndef GD_CLI_GUARD_H
#define GD_CLI_GUARD_H

#include <stdint.h>

/* From now on until gd_guard_release, such an end puts a sentence with rank, host and cause on stderr; then
 * it takes its course. A file that reaches the limit on sizes (ulimit -f) is an error instead of an end. Call
 * it once, after MPI_Init, which sets handlers of its own. Not collective. */
void gd_guard_arm(int32_t rank, const char *host);
void gd_guard_release(void);

#endif
