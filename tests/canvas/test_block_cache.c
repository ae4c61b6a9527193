/* A scratch file gives back what was put into it, whatever its cache holds, and refuses what it cannot have.
 */
#include "check.h"

#include "canvas/block_cache.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS = 100, FLOATS = GD_BLOCK * GD_BLOCK * 3 };

static gd_block_cache *open_scratch(int64_t slots)
{
    gd_error error;
    gd_block_cache *cache = NULL;
    check_ok(gd_block_cache_create(".", slots, GD_BLOCK_CACHE_LEAST, &cache, &error), error);
    return cache;
}

static float value_of(int64_t slot, int64_t i, int turn)
{
    return (float)(slot * 1000 + i % 997 + turn * 7);
}

static void put(gd_block_cache *cache, int64_t slot, int turn)
{
    gd_error error;
    float *values = NULL;
    check_ok(gd_block_cache_pin(cache, slot, GD_ACCESS_REPLACE, &values, &error), error);
    for (int64_t i = 0; i < FLOATS; i++)
        values[i] = value_of(slot, i, turn);
    gd_block_cache_unpin(cache, slot);
}

static void check(gd_block_cache *cache, int64_t slot, int turn)
{
    gd_error error;
    float *values = NULL;
    check_ok(gd_block_cache_pin(cache, slot, GD_ACCESS_READ, &values, &error), error);
    for (int64_t i = 0; i < FLOATS; i++)
        if (values[i] != value_of(slot, i, turn))
            fail_msg("value %ld of slot %ld is %g", (long)i, (long)slot, values[i]);
    gd_block_cache_unpin(cache, slot);
}

static void what_was_put_comes_back(void **state)
{
    (void)state;
    gd_block_cache *cache = open_scratch(SLOTS);
    for (int turn = 0; turn < 3; turn++) {
        for (int64_t slot = 0; slot < SLOTS; slot++)
            put(cache, slot * 37 % SLOTS, turn);
        for (int64_t slot = 0; slot < SLOTS; slot++) {
            gd_block_cache_ahead(cache, (slot + 3) % SLOTS);
            check(cache, slot, turn);
        }
    }
    gd_block_cache_free(cache);
}

static void a_change_keeps_the_rest(void **state)
{
    (void)state;
    gd_error error;
    gd_block_cache *cache = open_scratch(SLOTS);
    for (int64_t slot = 0; slot < SLOTS; slot++)
        put(cache, slot, 0);
    for (int64_t slot = 0; slot < SLOTS; slot++) {
        float *values = NULL;
        check_ok(gd_block_cache_pin(cache, slot, GD_ACCESS_CHANGE, &values, &error), error);
        assert_true(values[5] == value_of(slot, 5, 0));
        values[6] = value_of(slot, 6, 0);
        gd_block_cache_unpin(cache, slot);
    }
    for (int64_t slot = 0; slot < SLOTS; slot++)
        check(cache, slot, 0);
    gd_block_cache_free(cache);
}

/* Each block that does not fit costs a write and a read; those that are forgotten cost neither. */
static void only_what_is_needed_moves(void **state)
{
    (void)state;
    gd_error error;
    int64_t first = 0;
    gd_block_cache *cache = open_scratch(SLOTS);
    check_ok(gd_block_cache_take(cache, SLOTS, &first, &error), error);
    for (int64_t slot = 0; slot < SLOTS; slot++)
        put(cache, slot, 0);
    const uint64_t written = (SLOTS - GD_BLOCK_CACHE_LEAST) * GD_SLOT_BYTES;
    assert_int_equal(gd_block_cache_moved(cache), written);
    check(cache, SLOTS - 1, 0);
    assert_int_equal(gd_block_cache_moved(cache), written);
    check(cache, 0, 0);
    assert_int_equal(gd_block_cache_moved(cache), written + 2 * GD_SLOT_BYTES);
    gd_block_cache_forget(cache, 0, SLOTS);
    for (int64_t slot = 0; slot < GD_BLOCK_CACHE_LEAST; slot++)
        put(cache, slot, 1);
    assert_int_equal(gd_block_cache_moved(cache), written + 2 * GD_SLOT_BYTES);
    gd_block_cache_give(cache, first, SLOTS);
    gd_block_cache_free(cache);
}

static void places_are_taken_first_fit(void **state)
{
    (void)state;
    gd_error error;
    int64_t a, b, c;
    gd_block_cache *cache = open_scratch(SLOTS);
    check_ok(gd_block_cache_take(cache, 40, &a, &error), error);
    check_ok(gd_block_cache_take(cache, 40, &b, &error), error);
    assert_int_equal(gd_block_cache_take(cache, 40, &c, &error), GD_INTERNAL);
    gd_block_cache_give(cache, a, 40);
    check_ok(gd_block_cache_take(cache, 30, &c, &error), error);
    assert_int_equal(a, 0);
    assert_int_equal(b, 40);
    assert_int_equal(c, 0);
    gd_block_cache_free(cache);
}

static void the_cache_can_be_pinned_whole_and_no_more(void **state)
{
    (void)state;
    gd_error error;
    float *values = NULL;
    gd_block_cache *cache = open_scratch(SLOTS);
    for (int64_t slot = 0; slot < GD_BLOCK_CACHE_LEAST; slot++)
        check_ok(gd_block_cache_pin(cache, slot, GD_ACCESS_REPLACE, &values, &error), error);
    assert_int_equal(gd_block_cache_pin(cache, SLOTS - 1, GD_ACCESS_REPLACE, &values, &error), GD_INTERNAL);
    gd_block_cache_unpin(cache, 3);
    check_ok(gd_block_cache_pin(cache, SLOTS - 1, GD_ACCESS_REPLACE, &values, &error), error);
    gd_block_cache_free(cache);
}

static int entries(const char *folder)
{
    int count = 0;
    DIR *all = opendir(folder);
    assert_non_null(all);
    while (readdir(all))
        count++;
    closedir(all);
    return count;
}

static void nothing_has_a_name(void **state)
{
    (void)state;
    char folder[] = "scratch_XXXXXX";
    gd_error error;
    gd_block_cache *cache = NULL;
    assert_non_null(mkdtemp(folder));
    check_ok(gd_block_cache_create(folder, SLOTS, GD_BLOCK_CACHE_LEAST, &cache, &error), error);
    assert_int_equal(entries(folder), 2); /* . and .. */
    gd_block_cache_free(cache);
    assert_int_equal(rmdir(folder), 0);
}

static void a_full_disk_is_refused_at_once(void **state)
{
    (void)state;
    gd_error error;
    gd_block_cache *cache = NULL;
    const int64_t petabyte = INT64_C(1) << 50;
    assert_int_equal(
        gd_block_cache_create(".", petabyte / (int64_t)GD_SLOT_BYTES, GD_BLOCK_CACHE_LEAST, &cache, &error),
        GD_USAGE);
    assert_null(cache);
    assert_non_null(strstr(error.message, "1048576.00 GiB"));
    struct rlimit old, small = {1 << 20, 1 << 20};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(gd_block_cache_create(".", SLOTS, GD_BLOCK_CACHE_LEAST, &cache, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "0.07 GiB"));
    assert_non_null(strstr(error.message, "--scratch"));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, before);
}

static void folders_are_looked_at(void **state)
{
    (void)state;
    gd_error error;
    bool in_memory = true;
    struct stat about;
    assert_int_equal(gd_block_cache_in_memory("no such folder", &in_memory, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "no such folder"));
    check_ok(gd_block_cache_in_memory("/proc", &in_memory, &error), error);
    assert_false(in_memory);
    if (stat("/dev/shm", &about) == 0) {
        check_ok(gd_block_cache_in_memory("/dev/shm", &in_memory, &error), error);
        assert_true(in_memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_comes_back),
        cmocka_unit_test(a_change_keeps_the_rest),
        cmocka_unit_test(only_what_is_needed_moves),
        cmocka_unit_test(places_are_taken_first_fit),
        cmocka_unit_test(the_cache_can_be_pinned_whole_and_no_more),
        cmocka_unit_test(nothing_has_a_name),
        cmocka_unit_test(a_full_disk_is_refused_at_once),
        cmocka_unit_test(folders_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
