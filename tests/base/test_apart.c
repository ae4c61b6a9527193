/* Whatever becomes of the process that works apart, this one goes on with a sentence. */
#include "check.h"

#include "base/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int *shared; /* [4] */

static gd_status succeed(void *context, gd_error *error)
{
    (void)error;
    shared[0] = *(int *)context;
    *(int *)context = 5; /* not seen */
    return GD_OK;
}

static gd_status refuse(void *context, gd_error *error)
{
    (void)context;
    return gd_fail(error, GD_USAGE, "%s", "the file has a fault");
}

static gd_status crash(void *context, gd_error *error)
{
    (void)error;
    (void)raise(*(int *)context);
    return GD_OK;
}

static gd_status leave(void *context, gd_error *error)
{
    (void)context;
    (void)error;
    _exit(0);
}

static gd_status loop(void *context, gd_error *error)
{
    (void)error;
    for (volatile int *forever = context; *forever;)
        ;
    return GD_OK;
}

static gd_status hang(void *context, gd_error *error)
{
    (void)context;
    (void)error;
    while (pause() != 0)
        ;
    return GD_OK;
}

static gd_status take_memory(void *context, gd_error *error)
{
    void *small = malloc(1 << 20), *large = malloc(*(size_t *)context);
    shared[1] = small != NULL;
    const bool got = large != NULL;
    free(small);
    free(large);
    return got ? GD_OK : gd_fail(error, GD_USAGE, "no memory");
}

static gd_status look(void *context, gd_error *error)
{
    (void)error;
    const int *fds = context;
    shared[1] = fcntl(fds[0], F_GETFD) >= 0;
    shared[2] = fcntl(fds[1], F_GETFD) >= 0;
    (void)raise(SIGTERM); /* of a job that ends: for the one that waits */
    (void)raise(SIGINT);
    shared[3] = 1;
    return GD_OK;
}

static gd_status talk(void *context, gd_error *error)
{
    (void)context;
    memset(error->message, 'x', sizeof error->message);
    return GD_USAGE;
}

static gd_status run(gd_apart_work *work, void *context, gd_error *error)
{
    const gd_apart apart = {.what = "the file f.h5", .fd = STDIN_FILENO, .memory = 1 << 28, .seconds = 0.5};
    error->message[0] = '\0';
    return gd_apart_run(&apart, work, context, error);
}

static void results_and_sentences(void **state)
{
    (void)state;
    gd_error error;
    int value = 7;
    check_ok(run(succeed, &value, &error), error);
    assert_true(shared[0] == 7 && value == 7);
    assert_int_equal(run(refuse, NULL, &error), GD_USAGE);
    assert_string_equal(error.message, "the file has a fault");
    assert_int_equal(run(talk, NULL, &error), GD_USAGE);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

static void crashes(void **state)
{
    (void)state;
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGKILL};
    gd_error error;
    (void)signal(SIGSEGV, SIG_IGN); /* what this process does with signals is not that one's */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int number = numbers[i];
        assert_int_equal(run(crash, &number, &error), GD_USAGE);
        if (!strstr(error.message, "the file f.h5 is damaged") || !strstr(error.message, strsignal(number)))
            fail_msg("%s", error.message);
    }
    (void)signal(SIGSEGV, SIG_DFL);
    assert_int_equal(run(leave, NULL, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "the library that reads it crashes"));
    (void)signal(SIGCHLD, SIG_IGN); /* nothing to be waited for */
    int number = SIGSEGV, value = 3;
    assert_int_equal(run(crash, &number, &error), GD_USAGE);
    check_ok(run(succeed, &value, &error), error);
    (void)signal(SIGCHLD, SIG_DFL);
}

static void endless(void **state)
{
    (void)state;
    gd_error error;
    int forever = 1;
    const time_t start = time(NULL);
    assert_int_equal(run(loop, &forever, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "does not end"));
    assert_int_equal(run(hang, NULL, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "does not end within 0.5 s"));
    assert_true(time(NULL) - start < 60);
}

static void memory(void **state)
{
    (void)state;
    gd_error error;
    size_t bytes = (size_t)1 << 30;
#ifdef __SANITIZE_ADDRESS__
    return; /* its allocator ends the process instead */
#endif
    assert_int_equal(run(take_memory, &bytes, &error), GD_USAGE);
    assert_string_equal(error.message, "no memory");
    assert_int_equal(shared[1], 1);
    bytes = 1 << 27;
    check_ok(run(take_memory, &bytes, &error), error);
    void *here = malloc((size_t)1 << 30); /* which has no such limit */
    assert_non_null(here);
    free(here);
}

static void surroundings(void **state)
{
    (void)state;
    gd_error error;
    int fds[2] = {open("/dev/null", O_RDONLY), open("/dev/null", O_RDONLY)};
    const gd_apart apart = {.what = "x", .fd = fds[0], .memory = 1 << 28, .seconds = 5};
    check_ok(gd_apart_run(&apart, look, fds, &error), error);
    assert_true(shared[1] == 1 && shared[2] == 0 && shared[3] == 1);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_and_sentences),
        cmocka_unit_test(crashes),
        cmocka_unit_test(endless),
        cmocka_unit_test(memory),
        cmocka_unit_test(surroundings),
    };
    shared = gd_apart_allocate(4 * sizeof *shared);
    if (!shared)
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gd_apart_free(shared, 4 * sizeof *shared);
    return failed;
}
