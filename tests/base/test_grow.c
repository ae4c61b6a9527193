/* Growing arrays: items are kept, capacity doubles, the maximum holds. */
#include "base/grow.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

static void items_are_kept(void **state)
{
    (void)state;
    static const gd_array_kind kind = {sizeof(int64_t), 1000, "numbers"};
    gd_error error;
    int64_t *numbers = NULL, capacity = 0;
    int enlarged = 0;
    for (int64_t i = 0; i < 1000; i++) {
        const int64_t before = capacity;
        check_ok(gd_grow(&numbers, &capacity, i + 1, &kind, &error), error);
        assert_true(capacity > i && capacity <= 1000);
        enlarged += capacity != before;
        numbers[i] = i;
    }
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    assert_in_range(enlarged, 2, 10); /* it doubles */
    free(numbers);
}

static void many_at_once(void **state)
{
    (void)state;
    static const gd_array_kind kind = {1, 1 << 20, "bytes"};
    gd_error error;
    char *bytes = NULL;
    int64_t capacity = 0;
    check_ok(gd_grow(&bytes, &capacity, 0, &kind, &error), error);
    assert_null(bytes);
    check_ok(gd_grow(&bytes, &capacity, 5000, &kind, &error), error);
    assert_int_equal(capacity, 5000);
    memset(bytes, 1, 5000);
    check_ok(gd_grow(&bytes, &capacity, 5001, &kind, &error), error);
    assert_int_equal(capacity, 10000);
    free(bytes);
}

static void the_maximum_holds(void **state)
{
    (void)state;
    static const gd_array_kind kind = {4, 3, "the wants of an exchange"};
    gd_error error;
    int32_t *items = NULL;
    int64_t capacity = 0;
    check_ok(gd_grow(&items, &capacity, 3, &kind, &error), error);
    assert_int_equal(capacity, 3);
    int32_t *const before = items;
    assert_int_equal(gd_grow(&items, &capacity, 4, &kind, &error), GD_MEMORY);
    assert_non_null(strstr(error.message, "the wants of an exchange"));
    assert_non_null(strstr(error.message, "3"));
    assert_ptr_equal(items, before);
    assert_int_equal(capacity, 3);
    free(items);
}

static void what_cannot_be_had_is_refused(void **state)
{
    (void)state;
    static const gd_array_kind kind = {SIZE_MAX / 4, INT64_MAX, "giants"};
    gd_error error;
    char *items = NULL;
    int64_t capacity = 0;
    assert_int_equal(gd_grow(&items, &capacity, 1000, &kind, &error), GD_MEMORY);
    assert_non_null(strstr(error.message, "giants"));
    assert_null(items);
    assert_int_equal(capacity, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_kept),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(the_maximum_holds),
        cmocka_unit_test(what_cannot_be_had_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
