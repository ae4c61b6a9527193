/* The exchange between GPUs, over NCCL and over MPI, and the choice between the two. */
#include "check.h"
#include "kernels/backend.h"
#include "mpi/agree.h"
#include "mpi/distinct.h"
#include "mpi/transport_select.h"
#include "patterns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct fixture {
    patterns patterns;
    gd_device *device; /* owned */
    bool shared;       /* some ranks share a GPU: no NCCL */
} fixture;

static fixture *the(void **state)
{
    return *state;
}

static void use(fixture *f, const char *transport, gd_memory *memory, bool shared)
{
    check_ok(gd_comm_select_transport(f->patterns.comm, transport, memory, shared, &f->patterns.error),
             f->patterns.error);
}

static void auto_is_nccl_where_it_can_be(void **state)
{
    fixture *f = the(state);
    use(f, "auto", gd_memory_host(), false);
    assert_string_equal(gd_comm_transport(f->patterns.comm), "mpi");
    use(f, "auto", f->patterns.store.memory, true);
    assert_string_equal(gd_comm_transport(f->patterns.comm), "mpi");
    if (f->shared)
        return;
    use(f, "auto", f->patterns.store.memory, false);
    const bool alone = gd_comm_size(f->patterns.comm) == 1;
    assert_string_equal(gd_comm_transport(f->patterns.comm), alone ? "mpi" : "nccl");
    use(f, "mpi", f->patterns.store.memory, false);
    assert_string_equal(gd_comm_transport(f->patterns.comm), "mpi");
}

static void nccl_is_refused_where_it_cannot_be(void **state)
{
    fixture *f = the(state);
    gd_comm *comm = f->patterns.comm;
    gd_error *error = &f->patterns.error;
    assert_int_equal(gd_comm_select_transport(comm, "nccl", gd_memory_host(), false, error), GD_USAGE);
    assert_non_null(strstr(error->message, "--backend cuda"));
    assert_int_equal(gd_comm_select_transport(comm, "nccl", f->patterns.store.memory, true, error), GD_USAGE);
    assert_non_null(strstr(error->message, "share a GPU"));
    assert_int_equal(gd_comm_select_transport(comm, "pigeon", f->patterns.store.memory, false, error),
                     GD_USAGE);
    assert_non_null(strstr(error->message, "\"pigeon\""));
    assert_string_equal(gd_comm_transport(comm), "mpi");
}

static gd_status open_device(fixture *f, gd_error *error)
{
    gd_device_facts facts;
    const gd_device_options options = {.precision = GD_PRECISION_FP32,
                                       .place = gd_comm_node_rank(f->patterns.comm)};
    gd_status status = gd_backend_cuda.open(&options, &f->device, error);
    if (status != GD_OK)
        return status;
    f->patterns.store.memory = gd_backend_cuda.memory(f->device);
    gd_backend_cuda.facts(f->device, &facts);
    return gd_comm_distinct(f->patterns.comm, "the GPU", facts.identity, "", &f->shared, error);
}

/* The same values must arrive over both; and host memory travels whatever is in use. The refusals come last:
 * after a failure that all know of, NCCL is not given up in an orderly way. */
static int run_all(fixture *f)
{
    const struct CMUnitTest choices[] = {cmocka_unit_test_prestate(auto_is_nccl_where_it_can_be, f)};
    const struct CMUnitTest refusals[] = {cmocka_unit_test_prestate(nccl_is_refused_where_it_cannot_be, f)};
    gd_error error;
    int failed = cmocka_run_group_tests_name("choices", choices, NULL, NULL);
    failed += run_patterns(&f->patterns, "GPU memory over MPI");
    if (!f->shared && !failed) {
        if (gd_comm_select_transport(f->patterns.comm, "nccl", f->patterns.store.memory, false, &error) !=
            GD_OK)
            gd_comm_abort(f->patterns.comm, GD_COMM, &error);
        failed += run_patterns(&f->patterns, "GPU memory over NCCL");
        patterns host = f->patterns;
        host.store.memory = gd_memory_host();
        failed += run_patterns(&host, "host memory beside NCCL");
        if (gd_comm_select_transport(f->patterns.comm, "mpi", f->patterns.store.memory, false, &error) !=
            GD_OK)
            gd_comm_abort(f->patterns.comm, GD_COMM, &error);
    }
    return failed + cmocka_run_group_tests_name("refusals", refusals, NULL, NULL);
}

int main(int argc, char **argv)
{
    fixture f = {.patterns = {.extent = 400, .rounds = 4}};
    gd_error error;
    setenv("GD_STANDIN_DEVICES", "4", 0); /* means nothing to a real device */
    if (gd_comm_start(&argc, &argv, &f.patterns.comm, &error) != GD_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    gd_comm_set_deadline(f.patterns.comm, 60);
    gd_status status = gd_comm_agree(f.patterns.comm, gd_backend_cuda.available(&error), &error);
    if (status != GD_OK) {
        printf("skipped: %s\n", error.message);
        gd_comm_finish(f.patterns.comm);
        return 77;
    }
    status = open_device(&f, &error);
    if (status != GD_OK)
        gd_comm_abort(f.patterns.comm, status, &error);
    int failed = run_all(&f);
    if (failed) {
        (void)gd_fail(&error, GD_INTERNAL, "%d tests failed", failed);
        gd_comm_abort(f.patterns.comm, GD_INTERNAL, &error);
    }
    gd_comm_finish(f.patterns.comm);
    gd_backend_cuda.close(f.device);
    return 0;
}
