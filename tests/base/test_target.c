/* Tests targets: how their names are resolved, and that a file is replaced whole or not at all. */
#include "base/target.h"
#include "base/target_resolve.h"
#include "check.h"
#include "folder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Stands before the C library's: what a kill finds while the last bytes go to the disk. */
static bool dies_in_fsync;

int fsync(int fd)
{
    if (dies_in_fsync)
        raise(SIGKILL);
    return (int)syscall(SYS_fsync, fd);
}

static gd_target resolved(const char *path, gd_target_links links)
{
    gd_error error = {""};
    gd_target target;
    check_ok(gd_target_resolve(path, links, &target, &error), error);
    return target;
}

static void check_unresolved(const char *path, gd_target_links links, const char *words)
{
    gd_error error = {""};
    gd_target target;
    assert_int_equal(gd_target_resolve(path, links, &target, &error), GD_USAGE);
    if (!strstr(error.message, words))
        fail_msg("%s: %s", words, error.message);
    gd_target_release(&target);
}

static void write_over(const char *path, gd_target_links links, const char *text, bool named)
{
    gd_error error = {""};
    gd_target target = resolved(path, links);
    check_ok(gd_target_check(&target, &error), error);
    check_ok(gd_target_create(&target, named, &error), error);
    assert_int_equal(write(target.fd, text, strlen(text)), (ssize_t)strlen(text));
    check_ok(gd_target_commit(&target, &error), error);
    gd_target_release(&target);
    assert_true(has_text(path, text));
}

static void names_are_resolved_once(void **state)
{
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(symlink("folder/../missing", "link"), 0);
    gd_target target = resolved("link", GD_TARGET_FOLLOW);
    assert_string_equal(target.name, "missing");
    assert_int_equal(target.real[0], '/');
    assert_null(strstr(target.real, ".."));
    /* Another folder under the same name changes nothing. */
    assert_int_equal(unlink("link"), 0);
    assert_int_equal(symlink("/etc/passwd", "link"), 0);
    gd_error error = {""};
    check_ok(gd_target_create(&target, false, &error), error);
    check_ok(gd_target_commit(&target, &error), error);
    assert_true(has_text("missing", ""));
    gd_target_release(&target);
}

static void links_that_dangle_are_followed(void **state)
{
    char said[64] = "";
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(symlink("folder/b", "a"), 0);
    assert_int_equal(symlink("c", "folder/b"), 0);
    write_over("a", GD_TARGET_FOLLOW, "new", false);
    assert_true(has_text("folder/c", "new"));
    assert_int_equal(readlink("a", said, sizeof said), (int)strlen("folder/b"));
    write_over("a", GD_TARGET_FOLLOW, "newer", true);
    assert_true(has_text("folder/c", "newer"));
    assert_int_equal(file_count("folder"), 2);
}

static void what_cannot_be_a_name_is_told(void **state)
{
    char longest[300];
    (void)state;
    assert_int_equal(symlink("b", "a"), 0);
    assert_int_equal(symlink("a", "b"), 0);
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    check_unresolved("a", GD_TARGET_FOLLOW, "links to itself");
    check_unresolved("a", GD_TARGET_PLAIN, "is a link");
    check_unresolved("missing/name", GD_TARGET_FOLLOW, "does not exist");
    check_unresolved("name/", GD_TARGET_FOLLOW, "does not exist");
    check_unresolved("./", GD_TARGET_FOLLOW, "is a folder");
    check_unresolved("..", GD_TARGET_FOLLOW, "is a folder");
    check_unresolved(longest, GD_TARGET_FOLLOW, "is no name");
}

/* What waits beside a file has no name. */
static void a_spill_has_no_name(void **state)
{
    (void)state;
    gd_target target = resolved("a", GD_TARGET_FOLLOW);
    const int fd = gd_target_spill(&target);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "text", 4), 4);
    assert_int_equal(file_count("."), 0);
    close(fd);
    gd_target_release(&target);
}

/* The longest name still has its temporary one. */
static void long_names_are_written(void **state)
{
    char longest[256];
    (void)state;
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    write_over(longest, GD_TARGET_FOLLOW, "text", true);
}

static void a_sibling_is_of_the_same_lease(void **state)
{
    gd_error error = {""};
    gd_target sibling;
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    gd_target target = resolved("folder/frame_", GD_TARGET_FOLLOW);
    check_ok(gd_target_sibling(&target, "folder/frame_1.png", &sibling, &error), error);
    gd_target_release(&target);
    assert_string_equal(sibling.name, "frame_1.png");
    assert_string_equal(sibling.owned, "frame_");
    check_ok(gd_target_create(&sibling, true, &error), error);
    check_ok(gd_target_commit(&sibling, &error), error);
    assert_true(has_text("folder/frame_1.png", ""));
    gd_target_release(&sibling);
}

static void what_is_no_file_stays(void **state)
{
    gd_error error = {""};
    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    gd_target target = resolved("pipe", GD_TARGET_FOLLOW);
    assert_int_equal(gd_target_check(&target, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "is a pipe"));
    int fd = 7;
    assert_int_equal(gd_target_open(&target, "name a log", &fd, &error), GD_USAGE);
    assert_int_equal(fd, -1);
    gd_target_release(&target);
}

static void old_files_are_opened_and_removed(void **state)
{
    gd_error error = {""};
    struct stat about;
    int fd = -1;
    (void)state;
    gd_target target = resolved("a", GD_TARGET_PLAIN);
    check_ok(gd_target_open(&target, "name a log", &fd, &error), error);
    assert_int_equal(fd, -1);
    assert_false(gd_target_stat(&target, &about));
    put_text("a", "old");
    check_ok(gd_target_open(&target, "name a log", &fd, &error), error);
    assert_true(fd >= 0);
    close(fd);
    check_ok(gd_target_remove(&target, &error), error);
    check_ok(gd_target_remove(&target, &error), error);
    assert_false(gd_target_stat(&target, &about));
    /* A link that came later is not followed. */
    put_text("other", "other");
    assert_int_equal(symlink("other", "a"), 0);
    assert_int_equal(gd_target_open(&target, "name a log", &fd, &error), GD_USAGE);
    gd_target_release(&target);
}

static void the_old_mode_stays(void **state)
{
    struct stat about;
    (void)state;
    umask(022);
    put_text("a", "old");
    assert_int_equal(chmod("a", 0600), 0);
    for (int named = 0; named < 2; named++) {
        write_over("a", GD_TARGET_FOLLOW, "new", named);
        assert_int_equal(stat("a", &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
    }
    write_over("b", GD_TARGET_FOLLOW, "new", false);
    assert_int_equal(stat("b", &about), 0);
    assert_int_equal(about.st_mode & 0777, 0644);
}

static void a_discarded_file_leaves_nothing(void **state)
{
    gd_error error = {""};
    char part[512];
    (void)state;
    for (int named = 0; named < 2; named++) {
        gd_target target = resolved("a", GD_TARGET_FOLLOW);
        check_ok(gd_target_create(&target, named, &error), error);
        if (named) {
            assert_true(gd_target_part_path(&target, part, sizeof part));
            assert_int_equal(access(part, F_OK), 0);
        }
        gd_target_release(&target);
        assert_int_equal(file_count("."), 0);
    }
}

static void a_kill_in_the_last_fsync_leaves_nothing(void **state)
{
    gd_error error = {""};
    gd_target target = resolved("a", GD_TARGET_FOLLOW);
    int status;
    (void)state;
    check_ok(gd_target_create(&target, false, &error), error);
    if (target.named)
        skip(); /* a file system without nameless files */
    gd_target_discard(&target);
    const pid_t child = fork();
    if (child == 0) {
        dies_in_fsync = true;
        if (gd_target_create(&target, false, &error) == GD_OK)
            (void)!gd_target_commit(&target, &error);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(file_count("."), 0);
    gd_target_release(&target);
}

/* Another user's file stands in the way by then. */
static void a_refused_name_keeps_the_file(void **state)
{
    gd_error error = {""};
    (void)state;
    for (int named = 0; named < 2; named++) {
        gd_target target = resolved("a", GD_TARGET_FOLLOW);
        check_ok(gd_target_create(&target, named, &error), error);
        assert_int_equal(write(target.fd, "whole", 5), 5);
        assert_int_equal(mkdir("a", 0700), 0);
        put_text("a/b", "");
        assert_int_equal(gd_target_commit(&target, &error), GD_IO);
        assert_non_null(strstr(error.message, target.part));
        assert_true(has_text(target.part, "whole"));
        gd_target_release(&target);
        assert_int_equal(file_count("."), 2 + named);
        assert_int_equal(unlink("a/b") + rmdir("a"), 0);
    }
}

static gd_status write_on(gd_target *target, const char *text, gd_error *error)
{
    check_ok(gd_target_create(target, false, error), *error);
    assert_int_equal(write(target->fd, text, strlen(text)), (ssize_t)strlen(text));
    return gd_target_commit(target, error);
}

static bool begins_with_m(int fd)
{
    char first = 0;
    return pread(fd, &first, 1, 0) == 1 && first == 'm';
}

/* Of a brief file nothing is left where its name is refused. */
static void what_is_brief_goes(void **state)
{
    gd_error error = {""};
    (void)state;
    gd_target target = resolved("a", GD_TARGET_FOLLOW);
    target.brief = true;
    gd_target_guard(&target, gd_target_snapshot(&target), NULL);
    put_text("a", "theirs");
    assert_int_equal(write_on(&target, "small", &error), GD_IO);
    assert_non_null(strstr(error.message, "appeared since the start, and is kept"));
    assert_null(strstr(error.message, "kept as"));
    assert_true(has_text("a", "theirs"));
    assert_int_equal(access(target.part, F_OK), -1);
    gd_target_release(&target);
    assert_int_equal(unlink("a"), 0);
}

/* What came under a guarded name stays, and so does the new file; what was there, or came from here, is
 * replaced as often as it is written. */
static void what_came_since_stays(void **state)
{
    gd_error error = {""};
    (void)state;
    for (int old = 0; old < 2; old++) {
        gd_target target = resolved("a", GD_TARGET_FOLLOW);
        if (old)
            put_text("a", "old");
        gd_target_guard(&target, gd_target_snapshot(&target), begins_with_m);
        check_ok(write_on(&target, "new", &error), error);
        check_ok(write_on(&target, "newer", &error), error);
        put_text("b", "mine, too");
        assert_int_equal(rename("b", "a"), 0);
        check_ok(write_on(&target, "newest", &error), error);
        put_text("b", "theirs");
        assert_int_equal(rename("b", "a"), 0);
        assert_int_equal(gd_target_unchanged(&target, &error), GD_IO);
        assert_int_equal(write_on(&target, "whole", &error), GD_IO);
        assert_non_null(
            strstr(error.message, "appeared since the start, and is kept; the whole file is kept as"));
        assert_non_null(strstr(error.message, target.part));
        assert_true(has_text("a", "theirs"));
        assert_true(has_text(target.part, "whole"));
        put_text("a", "theirs, changed in place");
        target.judge = NULL;
        assert_int_equal(gd_target_unchanged(&target, &error), GD_IO);
        assert_int_equal(unlink("a"), 0);
        check_ok(gd_target_unchanged(&target, &error), error);
        gd_target_release(&target);
    }
}

/* The rest as a user who is not root, in a folder like /tmp that root's files lie in. */
static void as_nobody(void (*part)(void))
{
    enum { NOBODY = 65534 };
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(".", 01777), 0);
    const pid_t child = fork();
    if (child == 0) {
        if (setgid(NOBODY) == 0 && setuid(NOBODY) == 0)
            part();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void check_sticky(void)
{
    gd_error error = {""};
    gd_target target;
    if (gd_target_resolve("roots", GD_TARGET_FOLLOW, &target, &error) != GD_OK ||
        gd_target_check(&target, &error) != GD_USAGE || !strstr(error.message, "another user"))
        _exit(1);
    gd_target_release(&target);
    if (gd_target_resolve("free", GD_TARGET_FOLLOW, &target, &error) != GD_OK ||
        gd_target_check(&target, &error) != GD_OK)
        _exit(2);
    gd_target_release(&target);
}

static void another_users_file_is_found_at_the_start(void **state)
{
    (void)state;
    put_text("roots", "");
    as_nobody(check_sticky);
}

static void leave_link(void)
{
    if (symlink("roots", "trap") != 0)
        _exit(1);
}

static void another_users_link_is_not_followed(void **state)
{
    (void)state;
    assert_int_equal(chown(".", 0, 0), 0);
    as_nobody(leave_link);
    check_unresolved("trap", GD_TARGET_FOLLOW, "another user's link");
}

static void an_immutable_file_is_found_at_the_start(void **state)
{
    gd_error error = {""};
    (void)state;
    put_text("a", "");
    if (system("chattr +i a 2> /dev/null") != 0)
        skip();
    gd_target target = resolved("a", GD_TARGET_FOLLOW);
    const gd_status status = gd_target_check(&target, &error);
    assert_int_equal(system("chattr -i a"), 0);
    assert_int_equal(status, GD_USAGE);
    assert_non_null(strstr(error.message, "immutable"));
    gd_target_release(&target);
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, folder_enter, folder_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(names_are_resolved_once),
        in_folder(links_that_dangle_are_followed),
        in_folder(what_cannot_be_a_name_is_told),
        in_folder(a_spill_has_no_name),
        in_folder(a_sibling_is_of_the_same_lease),
        in_folder(long_names_are_written),
        in_folder(what_is_no_file_stays),
        in_folder(old_files_are_opened_and_removed),
        in_folder(the_old_mode_stays),
        in_folder(a_discarded_file_leaves_nothing),
        in_folder(a_kill_in_the_last_fsync_leaves_nothing),
        in_folder(a_refused_name_keeps_the_file),
        in_folder(what_is_brief_goes),
        in_folder(what_came_since_stays),
        in_folder(another_users_file_is_found_at_the_start),
        in_folder(another_users_link_is_not_followed),
        in_folder(an_immutable_file_is_found_at_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
