/* Start-up and agreements, under any number of ranks. */
#include "base/clock.h"
#include "check.h"
#include "mpi/agree.h"
#include "mpi/comm.h"
#include "mpi/distinct.h"
#include "mpi/exchange/exchange.h"
#include "mpi/subgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct fixture {
    gd_comm *comm;
    gd_error error;
    int32_t rank, size;
} fixture;

static fixture *the(void **state)
{
    return *state;
}

static void ranks_of_one_host_share_a_node(void **state)
{
    fixture *f = the(state);
    assert_int_equal(gd_comm_node_size(f->comm), f->size);
    assert_int_equal(gd_comm_node_rank(f->comm), f->rank);
    assert_true(strlen(gd_comm_host(f->comm)) > 0);
}

static void nobody_failing_is_agreed(void **state)
{
    fixture *f = the(state);
    check_ok(gd_comm_agree(f->comm, GD_OK, &f->error), f->error);
}

static void a_failure_reaches_all_with_rank_and_host(void **state)
{
    fixture *f = the(state);
    for (int32_t bad = 0; bad < f->size; bad++) {
        gd_error error = {{0}};
        gd_status mine = f->rank == bad ? gd_fail(&error, GD_IO, "disk %d is full", bad) : GD_OK;
        assert_int_equal(gd_comm_agree(f->comm, mine, &error), GD_IO);
        char expected[200];
        if (bad == 0)
            snprintf(expected, sizeof expected, "disk 0 is full");
        else
            snprintf(expected, sizeof expected, "rank %d on %s: disk %d is full", bad, gd_comm_host(f->comm),
                     bad);
        assert_string_equal(error.message, expected);
    }
}

static void the_lowest_failing_rank_speaks(void **state)
{
    fixture *f = the(state);
    gd_error error = {{0}};
    gd_status mine = f->rank == 0 && f->size > 1 ? GD_OK : gd_fail(&error, GD_MEMORY, "I am %d", f->rank);
    assert_int_equal(gd_comm_agree(f->comm, mine, &error), GD_MEMORY);
    assert_non_null(strstr(error.message, f->size > 1 ? "I am 1" : "I am 0"));
}

static void broadcast_copies_from_rank_0(void **state)
{
    fixture *f = the(state);
    int32_t values[1000];
    for (int32_t i = 0; i < 1000; i++)
        values[i] = f->rank ? -1 : i * 7;
    check_ok(gd_comm_broadcast(f->comm, values, sizeof values, &f->error), f->error);
    for (int32_t i = 0; i < 1000; i++)
        assert_int_equal(values[i], i * 7);
    check_ok(gd_comm_broadcast(f->comm, NULL, 0, &f->error), f->error);
}

static void gather_all_is_in_order_of_ranks(void **state)
{
    fixture *f = the(state);
    int32_t counts[64], total = 0; /* rank r has r values, so rank 0 has none */
    for (int32_t r = 0; r < f->size; r++)
        total += counts[r] = r;
    double mine[64], all[64 * 64];
    for (int32_t i = 0; i < f->rank; i++)
        mine[i] = f->rank + i * 0.001;
    check_ok(gd_comm_gather_all(f->comm, mine, counts, all, &f->error), f->error);
    int32_t at = 0;
    for (int32_t r = 0; r < f->size; r++)
        for (int32_t i = 0; i < r; i++)
            assert_true(all[at++] == r + i * 0.001);
    assert_int_equal(at, total);
}

static void a_gathering_of_the_first_is_prepared(void **state)
{
    fixture *f = the(state);
    const double mine = 1;
    const int32_t counts[] = {1, 1};
    double all[2];
    if (f->size < 3 || f->rank > 1)
        return;
    assert_int_equal(gd_comm_gather_subgroup(f->comm, 2, &mine, counts, all, &f->error), GD_INTERNAL);
    assert_non_null(strstr(f->error.message, "gathering over the first 2 ranks was not prepared"));
}

static void a_differing_rank_is_refused_by_name(void **state)
{
    fixture *f = the(state);
    check_ok(gd_comm_same(f->comm, "the seed", "17", &f->error), f->error);
    for (int32_t odd = 1; odd < f->size; odd++) {
        const char *text = f->rank == odd ? "180" : "18";
        assert_int_equal(gd_comm_same(f->comm, "the seed", text, &f->error), GD_USAGE);
        char who[32];
        snprintf(who, sizeof who, "rank %d on ", odd);
        assert_int_equal(strncmp(f->error.message, who, strlen(who)), 0);
        assert_non_null(strstr(f->error.message, "the seed is \"180\" here, but \"18\" on rank 0"));
    }
}

/* Everybody is on one host here. */
static void two_ranks_with_the_same_text_are_refused(void **state)
{
    fixture *f = the(state);
    char own[32];
    bool shared = true;
    snprintf(own, sizeof own, "device %d", f->rank);
    check_ok(gd_comm_distinct(f->comm, "the GPU", own, "give up", NULL, &f->error), f->error);
    check_ok(gd_comm_distinct(f->comm, "the GPU", own, "give up", &shared, &f->error), f->error);
    assert_false(shared);
    check_ok(gd_comm_distinct(f->comm, "the GPU", "", "give up", NULL, &f->error), f->error);
    for (int32_t last = 1; last < f->size; last++) { /* rank last has what the one before it has */
        snprintf(own, sizeof own, "device %d", f->rank == last ? last - 1 : f->rank);
        check_ok(gd_comm_distinct(f->comm, "the GPU", own, "", &shared, &f->error), f->error);
        assert_true(shared);
        assert_int_equal(gd_comm_distinct(f->comm, "the GPU", own, "give up", NULL, &f->error), GD_USAGE);
        char sentence[160];
        snprintf(sentence, sizeof sentence, "ranks %d and %d on %s both have the GPU device %d; give up",
                 last - 1, last, gd_comm_host(f->comm), last - 1);
        assert_non_null(strstr(f->error.message, sentence));
    }
}

/* The last rank sleeps past the others' deadline; rank 0 alone wants pixels from all. The sleeper then serves
 * it, so that the exchange can end. */
static void a_late_rank_is_named(void **state)
{
    fixture *f = the(state);
    if (f->size == 1)
        skip();
    gd_partition *partition;
    gd_plane *plane;
    const gd_store store = {gd_memory_host(), NULL};
    check_ok(gd_partition_create(256 * f->size, 256, f->size, &partition, &f->error), f->error);
    check_ok(gd_plane_create(&store, partition, f->rank, &plane, &f->error), f->error);
    memset(plane->values, 0, (size_t)plane->value_count * sizeof(float));
    gd_rect whole = {0, 0, partition->rows, partition->cols};
    gd_window window = {whole, 0, malloc((size_t)gd_rect_area(whole) * 12), whole.cols * 3};
    assert_non_null(window.pixels);
    if (f->rank == f->size - 1)
        nanosleep(&(struct timespec){1, 500000000}, NULL);
    gd_exchange *exchange;
    check_ok(gd_gather_begin(f->comm, plane, &window, 1, &exchange, &f->error), f->error);
    if (f->rank == 0) {
        gd_comm_set_deadline(f->comm, 0.3);
        double start = gd_clock();
        gd_status status = GD_OK;
        for (bool done = false; !done && status == GD_OK;)
            status = gd_exchange_test(exchange, &done, &f->error);
        assert_int_equal(status, GD_COMM);
        assert_true(gd_clock() - start < 1.2);
        char who[128];
        snprintf(who, sizeof who, "for pixels from rank %d on %s ", f->size - 1, gd_comm_host(f->comm));
        assert_non_null(strstr(f->error.message, who));
        gd_comm_set_deadline(f->comm, 30);
    }
    check_ok(gd_exchange_end(&exchange, &f->error), f->error);
    free(window.pixels);
    gd_plane_free(plane);
    gd_partition_free(partition);
}

static double cpu_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

static void waiting_leaves_the_core_alone(void **state)
{
    fixture *f = the(state);
    if (f->size == 1)
        skip();
    if (f->rank == f->size - 1)
        nanosleep(&(struct timespec){1, 0}, NULL);
    double start = cpu_seconds();
    check_ok(gd_comm_agree(f->comm, GD_OK, &f->error), f->error);
    assert_true(cpu_seconds() - start < 0.3);
}

int main(int argc, char **argv)
{
    fixture f = {0};
    if (gd_comm_start(&argc, &argv, &f.comm, &f.error) != GD_OK) {
        fprintf(stderr, "%s\n", f.error.message);
        return 1;
    }
    f.rank = gd_comm_rank(f.comm);
    f.size = gd_comm_size(f.comm);
    gd_comm_set_deadline(f.comm, 30);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(ranks_of_one_host_share_a_node, &f),
        cmocka_unit_test_prestate(nobody_failing_is_agreed, &f),
        cmocka_unit_test_prestate(a_failure_reaches_all_with_rank_and_host, &f),
        cmocka_unit_test_prestate(the_lowest_failing_rank_speaks, &f),
        cmocka_unit_test_prestate(broadcast_copies_from_rank_0, &f),
        cmocka_unit_test_prestate(gather_all_is_in_order_of_ranks, &f),
        cmocka_unit_test_prestate(a_gathering_of_the_first_is_prepared, &f),
        cmocka_unit_test_prestate(a_differing_rank_is_refused_by_name, &f),
        cmocka_unit_test_prestate(two_ranks_with_the_same_text_are_refused, &f),
        cmocka_unit_test_prestate(waiting_leaves_the_core_alone, &f),
        cmocka_unit_test_prestate(a_late_rank_is_named, &f),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gd_comm_finish(f.comm);
    return failed;
}
