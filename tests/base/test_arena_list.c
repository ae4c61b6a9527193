/* Places in one allocation: aligned, apart from each other, first fit, joined again when given back. */
#include "base/arena_list.h"
#include "check.h"

#include <stdint.h>
#include <stdlib.h>

enum { UNIT = GD_ARENA_ALIGNMENT };

static size_t take(gd_arena_list *list, size_t bytes)
{
    size_t at = SIZE_MAX;
    assert_true(gd_arena_list_take(list, bytes, &at));
    assert_int_equal(at % UNIT, 0);
    return at;
}

static void test_first_fit(void **state)
{
    (void)state;
    gd_arena_list *list = gd_arena_list_create(10 * UNIT);
    size_t at;
    assert_int_equal(take(list, 1), 0);
    assert_int_equal(take(list, UNIT + 1), UNIT);
    assert_int_equal(take(list, 4 * UNIT), 3 * UNIT);
    assert_int_equal(gd_arena_list_largest(list), 3 * UNIT);
    assert_false(gd_arena_list_take(list, 3 * UNIT + 1, &at));
    assert_true(gd_arena_list_give(list, UNIT));
    assert_int_equal(take(list, 3 * UNIT), 7 * UNIT); /* the first gap is too small */
    assert_int_equal(take(list, 2 * UNIT), UNIT);     /* and now just right */
    assert_int_equal(gd_arena_list_largest(list), 0);
    assert_false(gd_arena_list_take(list, 1, &at));
    assert_int_equal(gd_arena_list_count(list), 4);
    gd_arena_list_free(list);
}

static void test_join(void **state)
{
    (void)state;
    gd_arena_list *list = gd_arena_list_create(6 * UNIT);
    size_t at[3];
    for (int i = 0; i < 3; i++)
        at[i] = take(list, 2 * UNIT);
    assert_true(gd_arena_list_give(list, at[0]));
    assert_true(gd_arena_list_give(list, at[2]));
    assert_int_equal(gd_arena_list_largest(list), 2 * UNIT);
    assert_true(gd_arena_list_give(list, at[1]));
    assert_int_equal(gd_arena_list_largest(list), 6 * UNIT);
    assert_false(gd_arena_list_give(list, at[1])); /* given back before */
    assert_false(gd_arena_list_give(list, UNIT));  /* never taken */
    gd_arena_list_free(list);
    gd_arena_list_free(NULL);
}

/* The last place may end where the memory does, although its length is no multiple of the alignment. */
static void test_odd_end(void **state)
{
    (void)state;
    gd_arena_list *list = gd_arena_list_create(2 * UNIT + 5);
    size_t at;
    assert_int_equal(take(list, UNIT), 0);
    assert_int_equal(gd_arena_list_largest(list), UNIT + 5);
    assert_int_equal(take(list, UNIT + 5), UNIT);
    assert_false(gd_arena_list_take(list, 1, &at));
    assert_int_equal(gd_arena_list_largest(list), 0);
    gd_arena_list_free(list);
}

/* A map of who has which unit must agree with the list, whatever is taken and given. */
static void test_random(void **state)
{
    (void)state;
    enum { UNITS = 64, PLACES = 40, TURNS = 20000 };
    gd_arena_list *list = gd_arena_list_create(UNITS * UNIT);
    int owner[UNITS] = {0}, taken = 0;
    size_t start[PLACES + 1] = {0};
    uint32_t random = 1;
    for (int turn = 0; turn < TURNS; turn++) {
        random = random * 1664525 + 1013904223;
        const int who = 1 + (int)(random >> 8) % PLACES, units = 1 + (int)(random >> 20) % 9;
        bool has = false;
        for (int u = 0; u < UNITS; u++)
            has = has || owner[u] == who;
        if (has) {
            assert_true(gd_arena_list_give(list, start[who]));
            for (int u = 0; u < UNITS; u++)
                owner[u] = owner[u] == who ? 0 : owner[u];
            taken--;
            continue;
        }
        int first = 0, free_units = 0;
        for (int u = 0; u < UNITS && free_units < units; u++) {
            free_units = owner[u] ? 0 : free_units + 1;
            first = u + 1 - units;
        }
        const bool could = gd_arena_list_take(list, (size_t)(units - 1) * UNIT + 1, &start[who]);
        assert_int_equal(could, free_units == units);
        if (!could)
            continue;
        assert_int_equal(start[who], (size_t)first * UNIT);
        for (int u = first; u < first + units; u++)
            owner[u] = who;
        taken++;
        assert_int_equal(gd_arena_list_count(list), taken);
    }
    gd_arena_list_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_first_fit), cmocka_unit_test(test_join),
                                       cmocka_unit_test(test_odd_end), cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
