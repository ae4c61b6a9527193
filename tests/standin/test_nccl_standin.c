/* The stand-in's NCCL, used as it should be: every rank runs the same tests, in the same order. */
#include "check.h"
#include "standin/nccl_bench.h"
#include "standin/standin.h"

enum { COUNT = 100, WAIT = 60 };

#define check_cuda(call) assert_int_equal((call), cudaSuccess)

static int open_bench(void **state)
{
    static nccl_bench bench;
    nccl_bench_start(&bench);
    assert_int_equal(nccl_bench_join(&bench), ncclInProgress);
    assert_int_equal(nccl_poll(bench.comm, WAIT), ncclSuccess);
    *state = &bench;
    return 0;
}

static int close_bench(void **state)
{
    nccl_bench_end(*state);
    return 0;
}

static void end_group(ncclComm_t comm)
{
    assert_int_equal(ncclGroupEnd(), ncclInProgress);
    assert_int_equal(nccl_poll(comm, WAIT), ncclSuccess);
}

/* Every rank sends rank + 1 messages of different lengths to every rank, itself included. */
static void everyone_to_everyone(void **state)
{
    const nccl_bench *b = *state;
    float *out = nccl_filled(b, COUNT, (float)(1000 * b->rank)), *in;
    size_t total = (size_t)(b->size * b->size) * COUNT;
    check_cuda(cudaMalloc((void **)&in, total * sizeof *in));
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(ncclGroupStart(), ncclSuccess);
        for (int peer = 0; peer < b->size; peer++) {
            for (int i = 0; i <= b->rank; i++)
                assert_int_equal(
                    ncclSend(out + i, (size_t)(COUNT - 2 * i), ncclFloat, peer, b->comm, b->stream),
                    ncclSuccess);
            for (int i = 0; i <= peer; i++)
                assert_int_equal(ncclRecv(in + (peer * b->size + i) * COUNT, (size_t)(COUNT - 2 * i),
                                          ncclFloat, peer, b->comm, b->stream),
                                 ncclSuccess);
        }
        end_group(b->comm);
        for (int peer = 0; peer < b->size; peer++)
            for (int i = 0; i <= peer; i++)
                assert_true(nccl_holds(b, in + (peer * b->size + i) * COUNT, (size_t)(COUNT - 2 * i),
                                       (float)(1000 * peer + i)));
    }
    check_cuda(cudaFree(out));
    check_cuda(cudaFree(in));
}

/* One call without a group; the receiver is in no hurry. */
static void a_chain(void **state)
{
    const nccl_bench *b = *state;
    float *values = nccl_filled(b, COUNT, b->rank == 0 ? 5 : 0);
    if (b->rank > 0) {
        assert_int_equal(ncclRecv(values, COUNT, ncclFloat, b->rank - 1, b->comm, b->stream), ncclInProgress);
        assert_int_equal(nccl_poll(b->comm, WAIT), ncclSuccess);
    }
    if (b->rank + 1 < b->size) {
        assert_int_equal(ncclSend(values, COUNT, ncclFloat, b->rank + 1, b->comm, b->stream), ncclInProgress);
        assert_int_equal(nccl_poll(b->comm, WAIT), ncclSuccess);
    }
    assert_true(nccl_holds(b, values, COUNT, 5));
    check_cuda(cudaFree(values));
}

static void gathers(void **state)
{
    const nccl_bench *b = *state;
    float *mine = nccl_filled(b, COUNT, (float)(b->rank * COUNT));
    float *all = nccl_filled(b, (size_t)b->size * COUNT, -1);
    assert_int_equal(ncclAllGather(mine, all, COUNT, ncclFloat, b->comm, b->stream), ncclInProgress);
    assert_int_equal(nccl_poll(b->comm, WAIT), ncclSuccess);
    assert_true(nccl_holds(b, all, (size_t)b->size * COUNT, 0));
    check_cuda(cudaMemsetAsync(all, 0, (size_t)b->size * COUNT * sizeof *all, b->stream));
    check_cuda(cudaMemcpyAsync(all + b->rank * COUNT, mine, COUNT * sizeof *all, cudaMemcpyDeviceToDevice,
                               b->stream));
    assert_int_equal(ncclAllGather(all + b->rank * COUNT, all, COUNT, ncclFloat, b->comm, b->stream),
                     ncclInProgress);
    assert_int_equal(nccl_poll(b->comm, WAIT), ncclSuccess);
    assert_true(nccl_holds(b, all, (size_t)b->size * COUNT, 0));
    check_cuda(cudaFree(mine));
    check_cuda(cudaFree(all));
}

static void broadcasts(void **state)
{
    const nccl_bench *b = *state;
    float *values = nccl_filled(b, COUNT, (float)b->rank);
    int root = b->size - 1;
    assert_int_equal(ncclBroadcast(values, values, COUNT, ncclFloat, root, b->comm, b->stream),
                     ncclInProgress);
    assert_int_equal(nccl_poll(b->comm, WAIT), ncclSuccess);
    assert_true(nccl_holds(b, values, COUNT, (float)root));
    check_cuda(cudaFree(values));
}

/* The last rank stays out; the others are numbered backwards. The parent works beside the child. */
static void splits(void **state)
{
    const nccl_bench *b = *state;
    ncclComm_t part = (ncclComm_t)(void *)b;
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    config.splitShare = 1;
    bool out = b->rank == b->size - 1;
    assert_int_equal(ncclCommSplit(b->comm, out ? NCCL_SPLIT_NOCOLOR : 3, -b->rank, &part, &config),
                     ncclSuccess); /* too early, as NCCL has it; the state tells */
    assert_int_equal(nccl_poll(b->comm, WAIT), ncclSuccess);
    assert_true(out == !part);
    float *all = nccl_filled(b, (size_t)b->size * COUNT, -1);
    if (part) {
        int rank = b->size - 2 - b->rank;
        float *mine = nccl_filled(b, COUNT, (float)(rank * COUNT));
        assert_int_equal(nccl_poll(part, WAIT), ncclSuccess);
        assert_int_equal(ncclAllGather(mine, all, COUNT, ncclFloat, part, b->stream), ncclInProgress);
        assert_int_equal(nccl_poll(part, WAIT), ncclSuccess);
        assert_true(nccl_holds(b, all, (size_t)(b->size - 1) * COUNT, 0));
        check_cuda(cudaFree(mine));
        assert_int_equal(ncclCommDestroy(part), ncclSuccess);
    }
    assert_int_equal(ncclBroadcast(all, all, COUNT, ncclFloat, 0, b->comm, b->stream), ncclInProgress);
    assert_int_equal(nccl_poll(b->comm, WAIT), ncclSuccess);
    check_cuda(cudaStreamSynchronize(b->stream));
    check_cuda(cudaFree(all));
}

/* Two streams, ordered by an event: fine. */
static void streams_in_order(void **state)
{
    const nccl_bench *b = *state;
    cudaStream_t other;
    cudaEvent_t event;
    float *values = nccl_filled(b, COUNT, 1);
    check_cuda(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking));
    check_cuda(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    assert_int_equal(ncclBroadcast(values, values, COUNT, ncclFloat, 0, b->comm, b->stream), ncclInProgress);
    assert_int_equal(nccl_poll(b->comm, WAIT), ncclSuccess);
    check_cuda(cudaEventRecord(event, b->stream));
    check_cuda(cudaStreamWaitEvent(other, event, 0));
    assert_int_equal(ncclBroadcast(values, values, COUNT, ncclFloat, 0, b->comm, other), ncclInProgress);
    assert_int_equal(nccl_poll(b->comm, WAIT), ncclSuccess);
    check_cuda(cudaStreamSynchronize(other));
    check_cuda(cudaEventDestroy(event));
    check_cuda(cudaStreamDestroy(other));
    check_cuda(cudaFree(values));
}

static void words_for_results(void **state)
{
    int version = 0;
    (void)state;
    assert_int_equal(ncclGetVersion(&version), ncclSuccess);
    assert_int_equal(version, NCCL_VERSION_CODE);
    assert_string_equal(ncclGetErrorString(ncclSuccess), "no error");
    assert_string_equal(ncclGetErrorString((ncclResult_t)99), "unknown result code");
    assert_string_equal(ncclGetLastError(NULL), "");
}

#define on_a_bench(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {on_a_bench(everyone_to_everyone),
                                       on_a_bench(a_chain),
                                       on_a_bench(gathers),
                                       on_a_bench(broadcasts),
                                       on_a_bench(splits),
                                       on_a_bench(streams_in_order),
                                       cmocka_unit_test(words_for_results)};
    int provided;
    if (MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
