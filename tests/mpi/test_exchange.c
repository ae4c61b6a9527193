/* The exchange in host memory, and in a device's whose queue runs late, over MPI. */
#include "check.h"
#include "late_memory.h"
#include "mpi/agree.h"
#include "mpi/transport_nccl.h"
#include "mpi/transport_select.h"
#include "patterns.h"
#include "pixels.h"

#include <stdio.h>
#include <string.h>

/* The first rank wants everything, and all of it is its own; then also what others have. */
static void a_device_that_hangs_is_named(void **state)
{
    patterns *f = *state;
    gd_partition *partition;
    gd_plane *plane;
    gd_exchange *exchange;
    check_ok(gd_partition_create(600, 300, gd_comm_size(f->comm), &partition, &f->error), f->error);
    check_ok(gd_plane_create(&f->store, partition, gd_comm_rank(f->comm), &plane, &f->error), f->error);
    fill_plane(plane, 1);
    gd_window all = make_window(f->comm, f->store.memory, (gd_rect){0, 0, 600, 300}, 0);
    check_ok(gd_gather_begin(f->comm, plane, &all, 1, &exchange, &f->error), f->error);
    late_memory_hang(f->store.memory, true);
    gd_comm_set_deadline(f->comm, 0.2);
    gd_status status = GD_OK;
    for (bool done = false; !done && status == GD_OK;)
        status = gd_exchange_test(exchange, &done, &f->error);
    gd_comm_set_deadline(f->comm, 30);
    if (status != GD_OK) { /* not on a rank without pixels, which has nothing queued but its marks */
        assert_int_equal(status, GD_COMM);
        assert_non_null(strstr(f->error.message, "for its own device to copy pixels"));
    }
    assert_true(status != GD_OK || gd_comm_rank(f->comm) > 0);
    late_memory_hang(f->store.memory, false);
    check_ok(gd_exchange_end(&exchange, &f->error), f->error);
    assert_window(f->store.memory, partition, &all, 1);
    free_windows(f->store.memory, &all, 1);
    gd_plane_free(plane);
    gd_partition_free(partition);
}

static void without_nccl_there_is_mpi(void **state)
{
    patterns *f = *state;
    if (gd_transport_nccl.post)
        skip();
    check_ok(gd_comm_select_transport(f->comm, "auto", f->store.memory, false, &f->error), f->error);
    assert_string_equal(gd_comm_transport(f->comm), "mpi");
    assert_int_equal(gd_comm_select_transport(f->comm, "nccl", f->store.memory, false, &f->error), GD_USAGE);
    assert_non_null(strstr(f->error.message, "built without NCCL"));
    assert_string_equal(gd_comm_transport(f->comm), "mpi");
}

/* A canvas has up to 16 blocks, and six planes live at once. */
static int run_in_scratch(const patterns *f)
{
    patterns in = *f;
    in.store = (gd_store){gd_memory_host(), NULL};
    gd_status status = gd_block_cache_create(".", 6 * 16, GD_BLOCK_CACHE_LEAST, &in.store.cache, &in.error);
    if (gd_comm_agree(in.comm, status, &in.error) != GD_OK) {
        fprintf(stderr, "%s\n", in.error.message);
        return 1;
    }
    const int failed = run_patterns(&in, "host memory and a scratch file");
    gd_block_cache_free(in.store.cache);
    return failed;
}

int main(int argc, char **argv)
{
    patterns f = {.extent = 900, .rounds = 12, .store = {gd_memory_host(), NULL}};
    if (gd_comm_start(&argc, &argv, &f.comm, &f.error) != GD_OK) {
        fprintf(stderr, "%s\n", f.error.message);
        return 1;
    }
    gd_comm_set_deadline(f.comm, 30); /* when a check fails on one rank, the others end soon */
    int failed = run_patterns(&f, "host memory");
    f.store.memory = late_memory_open();
    failed += run_patterns(&f, "late memory");
    failed += run_in_scratch(&f);
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(a_device_that_hangs_is_named, &f),
                                       cmocka_unit_test_prestate(without_nccl_there_is_mpi, &f)};
    failed += cmocka_run_group_tests_name("only late memory", tests, NULL, NULL);
    if (failed == 0)
        late_memory_close(f.store.memory);
    gd_comm_finish(f.comm);
    return failed;
}
