/* Prints a last sentence when a library crashes or ends the process. */
#include "cli/guard.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int watched[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};
enum { WATCHED = sizeof watched / sizeof *watched };

/* Handlers take no context, so what they need is the process's. */
static char who[128];
static volatile sig_atomic_t armed;
static struct sigaction before[WATCHED]; /* MPI's, which prints where it was */

static void say(const char *text)
{
    const ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* stderr is gone, too */
}

static void tell(const char *cause)
{
    say(who);
    say(cause);
    say("; where memory is short, use a smaller -ts, or fewer ranks on a host\n");
}

/* Only what is safe in a handler: no stdio, no memory. A fault happens again on return, now for the handler
 * before; a signal that was sent does not. */
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
        tell("a library ended the program in the midst of its work");
    }
}

void gd_guard_arm(int32_t rank, const char *host)
{
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO};
    snprintf(who, sizeof who, "gigadream: rank %d on %.80s: ", rank, host);
    armed = 1;
    for (int i = 0; i < WATCHED; i++)
        (void)sigaction(watched[i], &action, &before[i]);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    (void)atexit(on_exit_call);     /* without it, only the sentence would be missing */
}

void gd_guard_release(void)
{
    armed = 0;
}
