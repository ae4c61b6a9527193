/* Starts and stops the server, and hands it the calls. */
#include "base/apart/apart.h"

#include "base/apart/apart_server.h"
#include "base/size.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process has one server as it has one set of signal handlers: it must be there before anything that could
 * hold it. */
static struct {
    gd_apart_call *call; /* owned; NULL: no server */
    int channel;         /* owned */
    pid_t process;
    int cause; /* errno of a start that failed; 0: none did */
} server;

/* Forks the server with all signals blocked, until it has handlers of its own. */
static pid_t fork_server(int ends[2], gd_apart_call *call)
{
    sigset_t all, before;
    const pid_t parent = getpid();
    (void)sigfillset(&all);
    if (sigprocmask(SIG_SETMASK, &all, &before) != 0)
        return -1;
    const pid_t process = fork();
    if (process == 0) {
        close(ends[0]);
        gd_apart_serve(ends[1], parent, call);
    }
    const int cause = errno;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    errno = cause;
    return process;
}

void gd_apart_start(void)
{
    int ends[2] = {-1, -1};
    pid_t process = -1;
    if (server.call)
        return;
    void *call = mmap(NULL, sizeof *server.call, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (call != MAP_FAILED && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0) {
        ends[0] = gd_apart_above_standard(ends[0]);
        ends[1] = gd_apart_above_standard(ends[1]);
        process = ends[0] < 0 || ends[1] < 0 ? -1 : fork_server(ends, call);
    }
    server.cause = process < 0 ? errno : 0;
    if (ends[1] >= 0)
        close(ends[1]);
    if (process < 0 && ends[0] >= 0)
        close(ends[0]);
    if (process < 0 && call != MAP_FAILED)
        (void)munmap(call, sizeof *server.call);
    if (process < 0)
        return;
    server.call = call;
    server.channel = ends[0];
    server.process = process;
    (void)atexit(gd_apart_stop); /* if this fails, the server is orphaned for a moment */
}

void gd_apart_stop(void)
{
    if (!server.call)
        return;
    close(server.channel);
    while (waitpid(server.process, NULL, 0) < 0 && errno == EINTR)
        ;
    (void)munmap(server.call, sizeof *server.call);
    server.call = NULL;
}

static bool send_descriptors(const int fds[GD_APART_FDS])
{
    const size_t count = fds[GD_APART_STDERR] >= 0 ? GD_APART_FDS : GD_APART_STDERR;
    struct iovec text = {"", 1};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(GD_APART_FDS * sizeof(int))] = {0};
    struct msghdr message = {.msg_iov = &text,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = CMSG_SPACE(count * sizeof *fds)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(count * sizeof *fds);
    memcpy(CMSG_DATA(head), fds, count * sizeof *fds);
    ssize_t sent;
    while ((sent = sendmsg(server.channel, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return sent == 1;
}

/* Reads to the end of the answer; false: there is too little or too much. */
static bool receive_answer(int fd, const gd_apart *apart)
{
    size_t used = 0;
    for (;;) {
        char beyond;
        const size_t left = apart->answer_bytes - used;
        const ssize_t got = read(fd, left > 0 ? (char *)apart->answer + used : &beyond, left > 0 ? left : 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || left == 0)
            return got == 0 && left == 0;
        used += (size_t)got;
    }
}

static bool await_server(void)
{
    char byte;
    ssize_t got;
    while ((got = recv(server.channel, &byte, 1, 0)) < 0 && errno == EINTR)
        ;
    return got == 1;
}

/* Has the server do the call that is in shared memory; false: it is gone. */
static bool hand_over(const gd_apart *apart, bool *complete)
{
    int answer[2];
    server.call->cause = pipe2(answer, O_CLOEXEC) == 0 ? 0 : errno;
    if (server.call->cause)
        return true;
    const int fds[GD_APART_FDS] = {apart->fd, answer[1],
                                   fcntl(STDERR_FILENO, F_GETFD) < 0 ? -1 : STDERR_FILENO};
    const bool sent = send_descriptors(fds);
    close(answer[1]);
    *complete = sent && receive_answer(answer[0], apart);
    close(answer[0]);
    return sent && await_server();
}

static gd_status not_started(const gd_apart *apart, int cause, gd_error *error)
{
    return gd_fail(error, GD_MEMORY, "%s cannot be read, since no process can be started for it: %s",
                   apart->what, strerror(cause));
}

static gd_status judge(const gd_apart *apart, gd_apart_call *call, bool complete, gd_error *error)
{
    char has[GD_AMOUNT_BYTES], wants[GD_AMOUNT_BYTES];
    const bool done = atomic_load(&call->done) && !call->late;
    const int number = WIFSIGNALED(call->how) ? WTERMSIG(call->how) : 0;
    call->error.message[sizeof call->error.message - 1] = '\0';
    if (call->cause)
        return not_started(apart, call->cause, error);
    if (done && call->status == GD_OK && complete)
        return GD_OK;
    if (done && call->status != GD_OK)
        return gd_fail(error, call->status, "%s", call->error.message);
    if (call->wanted > 0)
        return gd_fail(error, GD_USAGE, "%s: the process that reads it takes %s of memory, and there are %s",
                       apart->what, gd_amount_text((double)call->wanted, wants),
                       gd_amount_text((double)apart->memory, has));
    if (call->late || number == SIGXCPU)
        return gd_fail(error, GD_USAGE, "%s is damaged: reading it does not end within %g s; fetch it again",
                       apart->what, apart->seconds);
    return gd_fail(error, GD_USAGE, "%s is damaged: the library that reads it crashes (%s); fetch it again",
                   apart->what, number ? strsignal(number) : "without a signal");
}

/* Everything that an earlier call left is overwritten. */
static void fill_call(const gd_apart *apart, gd_apart_work *work)
{
    gd_apart_call *call = server.call;
    memset(call, 0, offsetof(gd_apart_call, request));
    call->work = work;
    call->memory = apart->memory;
    call->seconds = apart->seconds;
    if (apart->request_bytes > 0)
        memcpy(call->request, apart->request, apart->request_bytes);
}

gd_status gd_apart_run(const gd_apart *apart, gd_apart_work *work, gd_error *error)
{
    bool complete = false;
    if (!server.call && server.cause)
        return not_started(apart, server.cause, error);
    if (!server.call || apart->request_bytes > GD_APART_REQUEST_MAX)
        return gd_fail(error, GD_INTERNAL, "%s: there is no process that could read it", apart->what);
    fill_call(apart, work);
    if (!hand_over(apart, &complete))
        return gd_fail(error, GD_MEMORY,
                       "%s cannot be read, since the process for it was ended from outside; start again",
                       apart->what);
    return judge(apart, server.call, complete, error);
}
