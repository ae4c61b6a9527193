/* Prints a last sentence when a library crashes or ends the process. */
#include "cli/guard.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int watched[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};
enum { WATCHED = sizeof watched / sizeof *watched };

/* Signal handlers take no context, so their state is global to the process. */
static char who[128];
static volatile sig_atomic_t armed;
static struct sigaction before[WATCHED]; /* the previous handlers: MPI's print a backtrace */

static void say(const char *text)
{
    const ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* stderr may be closed */
}

static void tell(const char *cause)
{
    say(who);
    say(cause);
    say("; if memory is short, use a smaller -ts, or fewer ranks on a host\n");
}

/* Uses async-signal-safe calls only: no stdio, no allocation. A fault recurs on return and then reaches the
 * previous handler; a signal that was sent must be raised again. */
static void on_crash(int number, siginfo_t *info, void *context)
{
    (void)context;
    for (int i = 0; i < WATCHED; i++)
        if (watched[i] == number)
            (void)sigaction(number, &before[i], NULL);
    if (armed) {
        armed = 0;
        tell(number == SIGABRT   ? "a library gave up (signal 6, abort)"
             : number == SIGBUS  ? "crashed (signal 7, bus error)"
             : number == SIGSEGV ? "crashed (signal 11, segmentation fault)"
                                 : "crashed (signal 4 or 8)");
    }
    if (info->si_code <= 0)
        (void)raise(number);
}

static void on_exit_call(void)
{
    if (armed) {
        armed = 0;
        tell("a library ended the program during its work");
    }
}

void gd_guard_file_sizes(void)
{
    (void)signal(SIGXFSZ, SIG_IGN);
}

void gd_guard_arm(int32_t rank, const char *host)
{
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO};
    snprintf(who, sizeof who, "gigadream: rank %d on %.80s: ", rank, host);
    armed = 1;
    for (int i = 0; i < WATCHED; i++)
        (void)sigaction(watched[i], &action, &before[i]);
    (void)atexit(on_exit_call); /* if this fails, only the message is missing */
}

void gd_guard_release(void)
{
    armed = 0;
}
