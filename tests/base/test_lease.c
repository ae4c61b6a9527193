/* Tests leases: one owner of a name at a time, on this host and on others, and locks left behind. */
#include "base/lease/lease.h"
#include "base/target_resolve.h"
#include "check.h"
#include "folder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Short times, so that the tests are short. */
static gd_lease_terms quick_terms(void)
{
    gd_lease_terms terms;
    gd_lease_terms_default(&terms);
    terms.renew = 0.05;
    terms.gone = 0.5;
    terms.patience = 5;
    return terms;
}

/* As if it ran on another host. */
static gd_lease_terms foreign_terms(void)
{
    gd_lease_terms terms = quick_terms();
    strcpy(terms.host, "elsewhere");
    strcpy(terms.place, "another kernel");
    return terms;
}

static gd_target resolved(const char *path)
{
    gd_error error = {""};
    gd_target target;
    check_ok(gd_target_resolve(path, GD_TARGET_FOLLOW, &target, &error), error);
    return target;
}

/* An owner of its file, or NULL with the sentence. */
typedef struct owner {
    gd_lease *lease;
    gd_target target;
    gd_error error;
} owner;

static gd_status own(owner *o, const gd_lease_terms *terms, const char *path)
{
    *o = (owner){.error = {""}};
    o->target = resolved(path);
    check_ok(gd_lease_create(terms, &o->lease, &o->error), o->error);
    return gd_lease_take(o->lease, &o->target, &o->error);
}

static void disown(owner *o)
{
    gd_target_release(&o->target);
    gd_lease_free(o->lease);
}

static gd_status write_text(owner *o, const char *text, bool named)
{
    gd_status status = gd_target_create(&o->target, named, &o->error);
    if (status == GD_OK && write(o->target.fd, text, strlen(text)) != (ssize_t)strlen(text))
        status = GD_IO;
    return status == GD_OK ? gd_target_commit(&o->target, &o->error) : status;
}

static void a_second_owner_is_refused(void **state)
{
    const gd_lease_terms terms = quick_terms();
    owner first, second;
    char pid[32];
    (void)state;
    check_ok(own(&first, &terms, "a"), first.error);
    assert_int_equal(own(&second, &terms, "a"), GD_USAGE);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(second.error.message, pid));
    assert_non_null(strstr(second.error.message, terms.host));
    assert_non_null(strstr(second.error.message, "ago"));
    disown(&second);
    check_ok(gd_lease_holds(first.lease, &first.target, &first.error), first.error);
    check_ok(write_text(&first, "text", false), first.error);
    disown(&first);
    assert_int_equal(file_count("."), 1);
    check_ok(own(&second, &terms, "a"), second.error);
    disown(&second);
}

/* Whatever is said of the beginning, by this host's clock, is not after what the disk's clock says. */
static void nobody_is_heard_of_before_the_beginning(void **state)
{
    const gd_lease_terms terms = foreign_terms();
    struct timespec then[2] = {{.tv_nsec = UTIME_OMIT}};
    owner first, second;
    (void)state;
    gd_lease_terms lasting = quick_terms();
    lasting.renew = 1000;
    lasting.gone = 1000;
    check_ok(own(&first, &lasting, "a"), first.error);
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &then[1]), 0);
    then[1].tv_sec -= 100;
    assert_int_equal(utimensat(AT_FDCWD, ".a.gigadream-lock", then, 0), 0);
    lasting.patience = 0;
    memcpy(lasting.place, terms.place, sizeof lasting.place);
    assert_int_equal(own(&second, &lasting, "a"), GD_USAGE);
    assert_non_null(strstr(second.error.message, "begun 100 s ago and last heard of 100 s ago"));
    disown(&second);
    disown(&first);
}

/* For one write: refused where another lives, and given back alone. */
static void a_name_is_borrowed(void **state)
{
    const gd_lease_terms terms = quick_terms();
    gd_lease_terms patient = terms;
    patient.restarted = true;
    patient.patience = 1000;
    owner first, second;
    (void)state;
    check_ok(own(&first, &terms, "b"), first.error);
    check_ok(own(&second, &patient, "a"), second.error);
    gd_target name = resolved("b");
    assert_int_equal(gd_lease_borrow(second.lease, &name, &second.error), GD_USAGE);
    gd_lease_return(&name);
    check_ok(gd_lease_holds(first.lease, &first.target, &first.error), first.error);
    disown(&first);
    check_ok(gd_lease_borrow(second.lease, &name, &second.error), second.error);
    assert_int_equal(own(&first, &terms, "b"), GD_USAGE);
    disown(&first);
    gd_lease_return(&name);
    check_ok(own(&first, &terms, "b"), first.error);
    gd_target_release(&name);
    check_ok(gd_lease_holds(second.lease, &second.target, &second.error), second.error);
    disown(&first);
    disown(&second);
}

static void links_and_folders_do_not_hide_the_name(void **state)
{
    const gd_lease_terms terms = quick_terms();
    owner first, second;
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(symlink("folder/b", "a"), 0);
    check_ok(own(&first, &terms, "a"), first.error);
    assert_int_equal(own(&second, &terms, "folder/../folder/b"), GD_USAGE);
    disown(&second);
    disown(&first);
}

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

/* On another host it is its renewals that count, and they go on while it does something else. */
static void an_owner_elsewhere_lives_by_its_renewals(void **state)
{
    const gd_lease_terms here = quick_terms(), there = foreign_terms();
    owner first, second;
    (void)state;
    check_ok(own(&first, &there, "a"), first.error);
    usleep(1000000);
    assert_int_equal(own(&second, &here, "a"), GD_USAGE);
    assert_non_null(strstr(second.error.message, "elsewhere"));
    disown(&second);
    disown(&first);
}

/* The local clock does not count, and neither does a time stamp that moves. */
static void an_old_time_stamp_that_moves_is_alive(void **state)
{
    const gd_lease_terms here = quick_terms();
    gd_lease_terms there = foreign_terms();
    owner first, second;
    struct timespec old[2] = {{1000, 0}, {1000, 0}};
    (void)state;
    there.renew = 1000; /* the test renews it */
    check_ok(own(&first, &there, "a"), first.error);
    const pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 200; i++, usleep(10000)) {
            old[1].tv_nsec += 1000;
            if (utimensat(AT_FDCWD, ".a.gigadream-lock", old, 0) != 0)
                _exit(1);
        }
        _exit(0);
    }
    usleep(50000);
    assert_int_equal(own(&second, &here, "a"), GD_USAGE);
    disown(&second);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    check_ok(own(&second, &here, "a"), second.error);
    disown(&second);
    disown(&first);
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

static void tell(void *context, const char *sentence)
{
    int *told = context;
    *told += strstr(sentence, "is being written") != NULL;
}

/* The old task of a job that was started again may need a while to end. */
static void the_same_job_is_waited_for(void **state)
{
    gd_lease_terms terms = quick_terms();
    owner first, second;
    int told = 0, status;
    (void)state;
    strcpy(terms.job, "17");
    terms.waiting = tell;
    terms.context = &told;
    check_ok(own(&first, &terms, "a"), first.error);
    const pid_t child = fork();
    if (child == 0) {
        const bool owned = own(&second, &terms, "a") == GD_OK && told == 1;
        disown(&second);
        _exit(owned ? 0 : 1);
    }
    usleep(300000);
    disown(&first);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    terms.patience = 0.3;
    check_ok(own(&first, &terms, "a"), first.error);
    assert_int_equal(own(&second, &terms, "a"), GD_USAGE);
    disown(&second);
    strcpy(terms.job, "18");
    terms.patience = 1000;
    assert_int_equal(own(&second, &terms, "a"), GD_USAGE);
    disown(&second);
    disown(&first);
}

static void what_is_no_lock_is_left_alone(void **state)
{
    const gd_lease_terms terms = quick_terms();
    owner o;
    (void)state;
    put_text(".a.gigadream-lock", "mine");
    assert_int_equal(own(&o, &terms, "a"), GD_USAGE);
    assert_non_null(strstr(o.error.message, ".a.gigadream-lock"));
    disown(&o);
    assert_true(has_text(".a.gigadream-lock", "mine"));
    assert_int_equal(unlink(".a.gigadream-lock") + symlink("/etc/passwd", ".a.gigadream-lock"), 0);
    assert_int_equal(own(&o, &terms, "a"), GD_USAGE);
    disown(&o);
    assert_int_equal(file_count("."), 1);
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

/* Before a signal ends the process: what is still ours goes, what was taken over stays. */
static void dropped_by_a_handler(void **state)
{
    const gd_lease_terms terms = quick_terms();
    owner o;
    (void)state;
    check_ok(own(&o, &terms, "a"), o.error);
    gd_target other = resolved("b");
    check_ok(gd_lease_take(o.lease, &other, &o.error), o.error);
    assert_int_equal(rename(".b.gigadream-lock", "kept"), 0);
    put_text(".b.gigadream-lock", "another's");
    gd_lease_release_in_signal(o.lease);
    assert_int_equal(access(".a.gigadream-lock", F_OK), -1);
    assert_true(has_text(".b.gigadream-lock", "another's"));
    gd_target_release(&other);
    disown(&o);
    assert_true(has_text(".b.gigadream-lock", "another's"));
}

static void a_removed_lock_is_a_lost_one(void **state)
{
    const gd_lease_terms terms = quick_terms();
    owner o;
    (void)state;
    check_ok(own(&o, &terms, "a"), o.error);
    check_ok(gd_target_create(&o.target, true, &o.error), o.error);
    assert_int_equal(unlink(".a.gigadream-lock"), 0);
    assert_int_equal(gd_target_commit(&o.target, &o.error), GD_IO);
    assert_int_equal(gd_target_remove(&o.target, &o.error), GD_IO);
    disown(&o);
    assert_int_equal(access("a", F_OK), -1);
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, folder_enter, folder_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(a_second_owner_is_refused),
        in_folder(nobody_is_heard_of_before_the_beginning),
        in_folder(a_name_is_borrowed),
        in_folder(links_and_folders_do_not_hide_the_name),
        in_folder(a_dead_owner_is_replaced_at_once),
        in_folder(a_number_used_again_is_no_owner),
        in_folder(an_owner_elsewhere_lives_by_its_renewals),
        in_folder(an_old_time_stamp_that_moves_is_alive),
        in_folder(one_that_sleeps_ends_without_writing),
        in_folder(of_many_at_once_one_wins),
        in_folder(one_takes_a_dead_owners_place),
        in_folder(the_same_job_is_waited_for),
        in_folder(what_is_no_lock_is_left_alone),
        in_folder(a_guard_that_is_left_is_named),
        in_folder(a_guard_that_is_left_is_told_of),
        in_folder(dropped_by_a_handler),
        in_folder(a_removed_lock_is_a_lost_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
