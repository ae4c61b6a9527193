/* Resource limits of this process (ulimit -v, ulimit -s, OMP_STACKSIZE) at which libraries would crash. */
#ifndef GD_HOST_LIMITS_H
#define GD_HOST_LIMITS_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* Returns GD_USAGE when thread stacks or the free address space are too small for the libraries to start.
 * Call it first: with a limit on address space, it also makes malloc reserve less. */
gd_status gd_limits_check(gd_error *error) GD_CHECKED;

/* Whether the stack is large enough for the program itself. If not, prints a message on stderr. Call it
 * before anything else. It needs little stack: no allocation, no stdio. */
bool gd_limits_stack_fits(void);

/* Memory in bytes that this process may use within its address space besides code and stacks, current use
 * included; UINT64_MAX without a limit. */
uint64_t gd_limits_memory(void);

#endif
