/* Work in a process of its own: a library that crashes, hangs or takes all memory on a damaged or hostile
 * file does so there, and the caller gets a sentence. */
#ifndef GD_BASE_APART_H
#define GD_BASE_APART_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* What the process may do. */
typedef struct gd_apart {
    const char *what; /* borrowed; sentences begin with it: "the weights file x.h5" */
    int fd;           /* borrowed; the one file that it reads; it has the same number there */
    uint64_t memory;  /* bytes that it may take beyond what this process has now */
    double seconds;   /* of a processor, and ten times as long by the clock */
} gd_apart;

/* Its work. What it finds out for the caller it leaves in memory of gd_apart_allocate; nothing else that it
 * changes is seen. It may neither use MPI or a device nor start threads. */
typedef gd_status gd_apart_work(void *context, gd_error *error);

/* Runs it, and returns its status with its sentence; GD_USAGE, naming `what`, when it ended in any other way.
 * The process has no signal handlers, no other files but the standard ones, and ends with this one. Not
 * collective. */
gd_status gd_apart_run(const gd_apart *apart, gd_apart_work *work, void *context, gd_error *error) GD_CHECKED;

/* Memory that this process and those that it starts share; zeros. NULL: there is none. */
void *gd_apart_allocate(size_t bytes);
void gd_apart_free(void *memory, size_t bytes); /* NULL is fine */

#endif
