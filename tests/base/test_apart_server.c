/* The server behind what works apart holds nothing, shows nothing and stays nowhere, however the program was
 * started and ends. */
#include "check.h"

#include "base/calls_apart.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void surroundings(void **state)
{
    (void)state;
    gd_error error;
    const int file = open("/dev/null", O_RDONLY), other = open("/dev/null", O_RDONLY);
    const int far = fcntl(other, F_DUPFD, 500);
    const call_request q = {.number = far};
    check_ok(call_within(call_look, &q, file, 1 << 28, 5, &error), error);
    assert_true(call_answered[0] == 1 && call_answered[1] == 0 && call_answered[3] == 1);
    assert_int_equal(call_answered[2],
                     3 + 3); /* standard ones; the file, the answer, and what tells of its end */
    close(file);
    close(other);
    close(far);
}

/* Runs a test in a process of its own, which has no server yet. Returns what waitpid tells. */
static pid_t start_program(int (*program)(int), int argument)
{
    const pid_t process = fork();
    if (process == 0) {
        gd_apart_stop();
        _exit(program(argument));
    }
    return process;
}

static int run_program(int (*program)(int), int argument)
{
    int how = -1;
    const pid_t process = start_program(program, argument);
    while (waitpid(process, &how, 0) < 0 && errno == EINTR)
        ;
    return how;
}

static bool works(int number)
{
    gd_error error;
    return call(call_succeed, number, &error) == GD_OK && call_answered[0] == number;
}

/* Numbers of the standard descriptors are free, and none of our own takes them. */
static int without_standard(int unused)
{
    (void)unused;
    for (int i = 0; i <= STDERR_FILENO; i++)
        close(i);
    gd_apart_start();
    for (int i = 0; i <= STDERR_FILENO; i++)
        if (fcntl(i, F_GETFD) >= 0)
            return 1;
    gd_error error;
    const call_request q = {.number = 5};
    const int file = open("/dev/null", O_RDONLY);
    return call_within(call_succeed, &q, file, 1 << 28, 5, &error) == GD_OK && call_answered[1] == 1 ? 0 : 2;
}

static int in_a_group(int number)
{
    if (setpgid(0, 0) != 0)
        return 1;
    gd_apart_start();
    (void)signal(number, SIG_IGN);
    if (kill(0, number) != 0)
        return 2;
    return works(5) ? 0 : 3;
}

static int with_little_space(int unused)
{
    (void)unused;
    const struct rlimit limit = {(rlim_t)1 << 30, (rlim_t)1 << 30};
#ifndef __SANITIZE_ADDRESS__ /* which needs terabytes */
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        return 1;
#endif
    gd_apart_start();
    return works(6) ? 0 : 2;
}

static int with_a_killed_server(int unused)
{
    gd_error error;
    (void)unused;
    if (call(call_succeed, 1, &error) != GD_INTERNAL) /* there is none */
        return 1;
    gd_apart_start();
    if (!works(5) || kill((pid_t)call_answered[3], SIGKILL) != 0)
        return 2;
    if (call(call_succeed, 1, &error) != GD_MEMORY || !strstr(error.message, "ended from outside"))
        return 3;
    gd_apart_stop();
    gd_apart_start();
    if (!works(6))
        return 4;
    gd_apart_stop();
    return waitpid(-1, NULL, 0) < 0 && errno == ECHILD ? 0 : 5; /* no zombie is left */
}

static void programs(void **state)
{
    (void)state;
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGTSTP};
    assert_int_equal(run_program(without_standard, 0), 0);
    assert_int_equal(run_program(with_little_space, 0), 0);
    assert_int_equal(run_program(with_a_killed_server, 0), 0);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_int_equal(run_program(in_a_group, numbers[i]), 0);
}

/* Closes the pipe that it got, as a program's output is closed, and waits. */
static int close_and_wait(int pipe)
{
    gd_apart_start();
    close(pipe);
    (void)pause();
    return 0;
}

static int hang_on(int pipe)
{
    gd_error error;
    const call_request q = {0};
    gd_apart_start();
    return (int)call_within(call_hang, &q, pipe, 1 << 28, 100, &error);
}

/* Seconds until nobody holds the other end. */
static double time_to_end(int fd)
{
    struct timespec begin, end;
    char byte;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    while (read(fd, &byte, 1) < 0 && errno == EINTR)
        ;
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
}

/* The server holds no pipe that was open at its start. It and the process that works end when the program is
 * killed: all of them are then children of this one. */
static void holds_nothing_and_ends(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    gd_apart_stop();
    (void)alarm(60);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(ends), 0);
        const pid_t program = start_program(i == 0 ? close_and_wait : hang_on, ends[1]);
        close(ends[1]);
        if (i > 0)
            (void)usleep(300000); /* until the work hangs; ended before, it ends all the more */
        if (i > 0)
            (void)kill(program, SIGKILL);
        assert_true(time_to_end(ends[0]) < 10);
        (void)kill(program, SIGKILL);
        while (waitpid(-1, NULL, 0) > 0 || errno != ECHILD)
            ;
        close(ends[0]);
    }
    (void)alarm(0);
    gd_apart_start();
}

int main(void)
{
    gd_apart_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(surroundings),
        cmocka_unit_test(programs),
        cmocka_unit_test(holds_nothing_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
