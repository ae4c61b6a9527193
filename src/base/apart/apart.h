/* Sandboxed work in a process of its own: if a library crashes, hangs or takes too much memory on a damaged
 * or hostile file, only that process does, and the caller gets an error.
 *
 * The processes are forked from a server, which gd_apart_start forks from the program while that has one
 * thread: a process that is forked while another thread holds a lock, such as the allocator's, finds it
 * locked for ever. For the same reason none of them holds the program's later memory, descriptors, or what
 * MPI and devices have mapped. Nothing here is collective or thread-safe: one thread starts, runs and stops.
 */
#ifndef GD_BASE_APART_APART_H
#define GD_BASE_APART_APART_H

#include "base/apart/apart_work.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct gd_apart {
    const char *what;    /* borrowed; messages begin with it: "the weights file x.h5" */
    int fd;              /* borrowed; the one file that it reads */
    uint64_t memory;     /* bytes that the process may have in memory, code included */
    double seconds;      /* of CPU time; ten times as long in wall time */
    const void *request; /* borrowed; [request_bytes], without pointers, at most GD_APART_REQUEST_MAX */
    size_t request_bytes;
    void *answer; /* borrowed; [answer_bytes]; receives what the work writes, which must fill it */
    size_t answer_bytes;
} gd_apart;

/* Starts the server. First thing in a program, before any thread: what it holds in memory by then, every
 * process holds too. Nothing when one runs already. A failure is reported by gd_apart_run. */
void gd_apart_start(void);

/* Runs the work and returns its status and message; GD_USAGE, with `what`, if the process ended in any other
 * way. The process has default signals, ignores stop signals, has no other open files than `fd` and stderr,
 * and ends with this one. On failure the answer is undefined. */
gd_status gd_apart_run(const gd_apart *apart, gd_apart_work *work, gd_error *error) GD_CHECKED;

/* Ends the server, if one runs. The end of the program does so too. */
void gd_apart_stop(void);

#endif
