/* The stand-in's runtime: right programs pass in every order, each in a child of its own. */
#include "check.h"
#include "standin/rig.h"
#include "standin/standin.h"
#include "standin/test_kernels.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void passes(void (*body)(void))
{
    static const char *const orders[] = {"late", "eager", "random:1", "random:2", "random:3"};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        char text[4096];
        const int code = rig_run(body, orders[i], text, sizeof text);
        if (code != 0)
            fail_msg("order %s: exit code %d: %s", orders[i], code, text);
    }
}

static void two_streams(void)
{
    const rig r = rig_make();
    rig_must(cudaMemcpyAsync(r.x, r.host, BYTES, cudaMemcpyHostToDevice, r.a));
    rig_must(test_add(r.y, r.x, 1, COUNT, r.a));
    rig_must(cudaEventRecord(r.event, r.a));
    rig_must(cudaStreamWaitEvent(r.b, r.event, 0));
    rig_must(test_sum(r.sums, r.y, 4, true, r.b));
    rig_must(test_sum(r.sums, r.x, 4, true, r.b));
    rig_must(test_sum(r.sums, r.y, 4, true, r.b));
    rig_must(cudaStreamSynchronize(r.b));
    double sums[4];
    rig_must(cudaMemcpy(sums, r.sums, sizeof sums, cudaMemcpyDeviceToHost));
    for (int i = 0; i < 4; i++)
        NEED(sums[i] == 256 * (256.0 * i + 127.5 + 1));
    rig_free(r);
}

static void atomics(void)
{
    const rig r = rig_make();
    rig_must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    rig_must(test_same_place((int *)r.x, true, r.a));
    rig_must(test_neighbours((uint8_t *)r.y, 8, r.a));
    rig_must(cudaStreamSynchronize(r.a));
    int value;
    rig_must(cudaMemcpy(&value, r.x, sizeof value, cudaMemcpyDeviceToHost));
    NEED(value == 1);
    rig_free(r);
}

static void graphs(void)
{
    const rig r = rig_make();
    rig_fill(r);
    const cudaGraph_t graph = rig_capture(r, true);
    cudaGraphExec_t executable;
    rig_must(cudaGraphInstantiate(&executable, graph, 0));
    rig_must(cudaGraphDestroy(graph));
    NEED(gd_standin_queued() == 0);
    for (int i = 0; i < 3; i++)
        rig_must(cudaGraphLaunch(executable, r.a));
    rig_must(cudaMemcpyAsync(r.host, r.sums, 4 * sizeof(double), cudaMemcpyDeviceToHost, r.a));
    rig_must(cudaStreamSynchronize(r.a));
    for (int i = 0; i < 4; i++)
        NEED(((double *)r.host)[i] == 256 * (256.0 * i + 127.5 + 3));
    rig_must(cudaGraphExecDestroy(executable));
    NEED(!rig_capture(r, false));
    rig_free(r);
}

static void illegal_in_captures(void)
{
    const rig r = rig_make();
    void *memory;
    cudaGraph_t graph;
    rig_must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeThreadLocal));
    NEED(cudaMalloc(&memory, 16) == cudaErrorStreamCaptureUnsupported);
    NEED(cudaStreamEndCapture(r.a, &graph) == cudaErrorStreamCaptureInvalidated);
    rig_must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeThreadLocal));
    NEED(cudaStreamSynchronize(r.a) == cudaErrorStreamCaptureUnsupported);
    NEED(cudaStreamEndCapture(r.a, &graph) == cudaErrorStreamCaptureInvalidated);
    rig_must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeRelaxed));
    rig_must(cudaMalloc(&memory, 16));
    rig_must(cudaEventRecord(r.event, r.a));
    NEED(cudaEventQuery(r.event) == cudaErrorCapturedEvent);
    NEED(cudaStreamEndCapture(r.a, &graph) == cudaErrorStreamCaptureInvalidated);
    rig_must(cudaEventRecord(r.event, r.b));
    rig_must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeRelaxed));
    NEED(cudaStreamWaitEvent(r.a, r.event, 0) == cudaErrorStreamCaptureIsolation);
    NEED(cudaStreamEndCapture(r.a, &graph) == cudaErrorStreamCaptureInvalidated);
    rig_must(cudaFree(memory));
    (void)cudaGetLastError();
    rig_free(r);
}

static void queries(void)
{
    const rig r = rig_make();
    rig_must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    rig_must(cudaEventRecord(r.event, r.a));
    NEED(cudaStreamQuery(r.a) == cudaErrorNotReady);
    NEED(cudaEventQuery(r.event) == cudaErrorNotReady);
    while (cudaEventQuery(r.event) == cudaErrorNotReady)
        ;
    rig_must(cudaStreamQuery(r.a));
    NEED(cudaGetLastError() == cudaErrorNotReady && cudaGetLastError() == cudaSuccess);
    rig_free(r);
}

static void durations(void)
{
    const rig r = rig_make();
    gd_standin_duration("fill", 3);
    rig_must(cudaEventRecord(r.event, r.a));
    rig_must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    rig_must(cudaMemsetAsync(r.y, 0, BYTES, r.a));
    rig_must(cudaEventRecord(r.other, r.a));
    float milliseconds;
    NEED(cudaEventElapsedTime(&milliseconds, r.event, r.other) == cudaErrorNotReady);
    rig_must(cudaEventSynchronize(r.other));
    rig_must(cudaEventElapsedTime(&milliseconds, r.event, r.other));
    NEED(milliseconds == 6);
    rig_free(r);
}

static void faults(void)
{
    const rig r = rig_make();
    void *memory;
    gd_standin_inject("malloc", 2);
    rig_must(cudaMalloc(&memory, 16));
    rig_must(cudaFree(memory));
    NEED(cudaMalloc(&memory, 16) == cudaErrorMemoryAllocation && !memory);
    NEED(cudaMalloc(&memory, 81ull << 30) == cudaErrorMemoryAllocation);
    rig_must(cudaMalloc(&memory, 70ull << 30)); /* what is not touched takes no memory */
    NEED(cudaMalloc(&memory, 10ull << 30) == cudaErrorMemoryAllocation);
    NEED(gd_standin_bytes(0) == (70ull << 30) + 2 * BYTES + 4 * sizeof(double));
    gd_standin_inject("launch", 1);
    (void)cudaGetLastError();
    NEED(test_add(r.x, r.x, 0, COUNT, r.a) == cudaErrorLaunchOutOfResources);
    gd_standin_inject("run", 1);
    (void)cudaMemsetAsync(r.x, 0, BYTES, r.a); /* which fails already where it runs at once */
    NEED(cudaStreamSynchronize(r.a) == cudaErrorLaunchFailure);
    NEED(cudaMalloc(&memory, 16) == cudaErrorLaunchFailure);
    NEED(cudaGetLastError() == cudaErrorLaunchFailure && cudaGetLastError() == cudaErrorLaunchFailure);
}

static void slow(void)
{
    const rig r = rig_make();
    gd_standin_slow("fill", 0.2);
    rig_must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    while (cudaStreamQuery(r.a) == cudaErrorNotReady)
        usleep(1000);
    clock_gettime(CLOCK_MONOTONIC, &end);
    NEED((double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec) > 0.15);
    (void)cudaGetLastError();
    rig_free(r);
}

static void expected_misuse(void)
{
    const rig r = rig_make();
    gd_standin_expect("never written");
    (void)test_add(r.y, r.x, 0, COUNT, r.a);
    NEED(cudaStreamSynchronize(r.a) == cudaErrorLaunchFailure);
    NEED(strstr(gd_standin_said(), "never written: byte"));
}

/* Work of the other parts of the stand-in. */
static void own_work(void)
{
    const rig r = rig_make();
    rig_fill(r);
    int calls = 0;
    const gd_standin_range all = {r.x, BYTES, 1, 0}, columns = {r.y, 8, 16, 64};
    gd_standin_work work = {.name = "own",
                            .run = rig_third_time,
                            .state = &calls,
                            .reads = &all,
                            .read_count = 1,
                            .writes = &columns,
                            .write_count = 1};
    rig_must(gd_standin_queue(r.a, &work));
    NEED(gd_standin_unwaited(r.a) && gd_standin_unwaited_state(&calls));
    rig_must(cudaStreamSynchronize(r.a));
    NEED(calls == 3);
    NEED(!gd_standin_unwaited(r.a) && !gd_standin_unwaited_state(&calls));
    gd_standin_expect("never written: byte 8 ");
    const gd_standin_range half = {r.y, 16, 1, 0};
    NEED(gd_standin_written("test", &columns) && !gd_standin_written("test", &half));
    gd_standin_expect(NULL);
    gd_standin_made("thing", &calls);
    gd_standin_gone("thing", &calls);
    int device;
    const void *start;
    size_t bytes;
    NEED(gd_standin_where(r.x + 5, &device, &start, &bytes) == GD_STANDIN_DEVICE);
    NEED(device == 0 && start == r.x && bytes == BYTES);
    NEED(gd_standin_where(r.x + COUNT, NULL, NULL, NULL) == GD_STANDIN_WILD);
    NEED(gd_standin_where(r.host, NULL, NULL, NULL) == GD_STANDIN_PINNED);
    NEED(gd_standin_where(&r, NULL, NULL, NULL) == GD_STANDIN_PAGEABLE);
    rig_free(r);
}

/* Streams that nothing forces stay behind; a stream that waits holds up only those that wait for it. */
static void only_what_is_needed(void)
{
    setenv("GD_STANDIN_ORDER", "late", 1);
    const rig r = rig_make();
    gd_standin_work blocked = {.name = "blocked", .run = rig_third_time, .may_run = rig_never};
    rig_must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    rig_must(gd_standin_queue(r.a, &blocked));
    rig_must(cudaMemsetAsync(r.y, 0, BYTES, r.b));
    const uint64_t before = gd_standin_ran();
    rig_must(cudaStreamSynchronize(r.b));
    NEED(gd_standin_ran() == before + 1 && gd_standin_queued() == 2);
    _exit(0);
}

static void *work_on_b(void *arguments)
{
    const rig *const r = arguments;
    for (int i = 0; i < 50; i++) {
        rig_must(test_add(r->y, r->y, 1, COUNT, r->b));
        rig_must(cudaStreamSynchronize(r->b));
    }
    return NULL;
}

static void two_threads(void)
{
    rig r = rig_make();
    rig_fill(r);
    rig_must(cudaMemsetAsync(r.y, 0, BYTES, r.b));
    pthread_t thread;
    NEED(pthread_create(&thread, NULL, work_on_b, &r) == 0);
    for (int i = 0; i < 50; i++) {
        rig_must(test_add(r.x, r.x, 1, COUNT, r.a));
        rig_must(cudaStreamSynchronize(r.a));
    }
    NEED(pthread_join(thread, NULL) == 0);
    float x[COUNT], y[COUNT];
    rig_must(cudaMemcpy(x, r.x, BYTES, cudaMemcpyDeviceToHost));
    rig_must(cudaMemcpy(y, r.y, BYTES, cudaMemcpyDeviceToHost));
    NEED(x[7] == 57 && y[7] == 50);
    rig_free(r);
}

static void devices(void)
{
    setenv("GD_STANDIN_DEVICES", "3", 1);
    setenv("CUDA_VISIBLE_DEVICES", "2,0", 1);
    int count, other;
    rig_must(cudaGetDeviceCount(&count));
    NEED(count == 2);
    char first[16], second[16];
    rig_must(cudaDeviceGetPCIBusId(first, sizeof first, 0));
    rig_must(cudaDeviceGetPCIBusId(second, sizeof second, 1));
    NEED(strcmp(first, second) != 0);
    NEED(cudaSetDevice(2) == cudaErrorInvalidDevice);
    rig_must(cudaSetDevice(1));
    rig_must(cudaGetDevice(&other));
    NEED(other == 1);
    struct cudaDeviceProp properties;
    rig_must(cudaGetDeviceProperties(&properties, 1));
    NEED(properties.major == 9 && properties.totalGlobalMem == 80ull << 30);
}

static void no_driver(void)
{
    setenv("GD_STANDIN_DEVICES", "none", 1);
    int count;
    void *memory;
    NEED(cudaGetDeviceCount(&count) == cudaErrorInsufficientDriver && count == 0);
    NEED(cudaMalloc(&memory, 16) == cudaErrorInsufficientDriver);
}

#define PASSES(body)                                                                                         \
    static void test_##body(void **s)                                                                        \
    {                                                                                                        \
        (void)s;                                                                                             \
        passes(body);                                                                                        \
    }
PASSES(two_streams)
PASSES(atomics)
PASSES(graphs)
PASSES(illegal_in_captures)
PASSES(queries)
PASSES(durations)
PASSES(faults)
PASSES(slow)
PASSES(expected_misuse)
PASSES(own_work)
PASSES(only_what_is_needed)
PASSES(two_threads)
PASSES(devices)
PASSES(no_driver)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_streams),
        cmocka_unit_test(test_atomics),
        cmocka_unit_test(test_graphs),
        cmocka_unit_test(test_illegal_in_captures),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_expected_misuse),
        cmocka_unit_test(test_own_work),
        cmocka_unit_test(test_only_what_is_needed),
        cmocka_unit_test(test_two_threads),
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_no_driver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
