/* The server that forks the processes that work apart; private to this folder. */
#ifndef GD_BASE_APART_APART_SERVER_H
#define GD_BASE_APART_APART_SERVER_H

#include "base/apart/apart_work.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One call, in memory that the program, the server and its processes share. The program fills it before it
 * sends the descriptors. Small, so that a process has next to nothing in memory for it. */
typedef struct gd_apart_call {
    gd_apart_work *work;
    uint64_t memory;
    double seconds;
    /* out, of the server: */
    int cause;       /* errno of a process that could not be started; 0: it could */
    bool late;       /* it was ended after its time */
    int how;         /* as waitpid tells */
    uint64_t wanted; /* bytes that it has in memory at its start, where they are more than `memory`, else 0 */
    /* out, of the work: */
    atomic_bool done; /* the other fields are complete */
    gd_status status;
    gd_error error;
    _Alignas(max_align_t) char request[GD_APART_REQUEST_MAX];
} gd_apart_call;

/* The descriptors of a call, in this order; the last may be left out. */
enum { GD_APART_FILE, GD_APART_ANSWER, GD_APART_STDERR, GD_APART_FDS };

/* A descriptor in the place of `fd` that is no standard one, for a program that was started without them;
 * -1: there is none. */
int gd_apart_above_standard(int fd);

/* The server: for each message on the channel that carries a call's descriptors, forks a process that does
 * the call, and answers with one byte when it has ended. Ends when the channel is closed or the parent dies.
 * Signals are blocked when it is called. */
_Noreturn void gd_apart_serve(int channel, pid_t parent, gd_apart_call *call);

#endif
