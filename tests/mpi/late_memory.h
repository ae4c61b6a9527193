/* A device's memory in the host's: what is queued runs late, when a mark has been asked for often enough, and
 * what breaks the rules of base/memory.h ends the process with a sentence. */
#ifndef GD_TESTS_MPI_LATE_MEMORY_H
#define GD_TESTS_MPI_LATE_MEMORY_H

#include "base/memory.h"

gd_memory *late_memory_open(void);

/* Nothing that is queued runs any more, as on a device that hangs; or it does again. */
void late_memory_hang(gd_memory *memory, bool hangs);

/* Everything must have been released, and the queue be empty. */
void late_memory_close(gd_memory *memory);

#endif
