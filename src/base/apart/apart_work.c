/* Writes the answer of work that is done apart. */
#include "base/apart/apart_work.h"

#include <errno.h>
#include <unistd.h>

void gd_apart_write(gd_apart_answer *answer, const void *bytes, size_t count)
{
    const char *at = bytes;
    while (count > 0) {
        const ssize_t written = write(answer->fd, at, count);
        if (written < 0 && errno != EINTR)
            _exit(1);
        at += written > 0 ? written : 0;
        count -= written > 0 ? (size_t)written : 0;
    }
}
