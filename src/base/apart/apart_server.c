/* Forks a process with limits on memory and time for each call, and reports how it ended. */
#include "base/apart/apart_server.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Pages of libraries, and of the program, that reading brings into memory without mapping anything new.
 * Measured: 3.9 MiB. */
static const uint64_t code_bytes = 5 << 20;

int gd_apart_above_standard(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    const int other = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(fd);
    return other;
}

/* Resets handlers, so that a crash ends the process. Ignores stop signals, which reach all processes of a
 * terminal or a job: the program handles them, and this process ends with it. */
static void settle_signals(void)
{
    static const int others[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGTSTP};
    sigset_t none;
    for (int number = 1; number < SIGRTMIN; number++)
        (void)signal(number, SIG_DFL);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        (void)signal(others[i], SIG_IGN);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Ends this process when `parent`, which forked it, does. */
static void end_with(pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
}

static void close_between(int first, int end)
{
    if (first >= end)
        return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, (unsigned)end - 1, 0) == 0)
        return;
#endif
    const long most = sysconf(_SC_OPEN_MAX);
    for (int fd = first; fd < end && fd < most; fd++)
        close(fd);
}

/* Nobody who waits for the end of a pipe, or for a lock, waits for this process. */
static void leave_descriptors(int channel)
{
    close_between(0, channel);
    close_between(channel + 1, INT32_MAX);
    for (int i = 0; i <= STDERR_FILENO; i++)
        (void)open("/dev/null", O_RDWR); /* the lowest number that is free */
}

static void limit(int resource, uint64_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0 || (now.rlim_cur != RLIM_INFINITY && now.rlim_cur <= most))
        return;
    now.rlim_cur = most;
    (void)setrlimit(resource, &now);
}

/* Whether one more page can be mapped under a limit of so many bytes. */
static bool one_more_fits(uint64_t bytes, struct rlimit now)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    now.rlim_cur = bytes;
    void *more = setrlimit(RLIMIT_AS, &now) == 0
                     ? mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                     : MAP_FAILED;
    return more != MAP_FAILED && munmap(more, page) == 0;
}

/* Limits the bytes of address space to those that are mapped now and `more`. What is mapped is found by
 * trying limits, which needs no /proc. */
static void limit_growth(uint64_t more)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), most = UINT64_C(1) << 52;
    uint64_t low = 0, high = most / page;
    struct rlimit before;
    if (getrlimit(RLIMIT_AS, &before) != 0)
        return;
    high = before.rlim_cur < most ? before.rlim_cur / page : high;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (one_more_fits(middle * page, before))
            high = middle;
        else
            low = middle + 1;
    }
    (void)setrlimit(RLIMIT_AS, &before);
    limit(RLIMIT_AS, (low - 1) * page + more);
}

/* Bytes that this process has had in memory: those that it shares with the server, at its start. */
static uint64_t resident(void)
{
    struct rusage usage = {.ru_maxrss = 0};
    (void)getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

static _Noreturn void be_child(gd_apart_call *call, const int fds[GD_APART_FDS])
{
    const uint64_t base = resident() + code_bytes;
    gd_apart_answer answer = {fds[GD_APART_ANSWER]};
    if (fds[GD_APART_STDERR] >= 0) {
        (void)dup2(fds[GD_APART_STDERR], STDERR_FILENO);
        close(fds[GD_APART_STDERR]);
    }
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, (uint64_t)call->seconds + 1);
    if (base > call->memory) {
        call->wanted = base;
        _exit(0);
    }
    limit_growth(call->memory - base);
    call->status = call->work(call->request, fds[GD_APART_FILE], &answer, &call->error);
    atomic_store(&call->done, true);
    _exit(0);
}

/* Waits until the other end of `alive` is closed, the time is over, or nobody waits for the call any more. */
static bool wait_for_end(int alive, int channel, double seconds)
{
    const double end = gd_clock() + seconds;
    for (;;) {
        struct pollfd ends[] = {{.fd = alive, .events = POLLIN}, {.fd = channel, .events = POLLIN}};
        const double left = end - gd_clock();
        const int got = poll(ends, 2, left > 0 ? (int)(left * 1000) + 1 : 0);
        if (got > 0)
            return ends[0].revents != 0;
        if (got == 0 || errno != EINTR)
            return false;
    }
}

/* Forks the process of a call and waits for it. The ends of its pipes are closed here, so that they close
 * with it. */
static void attend(gd_apart_call *call, int channel, int fds[GD_APART_FDS])
{
    const pid_t server = getpid();
    const double seconds = 10 * call->seconds; /* before the work can write there */
    int alive[2] = {-1, -1};
    const pid_t child = pipe2(alive, O_CLOEXEC) == 0 ? fork() : -1;
    call->cause = child < 0 ? errno : 0;
    if (child == 0) {
        end_with(server);
        close(channel);
        close(alive[0]);
        be_child(call, fds);
    }
    close(alive[1]);
    for (int i = 0; i < GD_APART_FDS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    if (child > 0) {
        call->late = !wait_for_end(alive[0], channel, seconds);
        if (call->late)
            (void)kill(child, SIGKILL);
        while (waitpid(child, &call->how, 0) < 0 && errno == EINTR)
            ;
    }
    close(alive[0]);
}

/* Receives the descriptors of a call; -1 stands for one that was not sent. False: the channel is closed. */
static bool receive(int channel, int fds[GD_APART_FDS])
{
    char byte;
    struct iovec text = {&byte, 1};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(GD_APART_FDS * sizeof(int))];
    struct msghdr message = {
        .msg_iov = &text, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t got;
    while ((got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    const struct cmsghdr *head = got == 1 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!head || head->cmsg_type != SCM_RIGHTS)
        return false;
    for (int i = 0; i < GD_APART_FDS; i++) {
        fds[i] = -1;
        if (CMSG_LEN((size_t)(i + 1) * sizeof *fds) <= head->cmsg_len)
            memcpy(&fds[i], CMSG_DATA(head) + (size_t)i * sizeof *fds, sizeof *fds);
        fds[i] = gd_apart_above_standard(fds[i]);
    }
    return true;
}

_Noreturn void gd_apart_serve(int channel, pid_t parent, gd_apart_call *call)
{
    int fds[GD_APART_FDS];
    settle_signals();
    end_with(parent);
    leave_descriptors(channel);
    while (receive(channel, fds)) {
        attend(call, channel, fds);
        if (send(channel, "", 1, MSG_NOSIGNAL) != 1)
            break;
    }
    _exit(0);
}
