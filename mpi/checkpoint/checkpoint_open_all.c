/* Lets all ranks open the same file: each opens it by name and compares its identity. */
#include "mpi/checkpoint/checkpoint_open_all.h"

#include "base/clock.h"
#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint_table.h"
#include "mpi/comm_state.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* NFS caches the contents of a folder for up to 60 s. */
static const double patience = 90; /* seconds */

enum { HAVE = 0, WANT = 1, TOO_LATE = 2 }; /* requests of the ranks; the largest one counts */

/* The result of a rank's last attempt, for its message. */
typedef struct meeting {
    int cause; /* errno; 0: a file of another identity */
    char other[GD_IDENTITY_MAX];
    bool hopeless; /* another attempt would fail too */
} meeting;

/* Opens the file; -1 if that fails or the identity differs. */
static int open_once(const gd_checkpoint_name *file, meeting *m)
{
    struct stat about;
    *m = (meeting){0};
    const int fd = open(file->name, file->flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        m->cause = errno;
        m->hopeless = errno != ENOENT && errno != ESTALE && errno != EIO;
        return -1;
    }
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && gd_checkpoint_identify(fd, m->other) &&
        strcmp(m->other, file->identity) == 0)
        return fd;
    close(fd);
    return -1;
}

static gd_status refuse(const gd_checkpoint_name *file, const meeting *m, gd_error *error)
{
    if (m->cause)
        return gd_fail(error, GD_IO,
                       "the checkpoint %s cannot be opened here (%s); keep it where all ranks see it under "
                       "one name",
                       file->path, strerror(m->cause));
    return gd_fail(
        error, GD_USAGE,
        "the checkpoint %s is another file here (save %s) than rank 0 has opened (save %s): it was "
        "replaced meanwhile, or is not one file on all hosts; start again when no other render "
        "saves there",
        file->path, m->other[0] ? m->other : "unknown", file->identity);
}

static void rest(void)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    (void)nanosleep(&pause, NULL);
}

/* One attempt to open the file. Returns this rank's request. */
static int32_t attempt(const gd_checkpoint_name *file, int mine, int *fd, meeting *m)
{
    if (mine >= 0)
        *fd = fcntl(mine, F_DUPFD_CLOEXEC, 0);
    else
        *fd = open_once(file, m);
    if (*fd < 0 && mine >= 0)
        *m = (meeting){.cause = errno, .hopeless = true};
    return *fd >= 0 ? HAVE : m->hopeless ? TOO_LATE : WANT;
}

gd_status gd_checkpoint_open_all(gd_comm *comm, const gd_checkpoint_name *file, int mine, bool needed,
                                 int *fd, gd_error *error)
{
    const bool root = gd_comm_rank(comm) == 0;
    const double end = gd_clock() + fmin(comm->deadline, patience);
    meeting m = {0};
    int32_t request;
    gd_status status;
    *fd = -1;
    do {
        request = needed && *fd < 0 ? attempt(file, root ? mine : -1, fd, &m) : HAVE;
        if (root && gd_clock() >= end)
            request = TOO_LATE;
        status = gd_comm_agree_request(comm, GD_OK, &request, error);
        if (status == GD_OK && request == WANT)
            rest();
    } while (status == GD_OK && request == WANT);
    if (status != GD_OK)
        return status;
    if (needed && *fd < 0)
        status = refuse(file, &m, error);
    return gd_comm_agree(comm, status, error);
}
