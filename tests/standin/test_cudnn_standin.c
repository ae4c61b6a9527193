/* Plans of the real cuDNN, executed by the stand-in: results against the slow loops, and every misuse with
 * its sentence. */
#include "check.h"
#include "standin/plan_of.h"
#include "standin/standin.h"

#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

typedef struct bench {
    cudaStream_t stream;
    cudnnHandle_t handle;
} bench;

#define check_cuda(call) assert_int_equal((call), cudaSuccess)
#define check_cudnn(call) assert_int_equal((call), CUDNN_STATUS_SUCCESS)

static int open_bench(void **state)
{
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    check_cuda(cudaStreamCreateWithFlags(&b->stream, cudaStreamNonBlocking));
    check_cudnn(cudnnCreate(&b->handle));
    check_cudnn(cudnnSetStream(b->handle, b->stream));
    *state = b;
    return 0;
}

static int close_bench(void **state)
{
    bench *b = *state;
    check_cudnn(cudnnDestroy(b->handle));
    check_cuda(cudaStreamDestroy(b->stream));
    free(b);
    return 0;
}

/* A tensor on both sides, as a slice of `pitch` channels from channel `from`. */
typedef struct twin {
    gd_strided shape;
    size_t bytes;
    int64_t from;
    char *host, *device;
} twin;

static void *pinned(size_t bytes)
{
    void *made;
    check_cuda(cudaHostAlloc(&made, bytes, cudaHostAllocDefault));
    return made;
}

static twin make_twin(gd_value_type type, int64_t n, int64_t c, int64_t h, int64_t w, int64_t pitch,
                      int64_t from)
{
    static unsigned seed = 1;
    twin t = {{type, {n, c, h, w}, {h * w * pitch, 1, w * pitch, pitch}}, .from = from};
    int64_t count = n * h * w * pitch;
    t.bytes = (size_t)count * gd_value_bytes(type);
    t.host = pinned(t.bytes);
    for (int64_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        gd_value_store(type, t.host, i, (float)((int)(seed >> 28) - 8) / 4);
    }
    check_cuda(cudaMalloc((void **)&t.device, t.bytes));
    return t;
}

static void *first(const twin *t, char *side)
{
    return side + (size_t)t->from * gd_value_bytes(t->shape.type);
}

static void upload(const bench *b, const twin *t)
{
    check_cuda(cudaMemcpyAsync(t->device, t->host, t->bytes, cudaMemcpyHostToDevice, b->stream));
    check_cuda(cudaStreamSynchronize(b->stream));
}

static void free_twin(twin *t)
{
    check_cuda(cudaFree(t->device));
    check_cuda(cudaFreeHost(t->host));
}

/* A convolution with its tensors: 16 channels of 9x8, 3x3, to 32 of a wider tensor. */
typedef struct trial {
    gd_convolve convolve;
    twin x, w, b, y;
    plan_of plan;
    void *workspace;
} trial;

static void make_trial(const bench *b, trial *t, gd_value_type type, bool backward, bool tf32, int64_t step)
{
    int64_t rows = (9 - 3) / step + 1, cols = (8 - 3) / step + 1;
    memset(t, 0, sizeof *t);
    t->x = make_twin(type, 1, 16, 9, 8, backward ? 16 : 32, backward ? 0 : 8);
    t->w = make_twin(type, 32, 16, 3, 3, 16, 0);
    t->b = make_twin(type, 1, 32, 1, 1, 32, 0);
    t->y = make_twin(type, 1, 32, rows, cols, 64, 16);
    t->convolve = (gd_convolve){.backward = backward, .bias = !backward, .relu = !backward, .tf32 = tf32};
    t->convolve.x = t->x.shape;
    t->convolve.w = t->w.shape;
    t->convolve.b = t->b.shape;
    t->convolve.y = t->y.shape;
    for (int k = 0; k < 2; k++) {
        t->convolve.step[k] = step;
        t->convolve.dilation[k] = 1;
    }
    plan_make(b->handle, &t->convolve, &t->plan);
    if (t->plan.workspace)
        check_cuda(cudaMalloc(&t->workspace, (size_t)t->plan.workspace));
    upload(b, &t->w);
    upload(b, &t->b);
    upload(b, &t->x);
    upload(b, &t->y);
}

static void free_trial(const bench *b, trial *t)
{
    check_cuda(cudaStreamSynchronize(b->stream));
    plan_free(&t->plan);
    free_twin(&t->x);
    free_twin(&t->w);
    free_twin(&t->b);
    free_twin(&t->y);
    if (t->workspace)
        check_cuda(cudaFree(t->workspace));
}

enum { POINTERS = 4 };
static const int64_t uids[POINTERS] = {PLAN_X, PLAN_W, PLAN_Y, PLAN_B};

static void point(const trial *t, void *pointers[POINTERS])
{
    pointers[0] = first(&t->x, t->x.device);
    pointers[1] = t->w.device;
    pointers[2] = first(&t->y, t->y.device);
    pointers[3] = t->b.device;
}

static cudnnStatus_t execute(const bench *b, trial *t, void *const *pointers, void *workspace)
{
    int count = t->convolve.bias ? POINTERS : POINTERS - 1;
    return cudnnBackendExecute(b->handle, t->plan.plan,
                               plan_pack(&t->plan, count, uids, pointers, workspace, true));
}

static void compare(const bench *b, gd_value_type type, bool backward, bool tf32, int64_t step)
{
    trial t;
    void *pointers[POINTERS];
    make_trial(b, &t, type, backward, tf32, step);
    point(&t, pointers);
    twin *to = backward ? &t.x : &t.y;
    gd_convolve_data data = {
        .x = first(&t.x, t.x.host), .w = t.w.host, .b = t.b.host, .y = first(&t.y, t.y.host)};
    gd_convolve_slow(&t.convolve, data);
    check_cudnn(execute(b, &t, pointers, t.workspace));
    char *seen = pinned(to->bytes);
    check_cuda(cudaMemcpyAsync(seen, to->device, to->bytes, cudaMemcpyDeviceToHost, b->stream));
    check_cuda(cudaStreamSynchronize(b->stream));
    assert_memory_equal(seen, to->host, to->bytes); /* what lies beside the slice is untouched */
    check_cuda(cudaFreeHost(seen));
    free_trial(b, &t);
}

static void computes_what_the_plan_says(void **state)
{
    for (int backward = 0; backward < 2; backward++)
        for (int64_t step = 1; step < 3; step++) {
            compare(*state, GD_VALUE_BF16, backward, false, step);
            compare(*state, GD_VALUE_F16, backward, false, step);
            compare(*state, GD_VALUE_F32, backward, false, step);
        }
}

/* What is added to one pixel may lie where the result goes. */
static void adds_in_place(void **state)
{
    const bench *b = *state;
    trial t;
    void *pointers[POINTERS];
    make_trial(b, &t, GD_VALUE_BF16, false, false, 9); /* a stride beyond the input: one pixel */
    point(&t, pointers);
    pointers[3] = pointers[2];
    gd_convolve_data data = {.x = first(&t.x, t.x.host), .w = t.w.host, .y = first(&t.y, t.y.host)};
    data.b = data.y;
    gd_convolve_slow(&t.convolve, data);
    check_cudnn(execute(b, &t, pointers, t.workspace));
    char *seen = pinned(t.y.bytes);
    check_cuda(cudaMemcpyAsync(seen, t.y.device, t.y.bytes, cudaMemcpyDeviceToHost, b->stream));
    check_cuda(cudaStreamSynchronize(b->stream));
    assert_memory_equal(seen, t.y.host, t.y.bytes);
    check_cuda(cudaFreeHost(seen));
    free_trial(b, &t);
}

/* An engine on tensor cores rounds float32 to TF32; another must not. */
static void rounds_inputs_on_tensor_cores(void **state)
{
    const bench *b = *state;
    for (int tf32 = 0; tf32 < 2; tf32++) {
        trial t;
        void *pointers[POINTERS];
        make_trial(b, &t, GD_VALUE_F32, false, tf32, 1);
        for (size_t i = 0; i < t.x.bytes / sizeof(float); i++)
            ((float *)t.x.host)[i] += 0x1p-12f;
        upload(b, &t.x);
        point(&t, pointers);
        gd_convolve_slow(&t.convolve, (gd_convolve_data){.x = first(&t.x, t.x.host),
                                                         .w = t.w.host,
                                                         .b = t.b.host,
                                                         .y = first(&t.y, t.y.host)});
        check_cudnn(execute(b, &t, pointers, t.workspace));
        char *seen = pinned(t.y.bytes);
        check_cuda(cudaMemcpyAsync(seen, t.y.device, t.y.bytes, cudaMemcpyDeviceToHost, b->stream));
        check_cuda(cudaStreamSynchronize(b->stream));
        assert_memory_equal(seen, t.y.host, t.y.bytes);
        check_cuda(cudaFreeHost(seen));
        free_trial(b, &t);
    }
}

static void runs_in_a_graph_again_and_again(void **state)
{
    const bench *b = *state;
    trial t;
    void *pointers[POINTERS];
    cudaGraph_t graph;
    cudaGraphExec_t ready;
    make_trial(b, &t, GD_VALUE_BF16, false, false, 1);
    point(&t, pointers);
    check_cuda(cudaStreamBeginCapture(b->stream, cudaStreamCaptureModeThreadLocal));
    check_cudnn(execute(b, &t, pointers, t.workspace));
    check_cuda(cudaStreamEndCapture(b->stream, &graph));
    check_cuda(cudaGraphInstantiate(&ready, graph, 0));
    char *seen = pinned(t.y.bytes);
    for (int turn = 0; turn < 2; turn++) {
        t.x.host[1] ^= turn ? (char)0x80 : 0; /* another sign */
        upload(b, &t.x);
        gd_convolve_slow(&t.convolve, (gd_convolve_data){.x = first(&t.x, t.x.host),
                                                         .w = t.w.host,
                                                         .b = t.b.host,
                                                         .y = first(&t.y, t.y.host)});
        check_cuda(cudaGraphLaunch(ready, b->stream));
        check_cuda(cudaMemcpyAsync(seen, t.y.device, t.y.bytes, cudaMemcpyDeviceToHost, b->stream));
        check_cuda(cudaStreamSynchronize(b->stream));
        assert_memory_equal(seen, t.y.host, t.y.bytes);
    }
    check_cuda(cudaFreeHost(seen));
    check_cuda(cudaGraphExecDestroy(ready));
    check_cuda(cudaGraphDestroy(graph));
    free_trial(b, &t);
}

/* Runs the trial with one thing wrong; the stand-in must say so. */
static void refused(const bench *b, trial *t, void *const *pointers, void *workspace, const char *sentence)
{
    gd_standin_expect(sentence);
    (void)execute(b, t, pointers, workspace);
    (void)cudaStreamSynchronize(b->stream);
    if (!strstr(gd_standin_said(), sentence))
        fail_msg("\"%s\" was expected; said: \"%s\"", sentence, gd_standin_said());
    gd_standin_expect(NULL);
}

static void pointers_are_checked(void **state)
{
    const bench *b = *state;
    trial t;
    void *pointers[POINTERS];
    float host[4] = {0};
    make_trial(b, &t, GD_VALUE_BF16, false, false, 1);
    point(&t, pointers);
    pointers[1] = host;
    refused(b, &t, pointers, t.workspace, "not device memory");
    point(&t, pointers);
    pointers[2] = (char *)pointers[2] + 2;
    refused(b, &t, pointers, t.workspace, "not aligned to the 16 bytes");
    point(&t, pointers);
    pointers[2] = pointers[0];
    refused(b, &t, pointers, t.workspace, "overlaps");
    point(&t, pointers);
    pointers[2] = t.y.device + t.y.bytes - 64;
    refused(b, &t, pointers, t.workspace, "cuDNN engine");
    free_trial(b, &t);
}

static void packs_are_checked(void **state)
{
    const bench *b = *state;
    trial t;
    void *pointers[POINTERS];
    int64_t other[POINTERS] = {PLAN_X, PLAN_W, PLAN_Y, 77};
    make_trial(b, &t, GD_VALUE_F16, false, false, 1);
    point(&t, pointers);
    gd_standin_expect("no pointer for tensor 3");
    cudnnBackendDescriptor_t pack = plan_pack(&t.plan, POINTERS, other, pointers, t.workspace, true);
    assert_int_not_equal(cudnnBackendExecute(b->handle, t.plan.plan, pack), CUDNN_STATUS_SUCCESS);
    assert_non_null(strstr(gd_standin_said(), "no pointer for tensor 3"));
    gd_standin_expect("not finalized");
    pack = plan_pack(&t.plan, POINTERS, uids, pointers, t.workspace, false);
    assert_int_not_equal(cudnnBackendExecute(b->handle, t.plan.plan, pack), CUDNN_STATUS_SUCCESS);
    assert_non_null(strstr(gd_standin_said(), "not finalized"));
    gd_standin_expect("not a finalized plan");
    assert_int_not_equal(cudnnBackendExecute(b->handle, pack, pack), CUDNN_STATUS_SUCCESS);
    assert_non_null(strstr(gd_standin_said(), "not a finalized plan"));
    gd_standin_expect(NULL);
    free_trial(b, &t);
}

static void workspaces_are_checked(void **state)
{
    const bench *b = *state;
    trial t;
    void *pointers[POINTERS], *small;
    make_trial(b, &t, GD_VALUE_BF16, true, false, 1);
    if (t.plan.workspace < 512) {
        free_trial(b, &t);
        fail_msg("the plan has no workspace to test with");
    }
    point(&t, pointers);
    refused(b, &t, pointers, NULL, "bytes of workspace and gets none");
    refused(b, &t, pointers, (char *)t.workspace + 16, "not aligned to 256");
    check_cuda(cudaMalloc(&small, (size_t)t.plan.workspace / 2));
    refused(b, &t, pointers, small, "cuDNN engine");
    check_cuda(cudaFree(small));
    free_trial(b, &t);
}

static void inputs_must_be_written(void **state)
{
    const bench *b = *state;
    trial t;
    void *pointers[POINTERS], *fresh;
    make_trial(b, &t, GD_VALUE_BF16, false, false, 1);
    point(&t, pointers);
    check_cuda(cudaMalloc(&fresh, t.x.bytes));
    pointers[0] = fresh;
    refused(b, &t, pointers, t.workspace, "cuDNN engine");
    check_cuda(cudaFree(fresh));
    free_trial(b, &t);
}

static void handles_are_checked(void **state)
{
    const bench *b = *state;
    cudnnHandle_t other = NULL;
    cudaStream_t stream = NULL;
    check_cudnn(cudnnGetStream(b->handle, &stream));
    assert_ptr_equal(stream, b->stream);
    gd_standin_expect("not a living handle");
    assert_int_not_equal(cudnnSetStream(other, b->stream), CUDNN_STATUS_SUCCESS);
    assert_non_null(strstr(gd_standin_said(), "not a living handle"));
    gd_standin_expect(NULL);
    gd_standin_inject("cudnnCreate", 1);
    assert_int_not_equal(cudnnCreate(&other), CUDNN_STATUS_SUCCESS);
    check_cudnn(cudnnCreate(&other));
    check_cudnn(cudnnDestroy(other));
}

static void failures_can_be_injected(void **state)
{
    const bench *b = *state;
    trial t;
    void *pointers[POINTERS];
    make_trial(b, &t, GD_VALUE_BF16, false, false, 1);
    point(&t, pointers);
    gd_standin_inject("cudnnBackendExecute", 1);
    assert_int_equal(execute(b, &t, pointers, t.workspace), CUDNN_STATUS_EXECUTION_FAILED);
    check_cudnn(execute(b, &t, pointers, t.workspace));
    free_trial(b, &t);
}

#define on_a_bench(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_bench(computes_what_the_plan_says),   on_a_bench(adds_in_place),
        on_a_bench(rounds_inputs_on_tensor_cores), on_a_bench(runs_in_a_graph_again_and_again),
        on_a_bench(pointers_are_checked),          on_a_bench(packs_are_checked),
        on_a_bench(workspaces_are_checked),        on_a_bench(inputs_must_be_written),
        on_a_bench(handles_are_checked),           on_a_bench(failures_can_be_injected)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
