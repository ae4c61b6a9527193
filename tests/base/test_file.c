/* Tests reading of files: only regular files are read, as they are, and a replaced file is noticed. */
#include "base/file.h"
#include "check.h"
#include "folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void check_refused(const char *path, const char *word)
{
    gd_error error = {""};
    int fd = 7;
    assert_int_equal(gd_file_open_input(path, "name a picture", &fd, &error), GD_USAGE);
    assert_int_equal(fd, -1);
    assert_non_null(strstr(error.message, path));
    assert_non_null(strstr(error.message, word));
    assert_non_null(strstr(error.message, "name a picture"));
}

/* Without a writer, a pipe would be waited for. */
static void only_a_file_is_read(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    const int server = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof address), 0);
    check_refused("pipe", "is a pipe");
    check_refused("socket", "is a socket");
    check_refused(".", "is a folder");
    check_refused("/dev/null", "is a device");
    check_refused("missing", "No such file");
    close(server);
}

static void a_file_is_read_as_it_is(void **state)
{
    gd_error error = {""};
    int fd = -1;
    char text[8] = "";
    (void)state;
    put_text("a", "abc");
    assert_int_equal(symlink("a", "link"), 0);
    check_ok(gd_file_open_input("link", "name a picture", &fd, &error), error);
    assert_int_equal(read(fd, text, sizeof text), 3);
    assert_string_equal(text, "abc");
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(fd);
}

static gd_file_identity identity_of(const char *path)
{
    gd_error error = {""};
    gd_file_identity identity;
    const int fd = open(path, O_RDONLY);
    check_ok(gd_file_identify(fd, path, &identity, &error), error);
    close(fd);
    return identity;
}

/* Also when length and time stamp are the same. */
static void another_file_is_told(void **state)
{
    (void)state;
    put_text("a", "abc");
    const gd_file_identity first = identity_of("a");
    const gd_file_identity again = identity_of("a");
    assert_true(gd_file_same(&first, &again));
    struct timespec times[2] = {{1000, 1}, {first.written_s, first.written_ns}};
    put_text("b", "abd");
    assert_int_equal(utimensat(AT_FDCWD, "b", times, 0), 0);
    assert_int_equal(rename("b", "a"), 0);
    const gd_file_identity other = identity_of("a");
    assert_int_equal(other.written_ns, first.written_ns);
    assert_false(gd_file_same(&first, &other));
    usleep(20000); /* beyond the file system's tick */
    put_text("a", "abe");
    assert_int_equal(utimensat(AT_FDCWD, "a", times, 0), 0);
    const gd_file_identity rewritten = identity_of("a");
    assert_false(gd_file_same(&other, &rewritten));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_a_file_is_read, folder_enter, folder_leave),
        cmocka_unit_test_setup_teardown(a_file_is_read_as_it_is, folder_enter, folder_leave),
        cmocka_unit_test_setup_teardown(another_file_is_told, folder_enter, folder_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
