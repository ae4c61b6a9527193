/* Tests leases: one owner of a name at a time, on this host and on others. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(a_second_owner_is_refused),
        in_folder(nobody_is_heard_of_before_the_beginning),
        in_folder(a_name_is_borrowed),
        in_folder(links_and_folders_do_not_hide_the_name),
        in_folder(an_owner_elsewhere_lives_by_its_renewals),
        in_folder(an_old_time_stamp_that_moves_is_alive),
        in_folder(the_same_job_is_waited_for),
        in_folder(what_is_no_lock_is_left_alone),
        in_folder(dropped_by_a_handler),
        in_folder(a_removed_lock_is_a_lost_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
