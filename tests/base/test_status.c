/* Error sentences and the exit codes of statuses. */
#include "base/status.h"
#include "check.h"

#include <string.h>

static void fail_fills_and_returns(void **state)
{
    (void)state;
    gd_error error;
    assert_int_equal(gd_fail(&error, GD_IO, "%s: %d", "file", 3), GD_IO);
    assert_string_equal(error.message, "file: 3");
    assert_int_equal(gd_fail(NULL, GD_COMM, "nobody listens"), GD_COMM);
}

static void no_memory_says_for_what(void **state)
{
    (void)state;
    gd_error error;
    assert_int_equal(gd_no_memory(&error, "%d windows; use a smaller -ts", 7), GD_MEMORY);
    assert_string_equal(error.message, "out of memory for 7 windows; use a smaller -ts");
    assert_int_equal(gd_no_memory(NULL, "a list"), GD_MEMORY);
}

static void long_sentences_are_cut(void **state)
{
    (void)state;
    gd_error error;
    char text[2 * sizeof error.message];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)gd_fail(&error, GD_IO, "%s", text);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    (void)gd_no_memory(&error, "%s", text);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_memory_equal(error.message, "out of memory for xxx", 21);
}

static void exit_codes(void **state)
{
    (void)state;
    assert_int_equal(gd_exit_code(GD_OK), 0);
    assert_int_equal(gd_exit_code(GD_USAGE), 2);
    assert_int_equal(gd_exit_code(GD_STOPPED), 75);
    assert_int_equal(gd_exit_code(GD_IO), 1);
    assert_int_equal(gd_exit_code(GD_MEMORY), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail_fills_and_returns),
        cmocka_unit_test(no_memory_says_for_what),
        cmocka_unit_test(long_sentences_are_cut),
        cmocka_unit_test(exit_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
