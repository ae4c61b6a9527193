/* Runs a function in a child process with limits on memory and time, and reports how it ended. */
#include "base/apart.h"

#include "base/clock.h"
#include "base/minmax.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The result that the child leaves in shared memory. */
typedef struct verdict {
    atomic_bool done; /* the other fields are complete */
    gd_status status;
    gd_error error;
} verdict;

void *gd_apart_allocate(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void gd_apart_free(void *memory, size_t bytes)
{
    if (memory)
        (void)munmap(memory, bytes);
}

/* Bytes of address space of this process; 0: unknown. */
static uint64_t space_taken(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%llu", &pages) != 1)
        pages = 0;
    (void)fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit(int resource, uint64_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0 || (now.rlim_cur != RLIM_INFINITY && now.rlim_cur <= most))
        return;
    now.rlim_cur = most;
    (void)setrlimit(resource, &now);
}

/* Resets handlers, so that a crash ends the child. Ignores stop signals: the parent handles them, and the
 * child ends with it. */
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

/* Closes all descriptors except the standard ones, a and b. */
static void close_others(int a, int b)
{
    const int low = gd_min_i32(a, b), high = gd_max_i32(a, b);
    close_between(3, low);
    close_between(low + 1, high);
    close_between(high + 1, INT32_MAX);
}

/* The child process. Its end closes `alive`. */
static _Noreturn void be_child(const gd_apart *apart, gd_apart_work *work, void *context, uint64_t space,
                               pid_t parent, int alive, verdict *v)
{
    settle_signals();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    close_others(apart->fd, alive);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, (uint64_t)apart->seconds + 1);
    if (space > 0)
        limit(RLIMIT_AS, space + apart->memory);
    v->status = work(context, &v->error);
    atomic_store(&v->done, true);
    _exit(0);
}

/* Waits until the other end of `alive` is closed; false: timeout. */
static bool wait_for_end(int alive, double seconds)
{
    const double end = gd_clock() + seconds;
    for (;;) {
        struct pollfd pipe = {.fd = alive, .events = POLLIN};
        const double left = end - gd_clock();
        const int got = poll(&pipe, 1, left > 0 ? (int)(left * 1000) + 1 : 0);
        if (got > 0)
            return true;
        if (got == 0 || errno != EINTR)
            return false;
    }
}

static gd_status judge(const gd_apart *apart, verdict *v, bool in_time, int how, gd_error *error)
{
    v->error.message[sizeof v->error.message - 1] = '\0';
    if (atomic_load(&v->done) && v->status == GD_OK)
        return GD_OK;
    if (atomic_load(&v->done))
        return gd_fail(error, v->status, "%s", v->error.message);
    const int number = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
    if (!in_time || number == SIGXCPU)
        return gd_fail(error, GD_USAGE, "%s is damaged: reading it does not end within %g s; fetch it again",
                       apart->what, apart->seconds);
    return gd_fail(error, GD_USAGE, "%s is damaged: the library that reads it crashes (%s); fetch it again",
                   apart->what, number ? strsignal(number) : "without a signal");
}

gd_status gd_apart_run(const gd_apart *apart, gd_apart_work *work, void *context, gd_error *error)
{
    int alive[2], how = 0;
    const uint64_t space = space_taken();
    const pid_t parent = getpid();
    verdict *v = gd_apart_allocate(sizeof *v);
    if (!v || pipe2(alive, O_CLOEXEC) != 0) {
        gd_apart_free(v, sizeof *v);
        return gd_fail(error, GD_MEMORY, "%s cannot be read: %s", apart->what, strerror(errno));
    }
    const pid_t child = fork();
    if (child == 0)
        be_child(apart, work, context, space, parent, alive[1], v);
    const int cause = errno;
    close(alive[1]);
    gd_status status;
    if (child < 0) {
        status = gd_fail(error, GD_MEMORY, "%s cannot be read, since no process can be started for it: %s",
                         apart->what, strerror(cause));
    } else {
        const bool in_time = wait_for_end(alive[0], 10 * apart->seconds);
        if (!in_time)
            (void)kill(child, SIGKILL);
        while (waitpid(child, &how, 0) < 0 && errno == EINTR)
            ;
        status = judge(apart, v, in_time, how, error);
    }
    close(alive[0]);
    gd_apart_free(v, sizeof *v);
    return status;
}
