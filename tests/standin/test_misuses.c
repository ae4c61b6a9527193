/* The stand-in's runtime: each misuse ends with its sentence, in every order, in a child of its own. */
#include "check.h"
#include "standin/rig.h"
#include "standin/standin.h"
#include "standin/test_kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void caught(void (*body)(void), const char *sentence)
{
    static const char *const orders[] = {"late", "eager", "random:7"};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        char text[4096];
        const int code = rig_run(body, orders[i], text, sizeof text);
        if (code != 86 || !strstr(text, sentence))
            fail_msg("order %s: exit code %d, \"%s\" instead of \"%s\"", orders[i], code, text, sentence);
    }
}

static void host_reads_device(void)
{
    const rig r = rig_make();
    rig_fill(r);
    fprintf(stderr, "%g", (double)((volatile float *)r.x)[3]);
}

static void host_writes_device(void)
{
    const rig r = rig_make();
    ((volatile float *)r.x)[3] = 1;
}

static void host_reads_early(void)
{
    const rig r = rig_make();
    rig_fill(r);
    rig_must(cudaMemcpyAsync(r.host, r.x, BYTES, cudaMemcpyDeviceToHost, r.a));
    fprintf(stderr, "%g", (double)((volatile float *)r.host)[3]);
}

static void host_writes_early(void)
{
    const rig r = rig_make();
    rig_must(cudaMemcpyAsync(r.x, r.host, BYTES, cudaMemcpyHostToDevice, r.a));
    ((volatile float *)r.host)[3] = 1;
}

static void missing_wait(void)
{
    const rig r = rig_make();
    rig_must(cudaMemcpyAsync(r.x, r.host, BYTES, cudaMemcpyHostToDevice, r.a));
    rig_must(cudaEventRecord(r.event, r.a));
    rig_must(test_add(r.x, r.x, 1, COUNT, r.a)); /* after the event */
    rig_must(cudaStreamWaitEvent(r.b, r.event, 0));
    rig_must(test_sum(r.sums, r.x, 4, true, r.b));
    rig_must(cudaDeviceSynchronize());
}

static void overwrites_read(void)
{
    const rig r = rig_make();
    rig_fill(r);
    rig_must(test_sum(r.sums, r.x, 4, true, r.a));
    rig_must(cudaMemsetAsync(r.x, 0, BYTES, r.b));
    rig_must(cudaDeviceSynchronize());
}

static void memcpy_without_wait(void)
{
    const rig r = rig_make();
    float values[COUNT];
    rig_must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    gd_standin_progress();
    rig_must(cudaMemcpy(values, r.x, BYTES, cudaMemcpyDeviceToHost));
}

static void graph_without_wait(void)
{
    const rig r = rig_make();
    rig_fill(r);
    cudaGraph_t graph;
    cudaGraphExec_t executable;
    rig_must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeThreadLocal));
    rig_must(cudaEventRecord(r.event, r.a));
    rig_must(cudaStreamWaitEvent(r.b, r.event, 0));
    rig_must(test_sum(r.sums, r.x, 4, true, r.b));
    rig_must(cudaEventRecord(r.other, r.b));
    rig_must(test_add(r.x, r.x, 1, COUNT, r.a)); /* while the other branch reads it */
    rig_must(cudaStreamWaitEvent(r.a, r.other, 0));
    rig_must(cudaStreamEndCapture(r.a, &graph));
    rig_must(cudaGraphInstantiate(&executable, graph, 0));
    rig_must(cudaGraphLaunch(executable, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void unwritten(void)
{
    const rig r = rig_make();
    rig_must(test_add(r.y, r.x, 0, COUNT, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void unwritten_copy(void)
{
    const rig r = rig_make();
    rig_must(cudaMemsetAsync(r.x, 0, BYTES - 4, r.a));
    rig_must(cudaMemcpyAsync(r.host, r.x, BYTES, cudaMemcpyDeviceToHost, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void out_of_range(void)
{
    const rig r = rig_make();
    rig_fill(r);
    rig_must(test_add(r.y + 1, r.x, 0, COUNT, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void out_of_range_copy(void)
{
    const rig r = rig_make();
    rig_must(cudaMemsetAsync(r.x, 0, BYTES + 4, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void host_memory(void)
{
    const rig r = rig_make();
    float *const values = calloc(COUNT, sizeof *values);
    rig_must(test_add(r.y, values, 0, COUNT, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void misaligned(void)
{
    const rig r = rig_make();
    rig_fill(r);
    rig_must(test_vectors(r.y, r.x + 1, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void race(void)
{
    const rig r = rig_make();
    rig_must(test_same_place((int *)r.x, false, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void missing_barrier(void)
{
    const rig r = rig_make();
    rig_fill(r);
    rig_must(test_sum(r.sums, r.x, 4, false, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void shared_unwritten(void)
{
    const rig r = rig_make();
    rig_must(test_unwritten_shared((double *)r.x, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void barrier_for_some(void)
{
    const rig r = rig_make();
    rig_must(test_partial_barrier((int *)r.x, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void shuffle_for_some(void)
{
    const rig r = rig_make();
    rig_must(test_partial_shuffle(r.sums, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void big_grid(void)
{
    const rig r = rig_make();
    (void)test_grid(65536, 32, r.x, r.a);
}

static void big_block(void)
{
    const rig r = rig_make();
    (void)test_grid(1, 1025, r.x, r.a);
}

static void empty_grid(void)
{
    const rig r = rig_make();
    (void)test_grid(0, 32, r.x, r.a);
}

static void double_free(void)
{
    const rig r = rig_make();
    rig_must(cudaFree(r.x));
    (void)cudaFree(r.x);
}

static void free_in_use(void)
{
    const rig r = rig_make();
    rig_must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    rig_must(cudaFree(r.x));
}

static void free_before_use(void)
{
    const rig r = rig_make();
    const gd_standin_range all = {r.x, BYTES, 1, 0};
    gd_standin_work blocked = {
        .name = "blocked", .run = rig_third_time, .may_run = rig_never, .writes = &all, .write_count = 1};
    rig_must(gd_standin_queue(r.a, &blocked));
    rig_must(cudaFree(r.x));
}

static void not_in_graphs(void)
{
    const rig r = rig_make();
    gd_standin_work work = {.name = "own", .run = rig_third_time, .not_in_graphs = true};
    rig_must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeThreadLocal));
    rig_must(gd_standin_queue(r.a, &work));
}

static void leaked_thing(void)
{
    gd_standin_made("thing", "");
}

static void use_after_free(void)
{
    const rig r = rig_make();
    rig_fill(r);
    rig_must(cudaFree(r.x));
    rig_must(test_add(r.y, r.x, 0, COUNT, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

static void leak(void)
{
    const rig r = rig_make();
    float *more;
    rig_must(cudaMalloc((void **)&more, 12));
    rig_free(r);
}

static void leaked_graph(void)
{
    const rig r = rig_make();
    rig_fill(r);
    (void)rig_capture(r, true);
    rig_free(r);
}

static void early_destroy(void)
{
    const rig r = rig_make();
    rig_must(cudaMemsetAsync(r.x, 0, BYTES, r.a));
    rig_must(cudaStreamDestroy(r.a));
}

static void dead_stream(void)
{
    const rig r = rig_make();
    rig_must(cudaStreamDestroy(r.a));
    (void)cudaMemsetAsync(r.x, 0, BYTES, r.a);
}

static void dead_event(void)
{
    const rig r = rig_make();
    rig_must(cudaEventDestroy(r.event));
    (void)cudaEventRecord(r.event, r.a);
}

static void pageable_copy(void)
{
    const rig r = rig_make();
    float values[COUNT];
    (void)cudaMemcpyAsync(values, r.x, BYTES, cudaMemcpyDeviceToHost, r.a);
}

static void wrong_direction(void)
{
    const rig r = rig_make();
    (void)cudaMemcpyAsync(r.x, r.host, BYTES, cudaMemcpyDeviceToHost, r.a);
}

static void default_stream(void)
{
    const rig r = rig_make();
    (void)cudaMemsetAsync(r.x, 0, BYTES, NULL);
}

static void wait_for_nothing(void)
{
    const rig r = rig_make();
    cudaEvent_t event;
    rig_must(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    (void)cudaStreamWaitEvent(r.a, event, 0);
}

static void no_such_priority(void)
{
    cudaStream_t stream;
    (void)rig_make();
    (void)cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, -9);
}

static void wrong_device(void)
{
    setenv("GD_STANDIN_DEVICES", "2", 1);
    const rig r = rig_make();
    rig_must(cudaSetDevice(1));
    (void)test_add(r.x, r.x, 0, COUNT, r.a);
}

static void other_devices_memory(void)
{
    setenv("GD_STANDIN_DEVICES", "2", 1);
    const rig r = rig_make();
    rig_fill(r);
    cudaStream_t stream;
    rig_must(cudaSetDevice(1));
    rig_must(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    rig_must(test_add(r.x, r.x, 0, COUNT, stream));
    rig_must(cudaStreamSynchronize(stream));
}

#define CAUGHT(body, sentence)                                                                               \
    static void test_##body(void **s)                                                                        \
    {                                                                                                        \
        (void)s;                                                                                             \
        caught(body, sentence);                                                                              \
    }
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
CAUGHT(wait_for_nothing, "cudaStreamWaitEvent for an event that was never recorded")
CAUGHT(no_such_priority, "cudaStreamCreateWithPriority: priority -9 is not in -5 ... 0")
CAUGHT(wrong_device, "is launched on a stream of device 0 while device 1 is current")
CAUGHT(other_devices_memory, "uses memory of another device")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_reads_device),
        cmocka_unit_test(test_host_writes_device),
        cmocka_unit_test(test_host_reads_early),
        cmocka_unit_test(test_host_writes_early),
        cmocka_unit_test(test_missing_wait),
        cmocka_unit_test(test_overwrites_read),
        cmocka_unit_test(test_memcpy_without_wait),
        cmocka_unit_test(test_graph_without_wait),
        cmocka_unit_test(test_unwritten),
        cmocka_unit_test(test_unwritten_copy),
        cmocka_unit_test(test_out_of_range),
        cmocka_unit_test(test_out_of_range_copy),
        cmocka_unit_test(test_host_memory),
        cmocka_unit_test(test_misaligned),
        cmocka_unit_test(test_race),
        cmocka_unit_test(test_missing_barrier),
        cmocka_unit_test(test_shared_unwritten),
        cmocka_unit_test(test_barrier_for_some),
        cmocka_unit_test(test_shuffle_for_some),
        cmocka_unit_test(test_big_grid),
        cmocka_unit_test(test_big_block),
        cmocka_unit_test(test_empty_grid),
        cmocka_unit_test(test_double_free),
        cmocka_unit_test(test_free_in_use),
        cmocka_unit_test(test_use_after_free),
        cmocka_unit_test(test_leak),
        cmocka_unit_test(test_free_before_use),
        cmocka_unit_test(test_not_in_graphs),
        cmocka_unit_test(test_leaked_thing),
        cmocka_unit_test(test_leaked_graph),
        cmocka_unit_test(test_early_destroy),
        cmocka_unit_test(test_dead_stream),
        cmocka_unit_test(test_dead_event),
        cmocka_unit_test(test_pageable_copy),
        cmocka_unit_test(test_wrong_direction),
        cmocka_unit_test(test_default_stream),
        cmocka_unit_test(test_wait_for_nothing),
        cmocka_unit_test(test_no_such_priority),
        cmocka_unit_test(test_wrong_device),
        cmocka_unit_test(test_other_devices_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
