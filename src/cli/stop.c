#include "cli/stop.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Handlers take no context, so what they need is the process's. */
static atomic_bool stop;
static atomic_llong asked; /* milliseconds of a clock that only goes forward */

static long long clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void on_signal(int number)
{
    const long long same_request = 1000;
    const long long now = clock_now();
    if (!atomic_exchange(&stop, true)) {
        atomic_store(&asked, now);
        return;
    }
    if (now - atomic_load(&asked) < same_request)
        return;
    (void)signal(number, SIG_DFL);
    (void)raise(number); /* arrives when this returns */
}

const atomic_bool *gd_stop_watch(void)
{
    static const int numbers[] = {SIGTERM, SIGUSR1};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)sigaddset(&action.sa_mask, numbers[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)sigaction(numbers[i], &action, NULL);
    return &stop;
}
