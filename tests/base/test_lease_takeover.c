/* Tests leases whose owner is gone or sleeps: exactly one other takes its place, and it writes no more. */
#include "base/lease/lease.h"
#include "check.h"
#include "folder.h"
#include "owner.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Its process is gone: what it left is in nobody's way. */
static void a_dead_owner_is_replaced_at_once(void **state)
{
    gd_lease_terms terms = quick_terms();
    owner second;
    (void)state;
    terms.gone = 1000; /* time stamps do not count here */
    const pid_t child = fork();
    if (child == 0) {
        owner first;
        terms.pid = (long)getpid();
        gd_lease_terms_default(&terms);
        const bool owned =
            own(&first, &terms, "a") == GD_OK && gd_target_create(&first.target, true, &first.error) == GD_OK;
        _exit(owned ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(file_count("."), 2); /* its lock, and its part */
    check_ok(own(&second, &terms, "a"), second.error);
    assert_int_equal(file_count("."), 1);
    disown(&second);
    assert_int_equal(file_count("."), 0);
}

/* The process number lives again, in another process. */
static void a_number_used_again_is_no_owner(void **state)
{
    gd_lease_terms terms = quick_terms(), old = terms;
    owner first, second;
    (void)state;
    old.start -= 1;
    check_ok(own(&first, &old, "a"), first.error);
    check_ok(own(&second, &terms, "a"), second.error);
    assert_int_equal(gd_lease_holds(first.lease, &first.target, &first.error), GD_IO);
    assert_non_null(strstr(first.error.message, "another gigadream"));
    disown(&first);
    check_ok(gd_lease_holds(second.lease, &second.target, &second.error), second.error);
    disown(&second);
}

/* A child that owns `a` as if elsewhere, tells so by a pipe, and then writes as often as it may. */
static pid_t start_writer(int *told, const char *text)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        const gd_lease_terms terms = foreign_terms();
        owner o;
        if (own(&o, &terms, "a") != GD_OK || gd_target_create(&o.target, true, &o.error) != GD_OK ||
            write(ends[1], "1", 1) != 1)
            _exit(1);
        gd_status status = gd_target_commit(&o.target, &o.error);
        while (status == GD_OK)
            status = write_text(&o, text, true);
        disown(&o);
        _exit(status == GD_IO ? 0 : 2);
    }
    close(ends[1]);
    *told = ends[0];
    return child;
}

static void one_that_sleeps_ends_without_writing(void **state)
{
    const gd_lease_terms terms = quick_terms();
    owner second;
    char one;
    int told, status;
    (void)state;
    for (int i = 0; i < 5; i++) {
        const pid_t child = start_writer(&told, "old");
        assert_int_equal(read(told, &one, 1), 1);
        usleep(20000 + 3000 * (useconds_t)i);
        assert_int_equal(kill(child, SIGSTOP), 0);
        assert_int_equal(waitpid(child, &status, WUNTRACED), child);
        usleep(600000);
        check_ok(own(&second, &terms, "a"), second.error);
        check_ok(write_text(&second, "new", true), second.error);
        assert_int_equal(kill(child, SIGCONT), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        check_ok(gd_lease_holds(second.lease, &second.target, &second.error), second.error);
        assert_true(has_text("a", "new"));
        disown(&second);
        close(told);
    }
}

/* Children who start at once; how many own it while all of them are there. */
static int count_winners(int children, const gd_lease_terms *terms)
{
    int start[2], won[2], done[2];
    char word;
    assert_int_equal(pipe(start) + pipe(won) + pipe(done), 0);
    for (int i = 0; i < children; i++) {
        if (fork() != 0)
            continue;
        owner o;
        gd_lease_terms mine = *terms;
        mine.pid = (long)getpid();
        gd_lease_terms own_process;
        gd_lease_terms_default(&own_process);
        mine.start = own_process.start;
        close(start[1]);
        close(done[1]);
        const bool started = read(start[0], &word, 1) == 0;
        const char said = started && own(&o, &mine, "a") == GD_OK ? '1' : '0';
        const bool told = write(won[1], &said, 1) == 1 && read(done[0], &word, 1) == 0;
        disown(&o);
        _exit(told ? 0 : 1);
    }
    int winners = 0, status;
    close(start[1]);
    for (int i = 0; i < children; i++) {
        assert_int_equal(read(won[0], &word, 1), 1);
        winners += word == '1';
    }
    close(done[1]);
    for (int i = 0; i < children; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    close(start[0]);
    close(won[0]);
    close(won[1]);
    close(done[0]);
    return winners;
}

static void of_many_at_once_one_wins(void **state)
{
    const gd_lease_terms terms = quick_terms();
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(count_winners(4, &terms), 1);
    assert_int_equal(file_count("."), 0);
}

static void one_takes_a_dead_owners_place(void **state)
{
    const gd_lease_terms terms = quick_terms();
    (void)state;
    for (int i = 0; i < 60; i++) {
        put_text(".a.gigadream-lock",
                 "gigadream lock 1\ntoken 0123456789abcdef0123456789abcdef\nhost h\nplace p\npid 1\nstart 1\n"
                 "began 1\njob -\nend\n");
        const struct timespec old[2] = {{1000, 0}, {1000, 0}};
        assert_int_equal(utimensat(AT_FDCWD, ".a.gigadream-lock", old, 0), 0);
        assert_int_equal(count_winners(4, &terms), 1);
    }
    assert_int_equal(file_count("."), 0);
}

/* Someone died amid a takeover: people decide. */
static void a_guard_that_is_left_is_named(void **state)
{
    gd_lease_terms terms = quick_terms(), old = terms;
    owner first, second;
    (void)state;
    old.start -= 1;
    check_ok(own(&first, &old, "a"), first.error);
    put_text(".a.gigadream-takeover", "");
    assert_int_equal(own(&second, &terms, "a"), GD_USAGE);
    assert_non_null(strstr(second.error.message, ".a.gigadream-takeover"));
    disown(&second);
    disown(&first);
    assert_int_equal(file_count("."), 2); /* its lock stays, too: it may be another's by now */
}

static void add_sentence(void *context, const char *sentence)
{
    strcat(strcat(context, sentence), "\n");
}

/* A wait that people would wonder about is told once. */
static void a_guard_that_is_left_is_told_of(void **state)
{
    gd_lease_terms terms = quick_terms(), old = terms;
    char told[1024] = "";
    owner first, second;
    (void)state;
    old.start -= 1;
    terms.gone = 2.4;
    terms.waiting = add_sentence;
    terms.context = told;
    check_ok(own(&first, &old, "a"), first.error);
    put_text(".a.gigadream-takeover", "");
    assert_int_equal(own(&second, &terms, "a"), GD_USAGE);
    assert_string_equal(told, "a: another gigadream is taking it over, or has died while it did "
                              "(.a.gigadream-takeover); waiting for 2 s at most\n");
    disown(&second);
    disown(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(a_dead_owner_is_replaced_at_once),     in_folder(a_number_used_again_is_no_owner),
        in_folder(one_that_sleeps_ends_without_writing), in_folder(of_many_at_once_one_wins),
        in_folder(one_takes_a_dead_owners_place),        in_folder(a_guard_that_is_left_is_named),
        in_folder(a_guard_that_is_left_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
