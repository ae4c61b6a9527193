/* Limits of this process (ulimit -v, ulimit -s, OMP_STACKSIZE) at which libraries would crash. */
#ifndef GD_HOST_LIMITS_H
#define GD_HOST_LIMITS_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* GD_USAGE when the stacks of threads, or the address space that is left, are too small for the libraries
 * even to start. To be called first, since with little address space it has malloc take less of it. */
gd_status gd_limits_check(gd_error *error) GD_CHECKED;

/* Whether the stack is large enough for main itself, to be asked before anything else; false, with a sentence
 * on stderr, when not. Takes little of it: neither memory nor streams. */
bool gd_limits_stack_fits(void);

/* Bytes that this process may hold in memory, those that it holds now among them, within the address space
 * that is left beside its code and stacks; UINT64_MAX when there is no limit. */
uint64_t gd_limits_memory(void);

#endif
