/* Sandboxed work in a child process: if a library crashes, hangs or takes too much memory on a damaged or
 * hostile file, only the child does, and the caller gets an error. */
#ifndef GD_BASE_APART_H
#define GD_BASE_APART_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Limits of the child process. */
typedef struct gd_apart {
    const char *what; /* borrowed; messages begin with it: "the weights file x.h5" */
    int fd; /* borrowed; the one file that it reads; the descriptor has the same number in the child */
    uint64_t memory; /* bytes of address space beyond those that this process has now */
    double seconds;  /* of CPU time; ten times as long in wall time */
} gd_apart;

/* The work. It leaves its results in memory of gd_apart_allocate; the caller sees no other change. It must
 * not use MPI or a device, nor start threads. */
typedef gd_status gd_apart_work(void *context, gd_error *error);

/* Runs the work and returns its status and message; GD_USAGE, with `what`, if the child ended in any other
 * way. The child has no signal handlers and no other open files than `fd` and the standard ones, and it ends
 * with this process. Not collective. */
gd_status gd_apart_run(const gd_apart *apart, gd_apart_work *work, void *context, gd_error *error) GD_CHECKED;

/* Zeroed memory shared by this process and its children; NULL: out of memory. */
void *gd_apart_allocate(size_t bytes);
void gd_apart_free(void *memory, size_t bytes); /* NULL is fine */

#endif
