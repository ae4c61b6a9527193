/* Turns stop signals into a flag, and lowers the limit on CPU time by a margin. */
#include "host/stop.h"

#include "base/clock.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2};
enum { WATCHED = sizeof watched / sizeof *watched };

/* Signal handlers take no context, so their state is global to the process. */
static atomic_bool stop;
static atomic_int came;    /* the signal that set it; 0: none */
static atomic_llong asked; /* in milliseconds of the monotonic clock */
static atomic_bool seen;   /* stderr is a terminal */
static _Atomic(void (*)(void *)) last_call;
static _Atomic(void *) last_context;

static long long clock_now(void)
{
    return (long long)(1e3 * gd_clock());
}

static bool same_request(int number, long long since)
{
    const long long of_a_person = 100, passed_on = 1000;
    if (number == SIGHUP || number == SIGXCPU)
        return true;
    return since < (number == SIGINT ? of_a_person : passed_on);
}

static void end_by(int number)
{
    void (*call)(void *) = atomic_exchange(&last_call, NULL);
    if (call)
        call(atomic_load(&last_context));
    (void)signal(number, SIG_DFL);
    (void)raise(number); /* within a handler, it is delivered on return */
}

static void on_signal(int number)
{
    static const char words[] =
        "\ngigadream: stopping, and saving the finished steps; Ctrl-C again ends at once, without saving\n";
    const long long now = clock_now();
    if (atomic_exchange(&stop, true)) {
        if (!same_request(number, now - atomic_load(&asked)))
            end_by(number);
        return;
    }
    atomic_store(&asked, now);
    atomic_store(&came, number);
    if (number == SIGINT && atomic_load(&seen)) {
        const ssize_t written = write(STDERR_FILENO, words, sizeof words - 1);
        (void)written; /* the terminal may be gone */
    }
}

/* `ulimit -t` sets the soft and the hard limit to the same value, and at the hard limit the process is
 * killed. */
static void leave_time(void)
{
    const rlim_t seconds_a_core = 5, share = 10;
    struct rlimit limit;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_max == RLIM_INFINITY || limit.rlim_max < 2 ||
        limit.rlim_cur < limit.rlim_max)
        return;
    const rlim_t wanted = seconds_a_core * (rlim_t)(cores > 1 ? cores : 1), most = limit.rlim_max / share;
    const rlim_t margin = wanted < most ? wanted : most;
    limit.rlim_cur = limit.rlim_max - (margin > 1 ? margin : 1);
    (void)setrlimit(RLIMIT_CPU, &limit); /* if this fails, only the render is not saved */
}

const atomic_bool *gd_stop_watch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
    atomic_store(&seen, isatty(STDERR_FILENO));
    for (int i = 0; i < WATCHED; i++)
        (void)sigaddset(&action.sa_mask, watched[i]);
    for (int i = 0; i < WATCHED; i++)
        if (sigaction(watched[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            (void)sigaction(watched[i], &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    leave_time();
    return &stop;
}

void gd_stop_set_cleanup(void (*call)(void *context), void *context)
{
    atomic_store(&last_context, context);
    atomic_store(&last_call, call);
}

void gd_stop_release(void)
{
    struct sigaction before;
    for (int i = 0; i < WATCHED; i++)
        if (sigaction(watched[i], NULL, &before) == 0 && before.sa_handler == on_signal)
            (void)signal(watched[i], end_by);
    if (atomic_load(&stop))
        end_by(atomic_load(&came));
}
