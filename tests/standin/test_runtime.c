/* The stand-in's runtime: right programs pass in every order, and each misuse ends with its sentence. Every
 * case runs in a child of its own. */
#include "check.h"
#include "standin/internal.h"
#include "standin/standin.h"
#include "standin/test_kernels.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COUNT = 1024, BYTES = COUNT * (int)sizeof(float) };

/* What most cases need. */
typedef struct rig {
    cudaStream_t a, b;
    cudaEvent_t event, other;
    float *x, *y; /* [COUNT], device */
    double *sums; /* [4], device */
    float *host;  /* [COUNT], pinned */
} rig;

static void must(cudaError_t error)
{
    if (error != cudaSuccess) {
        fprintf(stderr, "unexpected: %s\n", cudaGetErrorString(error));
        _exit(1);
    }
}

static void need(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "not so: %s\n", what);
        _exit(1);
    }
}
#define NEED(condition) need(condition, #condition)

static rig make_rig(void)
{
    rig r;
    must(cudaStreamCreateWithFlags(&r.a, cudaStreamNonBlocking));
    must(cudaStreamCreateWithFlags(&r.b, cudaStreamNonBlocking));
    must(cudaEventCreateWithFlags(&r.event, cudaEventDefault));
    must(cudaEventCreateWithFlags(&r.other, cudaEventDefault));
    must(cudaMalloc((void **)&r.x, BYTES));
    must(cudaMalloc((void **)&r.y, BYTES));
    must(cudaMalloc((void **)&r.sums, 4 * sizeof(double)));
    must(cudaHostAlloc((void **)&r.host, BYTES, cudaHostAllocDefault));
    for (int i = 0; i < COUNT; i++)
        r.host[i] = (float)i;
    return r;
}

static void free_rig(rig r)
{
    must(cudaDeviceSynchronize());
    must(cudaFree(r.x));
    must(cudaFree(r.y));
    must(cudaFree(r.sums));
    must(cudaFreeHost(r.host));
    must(cudaEventDestroy(r.event));
    must(cudaEventDestroy(r.other));
    must(cudaStreamDestroy(r.a));
    must(cudaStreamDestroy(r.b));
}

static void fill(rig r)
{
    must(cudaMemcpyAsync(r.x, r.host, BYTES, cudaMemcpyHostToDevice, r.a));
    must(cudaStreamSynchronize(r.a));
}

/* Runs `body` in a child; gives its exit code, and what it wrote to stderr. */
static int run_child(void (*body)(void), char *text, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], 2);
        close(ends[0]);
        alarm(20);
        body();
        exit(0);
    }
    close(ends[1]);
    size_t got = 0;
    for (ssize_t n; got + 1 < size && (n = read(ends[0], text + got, size - 1 - got)) > 0;)
        got += (size_t)n;
    text[got] = 0;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void passes(void (*body)(void))
{
    static const char *const orders[] = {"late", "eager", "random:1", "random:2", "random:3"};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        char text[4096];
        setenv("GD_STANDIN_ORDER", orders[i], 1);
        const int code = run_child(body, text, sizeof text);
        if (code != 0)
            fail_msg("order %s: exit code %d: %s", orders[i], code, text);
    }
    unsetenv("GD_STANDIN_ORDER");
}

/* The misuse is found in every order. */
static void caught(void (*body)(void), const char *sentence)
{
    static const char *const orders[] = {"late", "eager", "random:7"};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        char text[4096];
        setenv("GD_STANDIN_ORDER", orders[i], 1);
        const int code = run_child(body, text, sizeof text);
        if (code != 86 || !strstr(text, sentence))
            fail_msg("order %s: exit code %d, \"%s\" instead of \"%s\"", orders[i], code, text, sentence);
    }
    unsetenv("GD_STANDIN_ORDER");
}

/* --- right programs --- */

static void two_streams(void)
{
    const rig r = make_rig();
    must(cudaMemcpyAsync(r.x, r.host, BYTES, cudaMemcpyHostToDevice, r.a));
    must(test_add(r.y, r.x, 1, COUNT, r.a));
    must(cudaEventRecord(r.event, r.a));
    must(cudaStreamWaitEvent(r.b, r.event, 0));
    must(test_sum(r.sums, r.y, 4, true, r.b));
    must(test_sum(r.sums, r.x, 4, true, r.b));
    must(test_sum(r.sums, r.y, 4, true, r.b));
    must(cudaStreamSynchronize(r.b));
    double sums[4];
    must(cudaMemcpy(sums, r.sums, sizeof sums, cudaMemcpyDeviceToHost));
    for (int i = 0; i < 4; i++)
        NEED(sums[i] == 256 * (256.0 * i + 127.5 + 1));
    free_rig(r);
}

static void atomics(void)
{
    const rig r = make_rig();
    must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    must(test_same_place((int *)r.x, true, r.a));
    must(test_neighbours((uint8_t *)r.y, 8, r.a));
    must(cudaStreamSynchronize(r.a));
    int value;
    must(cudaMemcpy(&value, r.x, sizeof value, cudaMemcpyDeviceToHost));
    NEED(value == 1);
    free_rig(r);
}

static cudaGraph_t capture(rig r, bool join)
{
    cudaGraph_t graph;
    must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeThreadLocal));
    must(test_add(r.y, r.x, 1, COUNT, r.a));
    must(cudaEventRecord(r.event, r.a));
    must(cudaStreamWaitEvent(r.b, r.event, 0));
    must(test_sum(r.sums, r.y, 4, true, r.b));
    must(cudaEventRecord(r.other, r.b));
    must(test_add(r.x, r.x, 1, COUNT, r.a));
    if (join)
        must(cudaStreamWaitEvent(r.a, r.other, 0));
    NEED(cudaStreamEndCapture(r.a, &graph) == (join ? cudaSuccess : cudaErrorStreamCaptureUnjoined));
    return graph;
}

static void graphs(void)
{
    const rig r = make_rig();
    fill(r);
    const cudaGraph_t graph = capture(r, true);
    cudaGraphExec_t executable;
    must(cudaGraphInstantiate(&executable, graph, 0));
    must(cudaGraphDestroy(graph));
    NEED(gd_standin_queued() == 0);
    for (int i = 0; i < 3; i++)
        must(cudaGraphLaunch(executable, r.a));
    must(cudaMemcpyAsync(r.host, r.sums, 4 * sizeof(double), cudaMemcpyDeviceToHost, r.a));
    must(cudaStreamSynchronize(r.a));
    for (int i = 0; i < 4; i++)
        NEED(((double *)r.host)[i] == 256 * (256.0 * i + 127.5 + 3));
    must(cudaGraphExecDestroy(executable));
    NEED(!capture(r, false));
    free_rig(r);
}

static void illegal_in_captures(void)
{
    const rig r = make_rig();
    void *memory;
    cudaGraph_t graph;
    must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeThreadLocal));
    NEED(cudaMalloc(&memory, 16) == cudaErrorStreamCaptureUnsupported);
    NEED(cudaStreamEndCapture(r.a, &graph) == cudaErrorStreamCaptureInvalidated);
    must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeThreadLocal));
    NEED(cudaStreamSynchronize(r.a) == cudaErrorStreamCaptureUnsupported);
    NEED(cudaStreamEndCapture(r.a, &graph) == cudaErrorStreamCaptureInvalidated);
    must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeRelaxed));
    must(cudaMalloc(&memory, 16));
    must(cudaEventRecord(r.event, r.a));
    NEED(cudaEventQuery(r.event) == cudaErrorCapturedEvent);
    NEED(cudaStreamEndCapture(r.a, &graph) == cudaErrorStreamCaptureInvalidated);
    must(cudaEventRecord(r.event, r.b));
    must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeRelaxed));
    NEED(cudaStreamWaitEvent(r.a, r.event, 0) == cudaErrorStreamCaptureIsolation);
    NEED(cudaStreamEndCapture(r.a, &graph) == cudaErrorStreamCaptureInvalidated);
    must(cudaFree(memory));
    (void)cudaGetLastError();
    free_rig(r);
}

static void queries(void)
{
    const rig r = make_rig();
    must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    must(cudaEventRecord(r.event, r.a));
    NEED(cudaStreamQuery(r.a) == cudaErrorNotReady);
    NEED(cudaEventQuery(r.event) == cudaErrorNotReady);
    while (cudaEventQuery(r.event) == cudaErrorNotReady)
        ;
    must(cudaStreamQuery(r.a));
    NEED(cudaGetLastError() == cudaErrorNotReady && cudaGetLastError() == cudaSuccess);
    free_rig(r);
}

static void durations(void)
{
    const rig r = make_rig();
    gd_standin_duration("fill", 3);
    must(cudaEventRecord(r.event, r.a));
    must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    must(cudaMemsetAsync(r.y, 0, BYTES, r.a));
    must(cudaEventRecord(r.other, r.a));
    float milliseconds;
    NEED(cudaEventElapsedTime(&milliseconds, r.event, r.other) == cudaErrorNotReady);
    must(cudaEventSynchronize(r.other));
    must(cudaEventElapsedTime(&milliseconds, r.event, r.other));
    NEED(milliseconds == 6);
    free_rig(r);
}

static void faults(void)
{
    const rig r = make_rig();
    void *memory;
    gd_standin_inject("malloc", 2);
    must(cudaMalloc(&memory, 16));
    must(cudaFree(memory));
    NEED(cudaMalloc(&memory, 16) == cudaErrorMemoryAllocation && !memory);
    NEED(cudaMalloc(&memory, 81ull << 30) == cudaErrorMemoryAllocation);
    must(cudaMalloc(&memory, 70ull << 30)); /* what is not touched takes no memory */
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
    const rig r = make_rig();
    gd_standin_slow("fill", 0.2);
    must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    while (cudaStreamQuery(r.a) == cudaErrorNotReady)
        usleep(1000);
    clock_gettime(CLOCK_MONOTONIC, &end);
    NEED((double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec) > 0.15);
    (void)cudaGetLastError();
    free_rig(r);
}

static void expected_misuse(void)
{
    const rig r = make_rig();
    gd_standin_expect("never written");
    (void)test_add(r.y, r.x, 0, COUNT, r.a);
    NEED(cudaStreamSynchronize(r.a) == cudaErrorLaunchFailure);
    NEED(strstr(gd_standin_said(), "never written: byte"));
}

static gd_standin_step third_time(void *state)
{
    int *const calls = state;
    return ++*calls % 3 == 0 ? GD_STANDIN_DONE : GD_STANDIN_AGAIN;
}

static bool never_here(void)
{
    return false;
}

/* Work of the other parts of the stand-in. */
static void own_work(void)
{
    const rig r = make_rig();
    fill(r);
    int calls = 0;
    const gd_standin_range all = {r.x, BYTES, 1, 0}, columns = {r.y, 8, 16, 64};
    gd_standin_work work = {.name = "own",
                            .run = third_time,
                            .state = &calls,
                            .reads = &all,
                            .read_count = 1,
                            .writes = &columns,
                            .write_count = 1};
    must(gd_standin_queue(r.a, &work));
    NEED(gd_standin_unwaited(r.a) && gd_standin_unwaited_state(&calls));
    must(cudaStreamSynchronize(r.a));
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
    free_rig(r);
}

/* Streams that nothing forces stay behind; a stream that waits holds up only those that wait for it. */
static void only_what_is_needed(void)
{
    setenv("GD_STANDIN_ORDER", "late", 1);
    const rig r = make_rig();
    gd_standin_work blocked = {.name = "blocked", .run = third_time, .may_run = never_here};
    must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    must(gd_standin_queue(r.a, &blocked));
    must(cudaMemsetAsync(r.y, 0, BYTES, r.b));
    const uint64_t before = gd_standin_ran();
    must(cudaStreamSynchronize(r.b));
    NEED(gd_standin_ran() == before + 1 && gd_standin_queued() == 2);
    _exit(0);
}

static void *work_on_b(void *arguments)
{
    const rig *const r = arguments;
    for (int i = 0; i < 50; i++) {
        must(test_add(r->y, r->y, 1, COUNT, r->b));
        must(cudaStreamSynchronize(r->b));
    }
    return NULL;
}

static void two_threads(void)
{
    rig r = make_rig();
    fill(r);
    must(cudaMemsetAsync(r.y, 0, BYTES, r.b));
    pthread_t thread;
    NEED(pthread_create(&thread, NULL, work_on_b, &r) == 0);
    for (int i = 0; i < 50; i++) {
        must(test_add(r.x, r.x, 1, COUNT, r.a));
        must(cudaStreamSynchronize(r.a));
    }
    NEED(pthread_join(thread, NULL) == 0);
    float x[COUNT], y[COUNT];
    must(cudaMemcpy(x, r.x, BYTES, cudaMemcpyDeviceToHost));
    must(cudaMemcpy(y, r.y, BYTES, cudaMemcpyDeviceToHost));
    NEED(x[7] == 57 && y[7] == 50);
    free_rig(r);
}

static void devices(void)
{
    setenv("GD_STANDIN_DEVICES", "3", 1);
    setenv("CUDA_VISIBLE_DEVICES", "2,0", 1);
    int count, other;
    must(cudaGetDeviceCount(&count));
    NEED(count == 2);
    char first[16], second[16];
    must(cudaDeviceGetPCIBusId(first, sizeof first, 0));
    must(cudaDeviceGetPCIBusId(second, sizeof second, 1));
    NEED(strcmp(first, second) != 0);
    NEED(cudaSetDevice(2) == cudaErrorInvalidDevice);
    must(cudaSetDevice(1));
    must(cudaGetDevice(&other));
    NEED(other == 1);
    struct cudaDeviceProp properties;
    must(cudaGetDeviceProperties(&properties, 1));
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

/* --- misuses --- */

static void host_reads_device(void)
{
    const rig r = make_rig();
    fill(r);
    fprintf(stderr, "%g", (double)((volatile float *)r.x)[3]);
}

static void host_writes_device(void)
{
    const rig r = make_rig();
    ((volatile float *)r.x)[3] = 1;
}

static void host_reads_early(void)
{
    const rig r = make_rig();
    fill(r);
    must(cudaMemcpyAsync(r.host, r.x, BYTES, cudaMemcpyDeviceToHost, r.a));
    fprintf(stderr, "%g", (double)((volatile float *)r.host)[3]);
}

static void host_writes_early(void)
{
    const rig r = make_rig();
    must(cudaMemcpyAsync(r.x, r.host, BYTES, cudaMemcpyHostToDevice, r.a));
    ((volatile float *)r.host)[3] = 1;
}

static void missing_wait(void)
{
    const rig r = make_rig();
    must(cudaMemcpyAsync(r.x, r.host, BYTES, cudaMemcpyHostToDevice, r.a));
    must(cudaEventRecord(r.event, r.a));
    must(test_add(r.x, r.x, 1, COUNT, r.a)); /* after the event */
    must(cudaStreamWaitEvent(r.b, r.event, 0));
    must(test_sum(r.sums, r.x, 4, true, r.b));
    must(cudaDeviceSynchronize());
}

static void overwrites_read(void)
{
    const rig r = make_rig();
    fill(r);
    must(test_sum(r.sums, r.x, 4, true, r.a));
    must(cudaMemsetAsync(r.x, 0, BYTES, r.b));
    must(cudaDeviceSynchronize());
}

static void memcpy_without_wait(void)
{
    const rig r = make_rig();
    float values[COUNT];
    must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    gd_standin_progress();
    must(cudaMemcpy(values, r.x, BYTES, cudaMemcpyDeviceToHost));
}

static void graph_without_wait(void)
{
    const rig r = make_rig();
    fill(r);
    cudaGraph_t graph;
    cudaGraphExec_t executable;
    must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeThreadLocal));
    must(cudaEventRecord(r.event, r.a));
    must(cudaStreamWaitEvent(r.b, r.event, 0));
    must(test_sum(r.sums, r.x, 4, true, r.b));
    must(cudaEventRecord(r.other, r.b));
    must(test_add(r.x, r.x, 1, COUNT, r.a)); /* while the other branch reads it */
    must(cudaStreamWaitEvent(r.a, r.other, 0));
    must(cudaStreamEndCapture(r.a, &graph));
    must(cudaGraphInstantiate(&executable, graph, 0));
    must(cudaGraphLaunch(executable, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void unwritten(void)
{
    const rig r = make_rig();
    must(test_add(r.y, r.x, 0, COUNT, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void unwritten_copy(void)
{
    const rig r = make_rig();
    must(cudaMemsetAsync(r.x, 0, BYTES - 4, r.a));
    must(cudaMemcpyAsync(r.host, r.x, BYTES, cudaMemcpyDeviceToHost, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void out_of_range(void)
{
    const rig r = make_rig();
    fill(r);
    must(test_add(r.y + 1, r.x, 0, COUNT, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void out_of_range_copy(void)
{
    const rig r = make_rig();
    must(cudaMemsetAsync(r.x, 0, BYTES + 4, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void host_memory(void)
{
    const rig r = make_rig();
    float *const values = calloc(COUNT, sizeof *values);
    must(test_add(r.y, values, 0, COUNT, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void misaligned(void)
{
    const rig r = make_rig();
    fill(r);
    must(test_vectors(r.y, r.x + 1, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void race(void)
{
    const rig r = make_rig();
    must(test_same_place((int *)r.x, false, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void missing_barrier(void)
{
    const rig r = make_rig();
    fill(r);
    must(test_sum(r.sums, r.x, 4, false, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void shared_unwritten(void)
{
    const rig r = make_rig();
    must(test_unwritten_shared((double *)r.x, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void barrier_for_some(void)
{
    const rig r = make_rig();
    must(test_partial_barrier((int *)r.x, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void shuffle_for_some(void)
{
    const rig r = make_rig();
    must(test_partial_shuffle(r.sums, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void big_grid(void)
{
    const rig r = make_rig();
    (void)test_grid(65536, 32, r.x, r.a);
}

static void big_block(void)
{
    const rig r = make_rig();
    (void)test_grid(1, 1025, r.x, r.a);
}

static void empty_grid(void)
{
    const rig r = make_rig();
    (void)test_grid(0, 32, r.x, r.a);
}

static void double_free(void)
{
    const rig r = make_rig();
    must(cudaFree(r.x));
    (void)cudaFree(r.x);
}

static void free_in_use(void)
{
    const rig r = make_rig();
    must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    must(cudaFree(r.x));
}

static void free_before_use(void)
{
    const rig r = make_rig();
    const gd_standin_range all = {r.x, BYTES, 1, 0};
    gd_standin_work blocked = {
        .name = "blocked", .run = third_time, .may_run = never_here, .writes = &all, .write_count = 1};
    must(gd_standin_queue(r.a, &blocked));
    must(cudaFree(r.x));
}

static void not_in_graphs(void)
{
    const rig r = make_rig();
    gd_standin_work work = {.name = "own", .run = third_time, .not_in_graphs = true};
    must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeThreadLocal));
    must(gd_standin_queue(r.a, &work));
}

static void leaked_thing(void)
{
    gd_standin_made("thing", "");
}

static void use_after_free(void)
{
    const rig r = make_rig();
    fill(r);
    must(cudaFree(r.x));
    must(test_add(r.y, r.x, 0, COUNT, r.a));
    must(cudaStreamSynchronize(r.a));
}

static void leak(void)
{
    const rig r = make_rig();
    float *more;
    must(cudaMalloc((void **)&more, 12));
    free_rig(r);
}

static void leaked_graph(void)
{
    const rig r = make_rig();
    fill(r);
    (void)capture(r, true);
    free_rig(r);
}

static void early_destroy(void)
{
    const rig r = make_rig();
    must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    must(cudaStreamDestroy(r.a));
}

static void dead_stream(void)
{
    const rig r = make_rig();
    must(cudaStreamDestroy(r.a));
    (void)cudaMemsetAsync(r.x, 0, BYTES, r.a);
}

static void dead_event(void)
{
    const rig r = make_rig();
    must(cudaEventDestroy(r.event));
    (void)cudaEventRecord(r.event, r.a);
}

static void pageable_copy(void)
{
    const rig r = make_rig();
    float values[COUNT];
    (void)cudaMemcpyAsync(values, r.x, BYTES, cudaMemcpyDeviceToHost, r.a);
}

static void wrong_direction(void)
{
    const rig r = make_rig();
    (void)cudaMemcpyAsync(r.x, r.host, BYTES, cudaMemcpyDeviceToHost, r.a);
}

static void default_stream(void)
{
    const rig r = make_rig();
    (void)cudaMemsetAsync(r.x, 0, BYTES, NULL);
}

static void wrong_device(void)
{
    setenv("GD_STANDIN_DEVICES", "2", 1);
    const rig r = make_rig();
    must(cudaSetDevice(1));
    (void)test_add(r.x, r.x, 0, COUNT, r.a);
}

static void other_devices_memory(void)
{
    setenv("GD_STANDIN_DEVICES", "2", 1);
    const rig r = make_rig();
    fill(r);
    cudaStream_t stream;
    must(cudaSetDevice(1));
    must(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    must(test_add(r.x, r.x, 0, COUNT, stream));
    must(cudaStreamSynchronize(stream));
}

#define PASSES(body)                                                                                         \
    static void test_##body(void **s)                                                                        \
    {                                                                                                        \
        (void)s;                                                                                             \
        passes(body);                                                                                        \
    }
#define CAUGHT(body, sentence)                                                                               \
    static void test_##body(void **s)                                                                        \
    {                                                                                                        \
        (void)s;                                                                                             \
        caught(body, sentence);                                                                              \
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
CAUGHT(host_reads_device, "host access to device memory: byte 12 of device allocation 1")
CAUGHT(host_writes_device, "host access to device memory: byte 12 of device allocation 1")
CAUGHT(host_reads_early, "host access to pinned memory that is written by copy to the host")
CAUGHT(host_writes_early, "host access to pinned memory that is read by copy to the device")
CAUGHT(missing_wait, "no event and no wait of the host orders them")
CAUGHT(overwrites_read, "no event and no wait of the host orders them")
CAUGHT(memcpy_without_wait, "reads what fill on stream 1 writes: byte 0 of device allocation 1")
CAUGHT(graph_without_wait, "no event and no wait of the host orders them")
CAUGHT(unwritten, "reads what was never written: byte")
CAUGHT(unwritten_copy, "copy to the host reads what was never written: byte 4092 of device allocation 1")
CAUGHT(out_of_range, "writes outside of memory that is alive: byte 4096 of device allocation 2 (4096 bytes)")
CAUGHT(out_of_range_copy, "fill runs over the end of byte 0 of device allocation 1 (4096 bytes) by 4 bytes")
CAUGHT(host_memory, "uses pageable host memory")
CAUGHT(misaligned, "is not aligned to its size: byte")
CAUGHT(race, "races with another thread of its launch for byte 0")
CAUGHT(missing_barrier, "shared memory")
CAUGHT(shared_unwritten, "reads shared memory that its block has not written")
CAUGHT(barrier_for_some, "only 10 of 32 threads reach gd_barrier")
CAUGHT(shuffle_for_some, "only 10 of the 32 lanes of a warp reach gd_shuffle_down")
CAUGHT(big_grid, "a grid of (1, 65536, 1) blocks of (32, 1, 1) threads cannot be launched")
CAUGHT(big_block, "cannot be launched")
CAUGHT(empty_grid, "cannot be launched")
CAUGHT(double_free, "cudaFree of what is not an allocation: byte 0 of freed device allocation 1")
CAUGHT(free_in_use, "which fill on stream 1 uses; the host has not waited for it")
CAUGHT(use_after_free, "reads outside of memory that is alive: byte")
CAUGHT(leak, "leaked at exit: byte 0 of device allocation 4 (12 bytes)")
CAUGHT(free_before_use,
       "cudaFree of byte 0 of device allocation 1 (4096 bytes), which blocked is going to use")
CAUGHT(not_in_graphs, "own in a capture: it cannot be part of a graph")
CAUGHT(leaked_thing, "leaked at exit: a thing")
CAUGHT(leaked_graph, "leaked at exit: a graph")
CAUGHT(early_destroy, "whose work the host has not waited for (fill on stream 1)")
CAUGHT(dead_stream, "fill on a stream that was destroyed")
CAUGHT(dead_event, "cudaEventRecord of an event that is not alive")
CAUGHT(pageable_copy, "cudaMemcpyAsync to pageable host memory")
CAUGHT(wrong_direction, "the direction does not fit the addresses")
CAUGHT(default_stream, "fill on the default stream")
CAUGHT(wrong_device, "is launched on a stream of device 0 while device 1 is current")
CAUGHT(other_devices_memory, "uses memory of another device")

#define T(body) cmocka_unit_test(test_##body)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(two_streams),
        T(atomics),
        T(graphs),
        T(illegal_in_captures),
        T(queries),
        T(durations),
        T(faults),
        T(slow),
        T(expected_misuse),
        T(devices),
        T(no_driver),
        T(host_reads_device),
        T(host_writes_device),
        T(host_reads_early),
        T(host_writes_early),
        T(missing_wait),
        T(overwrites_read),
        T(memcpy_without_wait),
        T(graph_without_wait),
        T(unwritten),
        T(unwritten_copy),
        T(out_of_range),
        T(out_of_range_copy),
        T(host_memory),
        T(misaligned),
        T(race),
        T(missing_barrier),
        T(shared_unwritten),
        T(barrier_for_some),
        T(shuffle_for_some),
        T(big_grid),
        T(big_block),
        T(empty_grid),
        T(double_free),
        T(free_in_use),
        T(use_after_free),
        T(leak),
        T(leaked_graph),
        T(own_work),
        T(only_what_is_needed),
        T(two_threads),
        T(free_before_use),
        T(not_in_graphs),
        T(leaked_thing),
        T(early_destroy),
        T(dead_stream),
        T(dead_event),
        T(pageable_copy),
        T(wrong_direction),
        T(default_stream),
        T(wrong_device),
        T(other_devices_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
