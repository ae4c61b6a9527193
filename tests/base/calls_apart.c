/* Works that are done apart in tests, and their calls. */
#include "base/calls_apart.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

long call_answered[4];

gd_status call_succeed(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    const call_request *q = request;
    const long values[4] = {q->number, fcntl(fd, F_GETFD) >= 0, (long)getpid(), (long)getppid()};
    (void)error;
    gd_apart_write(answer, values, sizeof values);
    return GD_OK;
}

gd_status call_hang(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    (void)request, (void)fd, (void)answer, (void)error;
    while (pause() != 0)
        ;
    return GD_OK;
}

gd_status call_take_all(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    const call_request *q = request;
    struct rusage usage;
    long values[4] = {0};
    (void)fd, (void)error;
    for (char *piece; (piece = malloc(q->bytes)); values[1]++)
        memset(piece, 1, q->bytes);
    (void)getrusage(RUSAGE_SELF, &usage);
    values[0] = usage.ru_maxrss;
    gd_apart_write(answer, values, sizeof values);
    return GD_OK;
}

gd_status call_look(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    const call_request *q = request;
    long values[4] = {fcntl(fd, F_GETFD) >= 0, fcntl(q->number, F_GETFD) >= 0, 0, 0};
    (void)error;
    for (int i = 0; i < 1000; i++)
        values[2] += fcntl(i, F_GETFD) >= 0;
    (void)raise(SIGTERM);
    (void)raise(SIGINT);
    values[3] = 1;
    gd_apart_write(answer, values, sizeof values);
    return GD_OK;
}

gd_status call_within(gd_apart_work *work, const call_request *q, int fd, uint64_t memory, double seconds,
                      gd_error *error)
{
    const gd_apart apart = {.what = "the file f.h5",
                            .fd = fd,
                            .memory = memory,
                            .seconds = seconds,
                            .request = q,
                            .request_bytes = sizeof *q,
                            .answer = call_answered,
                            .answer_bytes = sizeof call_answered};
    error->message[0] = '\0';
    return gd_apart_run(&apart, work, error);
}

gd_status call(gd_apart_work *work, int number, gd_error *error)
{
    const call_request q = {.number = number};
    return call_within(work, &q, STDERR_FILENO, 1 << 28, 0.5, error);
}
