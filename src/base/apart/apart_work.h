/* Work that is done apart (apart.h), as the process sees it that does it. */
#ifndef GD_BASE_APART_APART_WORK_H
#define GD_BASE_APART_APART_WORK_H

#include "base/status.h"

#include <stddef.h>

/* The way for results; borrowed by the work. */
typedef struct gd_apart_answer {
    int fd;
} gd_apart_answer;

/* The work, a function of the program itself. It gets a copy of the request, aligned for all types, and the
 * descriptor of the file, and its results leave by gd_apart_write alone: it shares no memory with the caller.
 * It must not use MPI or a device, nor start threads. */
typedef gd_status gd_apart_work(const void *request, int fd, gd_apart_answer *answer, gd_error *error);

enum { GD_APART_REQUEST_MAX = 1 << 16 };

/* Adds to the answer. Ends the process when the caller is gone. */
void gd_apart_write(gd_apart_answer *answer, const void *bytes, size_t count);

#endif
