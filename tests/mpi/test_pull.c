/* Blocks from all ranks to rank 0, under any number of ranks. */
#include "check.h"
#include "mpi/agree.h"
#include "mpi/pull.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIECE = GD_PULL_PIECE };

static gd_comm *comm;
static gd_pull *pull;
static gd_error error;
static int32_t rank, size;

/* The byte at a place of a rank's block. */
static uint8_t byte_of(int32_t of, int round, size_t at)
{
    return (uint8_t)(at * 31 + at / 251 + (size_t)of * 7 + (size_t)round * 13);
}

static uint8_t *block_of(int32_t of, int round, size_t bytes)
{
    uint8_t *block = malloc(bytes + 1);
    assert_non_null(block);
    for (size_t i = 0; i < bytes; i++)
        block[i] = byte_of(of, round, i);
    return block;
}

/* Reads the rest of a block in parts of `part` bytes, from `at` on. */
static void check_block(int32_t of, int round, size_t at, size_t bytes, size_t part)
{
    uint8_t *to = malloc(part + 1);
    assert_non_null(to);
    while (at < bytes) {
        const size_t count = bytes - at < part ? bytes - at : part;
        check_ok(gd_pull_read(pull, to, count, &error), error);
        for (size_t i = 0; i < count; i++)
            if (to[i] != byte_of(of, round, at + i))
                fail_msg("round %d, rank %d: byte %zu is %d", round, of, at + i, to[i]);
        at += count;
    }
    free(to);
}

static const size_t SIZES[] = {0, 1, 1000, PIECE - 1, PIECE, PIECE + 1, 6 * PIECE + 12345};
enum { SIZE_COUNT = sizeof SIZES / sizeof *SIZES };

static size_t size_of(int32_t of, int round)
{
    return SIZES[(of * 3 + round) % SIZE_COUNT];
}

static void every_byte_comes_in_order(void **state)
{
    (void)state;
    static const size_t parts[] = {77777, 24, 3 * PIECE, 100000};
    for (int round = 0; round < 2 * SIZE_COUNT; round++) {
        const size_t bytes = size_of(rank, round);
        uint8_t *block = block_of(rank, round, bytes);
        check_ok(gd_pull_offer(pull, block, bytes, &error), error);
        for (int32_t r = 0; rank == 0 && r < size; r++) {
            size_t length = 1;
            check_ok(gd_pull_turn(pull, r, &length, &error), error);
            assert_int_equal(length, size_of(r, round));
            check_block(r, round, 0, length, parts[round % 4]);
        }
        check_ok(gd_pull_close(pull, &error), error);
        free(block);
    }
}

/* Rank 0 reads a little of every third block, and nothing of the others. */
static void what_is_not_read_is_dropped(void **state)
{
    (void)state;
    for (int round = 0; round < SIZE_COUNT; round++) {
        const size_t bytes = size_of(rank, round);
        uint8_t *block = block_of(rank, round, bytes);
        check_ok(gd_pull_offer(pull, block, bytes, &error), error);
        for (int32_t r = round % 3; rank == 0 && r < size; r += 3) {
            size_t length = 0;
            check_ok(gd_pull_turn(pull, r, &length, &error), error);
            if (length > 2)
                check_block(r, round, 0, length / 2, 5000);
        }
        check_ok(gd_pull_close(pull, &error), error);
        free(block);
    }
}

static void more_than_a_block_has_is_refused(void **state)
{
    (void)state;
    uint8_t block[10] = {0}, to[11];
    size_t length = 0;
    check_ok(gd_pull_offer(pull, block, sizeof block, &error), error);
    if (rank == 0) {
        check_ok(gd_pull_turn(pull, size - 1, &length, &error), error);
        check_ok(gd_pull_read(pull, to, 4, &error), error);
        assert_int_equal(gd_pull_read(pull, to, 7, &error), GD_INTERNAL);
        assert_non_null(strstr(error.message, "ends too early"));
        assert_int_equal(gd_pull_turn(pull, size, &length, &error), GD_INTERNAL);
        if (size > 1)
            assert_int_equal(gd_pull_turn(pull, 0, &length, &error), GD_INTERNAL);
    }
    check_ok(gd_pull_close(pull, &error), error);
}

static void a_round_within_a_round_is_refused(void **state)
{
    (void)state;
    check_ok(gd_pull_offer(pull, "a", 1, &error), error);
    assert_int_equal(gd_pull_offer(pull, "b", 1, &error), GD_INTERNAL);
    check_ok(gd_pull_close(pull, &error), error);
    check_ok(gd_pull_close(pull, &error), error); /* none is open */
}

/* A rank that fails says so instead of offering, and none waits for it. */
static void a_sender_that_fails_ends_all(void **state)
{
    (void)state;
    const int32_t bad = size - 1;
    gd_status mine = rank == bad ? gd_fail(&error, GD_MEMORY, "no memory for tiles") : GD_OK;
    check_ok(gd_pull_close(pull, &error), error);
    assert_int_equal(gd_comm_agree(comm, mine, &error), GD_MEMORY);
    assert_non_null(strstr(error.message, "no memory for tiles"));
    gd_comm_clear_failure(comm);
}

static void nap(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

/* The wait ends at the deadline with the name of whom it was for; it may be taken up again, which is what
 * this test does, so that it ends in order. */
static void check_late(gd_status status, int32_t late)
{
    char who[200];
    snprintf(who, sizeof who, "rank %d on %s", late, gd_comm_host(comm));
    assert_int_equal(status, GD_COMM);
    if (!strstr(error.message, who) || !strstr(error.message, "waited"))
        fail_msg("\"%s\" does not name %s", error.message, who);
    gd_comm_set_deadline(comm, 60);
}

static void a_slow_sender_is_waited_for_until_the_deadline(void **state)
{
    (void)state;
    const int32_t slow = size - 1;
    const size_t bytes = 3 * PIECE + 5;
    uint8_t *block = block_of(rank, 1, bytes);
    for (int too_slow = 0; too_slow < 2 && size > 1; too_slow++) {
        size_t length = 0;
        gd_comm_set_deadline(comm, too_slow && rank == 0 ? 0.2 : 60);
        check_ok(gd_comm_agree(comm, GD_OK, &error), error);
        if (rank == slow)
            nap(too_slow ? 1.5 : 0.3);
        check_ok(gd_pull_offer(pull, block, bytes, &error), error);
        if (rank == 0 && too_slow)
            check_late(gd_pull_turn(pull, slow, &length, &error), slow);
        if (rank == 0) {
            check_ok(gd_pull_turn(pull, slow, &length, &error), error);
            check_block(slow, 1, 0, length, 1000);
        }
        check_ok(gd_pull_close(pull, &error), error);
    }
    free(block);
}

static void a_rank_0_that_takes_nothing_is_waited_for_until_the_deadline(void **state)
{
    (void)state;
    const size_t bytes = 6 * PIECE;
    uint8_t *block = block_of(rank, 1, bytes);
    check_ok(gd_comm_agree(comm, GD_OK, &error), error);
    check_ok(gd_pull_offer(pull, block, bytes, &error), error);
    if (rank == 0)
        nap(size > 1 ? 1.5 : 0);
    gd_comm_set_deadline(comm, rank == 0 ? 60 : 0.2);
    if (rank > 0)
        check_late(gd_pull_close(pull, &error), 0);
    check_ok(gd_pull_close(pull, &error), error);
    gd_comm_set_deadline(comm, 60);
    free(block);
}

static int start(void **state)
{
    (void)state;
    if (gd_comm_start(NULL, NULL, &comm, &error) != GD_OK || gd_pull_create(comm, &pull, &error) != GD_OK)
        return 1;
    rank = gd_comm_rank(comm);
    size = gd_comm_size(comm);
    gd_comm_set_deadline(comm, 60);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    gd_pull_free(pull);
    gd_comm_finish(comm);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_comes_in_order),
        cmocka_unit_test(what_is_not_read_is_dropped),
        cmocka_unit_test(more_than_a_block_has_is_refused),
        cmocka_unit_test(a_round_within_a_round_is_refused),
        cmocka_unit_test(a_sender_that_fails_ends_all),
        cmocka_unit_test(a_slow_sender_is_waited_for_until_the_deadline),
        cmocka_unit_test(a_rank_0_that_takes_nothing_is_waited_for_until_the_deadline),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
