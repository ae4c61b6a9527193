/* Whatever becomes of a process that works apart, the caller goes on with a sentence; and it never has more
 * in memory than it may. */
#include "check.h"

#include "base/calls_apart.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

static gd_status refuse(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    (void)request, (void)fd, (void)answer;
    return gd_fail(error, GD_USAGE, "%s", "the file has a fault");
}

static gd_status crash(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    const call_request *q = request;
    (void)fd, (void)answer, (void)error;
    (void)raise(q->number);
    return GD_OK;
}

static gd_status leave(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    (void)request, (void)fd, (void)answer, (void)error;
    _exit(0);
}

static gd_status loop(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    const call_request *q = request;
    (void)fd, (void)answer, (void)error;
    for (volatile int forever = q->number; forever;)
        ;
    return GD_OK;
}

static gd_status say_too_little(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    (void)request, (void)fd, (void)error;
    gd_apart_write(answer, call_answered, sizeof call_answered - 1);
    return GD_OK;
}

static gd_status say_too_much(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    (void)request, (void)fd, (void)error;
    for (int i = 0; i < 100000; i++)
        gd_apart_write(answer, call_answered, sizeof call_answered);
    return GD_OK;
}

static gd_status talk(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    (void)request, (void)fd, (void)answer;
    memset(error->message, 'x', sizeof error->message);
    return GD_USAGE;
}

static void results_and_sentences(void **state)
{
    (void)state;
    gd_error error;
    check_ok(call(call_succeed, 7, &error), error);
    assert_true(call_answered[0] == 7 && call_answered[1] == 1 && call_answered[2] != getpid() &&
                call_answered[3] != getpid());
    assert_int_equal(call(refuse, 0, &error), GD_USAGE);
    assert_string_equal(error.message, "the file has a fault");
    assert_int_equal(call(talk, 0, &error), GD_USAGE);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_int_equal(call(say_too_little, 0, &error), GD_USAGE);
    assert_int_equal(call(say_too_much, 0, &error), GD_USAGE);
    check_ok(call(call_succeed, 8, &error), error);
    assert_int_equal(call_answered[0], 8);
}

static void crashes(void **state)
{
    (void)state;
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGKILL};
    gd_error error;
    (void)signal(SIGSEGV, SIG_IGN); /* what this process does with signals is not that one's */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_int_equal(call(crash, numbers[i], &error), GD_USAGE);
        if (!strstr(error.message, "the file f.h5 is damaged") ||
            !strstr(error.message, strsignal(numbers[i])))
            fail_msg("%s", error.message);
    }
    (void)signal(SIGSEGV, SIG_DFL);
    assert_int_equal(call(leave, 0, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "the library that reads it crashes"));
    (void)signal(SIGCHLD, SIG_IGN); /* nothing to be waited for */
    assert_int_equal(call(crash, SIGSEGV, &error), GD_USAGE);
    assert_non_null(strstr(error.message, strsignal(SIGSEGV)));
    check_ok(call(call_succeed, 3, &error), error);
    (void)signal(SIGCHLD, SIG_DFL);
}

static void endless(void **state)
{
    (void)state;
    gd_error error;
    const time_t start = time(NULL);
    assert_int_equal(call(loop, 1, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "does not end"));
    assert_int_equal(call(call_hang, 0, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "does not end within 0.5 s"));
    assert_true(time(NULL) - start < 60);
}

static void *allocate(void *over)
{
    while (!atomic_load((atomic_bool *)over)) {
        free(malloc(100000));
        free(malloc(100));
    }
    return NULL;
}

/* The process neither inherits a lock that another thread holds, nor its arena. */
static void beside_threads(void **state)
{
    (void)state;
    const call_request q = {.bytes = 1 << 16};
    gd_error error;
    pthread_t thread;
    atomic_bool over = false;
    assert_int_equal(pthread_create(&thread, NULL, allocate, &over), 0);
    for (int i = 0; i < 50; i++) {
        check_ok(call(call_succeed, i, &error), error);
        assert_int_equal(call_answered[0], i);
    }
    if (!sanitized) { /* whose allocator ends the process where there is no memory */
        check_ok(call_within(call_take_all, &q, STDERR_FILENO, 1 << 25, 5, &error), error);
        assert_in_range(call_answered[0], 1 << 14, 1 << 15);
    }
    atomic_store(&over, true);
    pthread_join(thread, NULL);
}

/* Never more in memory than was allowed, and nearly as much: whatever this process has mapped, or has in its
 * heap and does not use, is not that one's. */
static void memory(void **state)
{
    (void)state;
    static const size_t pieces[] = {100, 5000, 1 << 17, 1 << 20};
    enum { FREE = 1 << 14 };
    gd_error error;
    if (sanitized)
        return;
    char **heap = calloc(FREE, sizeof *heap);
    for (int i = 0; i < FREE; i++)
        heap[i] = malloc(1000);
    for (int i = 0; i < FREE - 1; i++)
        free(heap[i]); /* the last keeps the heap as large as it is */
    for (uint64_t mib = 12; mib <= 96; mib *= 2) {
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
            const call_request q = {.bytes = pieces[i]};
            check_ok(call_within(call_take_all, &q, STDERR_FILENO, mib << 20, 5, &error), error);
            if (call_answered[0] > (long)mib << 10 || call_answered[0] < (long)(mib - 8) << 10)
                fail_msg("with %d MiB, in pieces of %zu, it had %ld KiB", (int)mib, pieces[i],
                         call_answered[0]);
        }
    }
    free(heap[FREE - 1]);
    free(heap);
    const call_request q = {.bytes = 1};
    assert_int_equal(call_within(call_take_all, &q, STDERR_FILENO, 1 << 20, 5, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "MiB of memory, and there are 1.00 MiB"));
}

int main(void)
{
    gd_apart_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_and_sentences),
        cmocka_unit_test(crashes),
        cmocka_unit_test(endless),
        cmocka_unit_test(memory),
        cmocka_unit_test(beside_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
