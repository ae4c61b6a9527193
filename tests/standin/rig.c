/* Runs each test program of the stand-in's runtime in a child process. */
#include "standin/rig.h"

#include "check.h"
#include "standin/test_kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

void rig_must(cudaError_t error)
{
    if (error != cudaSuccess) {
        fprintf(stderr, "unexpected: %s\n", cudaGetErrorString(error));
        _exit(1);
    }
}

void rig_need(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "not so: %s\n", what);
        _exit(1);
    }
}

rig rig_make(void)
{
    rig r;
    rig_must(cudaStreamCreateWithFlags(&r.a, cudaStreamNonBlocking));
    rig_must(cudaStreamCreateWithFlags(&r.b, cudaStreamNonBlocking));
    rig_must(cudaEventCreateWithFlags(&r.event, cudaEventDefault));
    rig_must(cudaEventCreateWithFlags(&r.other, cudaEventDefault));
    rig_must(cudaMalloc((void **)&r.x, BYTES));
    rig_must(cudaMalloc((void **)&r.y, BYTES));
    rig_must(cudaMalloc((void **)&r.sums, 4 * sizeof(double)));
    rig_must(cudaHostAlloc((void **)&r.host, BYTES, cudaHostAllocDefault));
    for (int i = 0; i < COUNT; i++)
        r.host[i] = (float)i;
    return r;
}

void rig_free(rig r)
{
    rig_must(cudaDeviceSynchronize());
    rig_must(cudaFree(r.x));
    rig_must(cudaFree(r.y));
    rig_must(cudaFree(r.sums));
    rig_must(cudaFreeHost(r.host));
    rig_must(cudaEventDestroy(r.event));
    rig_must(cudaEventDestroy(r.other));
    rig_must(cudaStreamDestroy(r.a));
    rig_must(cudaStreamDestroy(r.b));
}

void rig_fill(rig r)
{
    rig_must(cudaMemcpyAsync(r.x, r.host, BYTES, cudaMemcpyHostToDevice, r.a));
    rig_must(cudaStreamSynchronize(r.a));
}

int rig_run(void (*body)(void), const char *order, char *text, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], 2);
        close(ends[0]);
        setenv("GD_STANDIN_ORDER", order, 1);
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

cudaGraph_t rig_capture(rig r, bool join)
{
    cudaGraph_t graph;
    rig_must(cudaStreamBeginCapture(r.a, cudaStreamCaptureModeThreadLocal));
    rig_must(test_add(r.y, r.x, 1, COUNT, r.a));
    rig_must(cudaEventRecord(r.event, r.a));
    rig_must(cudaStreamWaitEvent(r.b, r.event, 0));
    rig_must(test_sum(r.sums, r.y, 4, true, r.b));
    rig_must(cudaEventRecord(r.other, r.b));
    rig_must(test_add(r.x, r.x, 1, COUNT, r.a));
    if (join)
        rig_must(cudaStreamWaitEvent(r.a, r.other, 0));
    NEED(cudaStreamEndCapture(r.a, &graph) == (join ? cudaSuccess : cudaErrorStreamCaptureUnjoined));
    return graph;
}

gd_standin_step rig_third_time(void *state)
{
    int *const calls = state;
    return ++*calls % 3 == 0 ? GD_STANDIN_DONE : GD_STANDIN_AGAIN;
}

bool rig_never(void)
{
    return false;
}
