/* Engines that cuDNN compiles at run time, by a compiler that the stand-in invents: which are tried and
 * taken, what they compute, and what becomes of a record where there is no such engine. Of the stand-in's,
 * one wants more workspace than there is and one has the bits of masks in another order; neither may be
 * taken. */
#include "kernels/cuda/cuda.h"
#include "kernels/ops_case.h"
#include "net/toy_net.h"
#include "standin/standin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const gd_backend *const cuda = &gd_backend_cuda;

/* Events measure 1e-3 for any operation, so that a graph takes less than an engine and a kernel of ours. */
enum { WRONG_BITS = 4, TOO_LARGE = 7 };

static char cache[] = "/tmp/gigadream_compiled_XXXXXX";

static int setup(void **state)
{
    (void)state;
    return !mkdtemp(cache) || setenv("XDG_CACHE_HOME", cache, 1) != 0;
}

static void forget_times(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s/gigadream'", cache);
    assert_int_equal(system(command), 0);
}

static int teardown(void **state)
{
    (void)state;
    forget_times();
    return rmdir(cache);
}

static int count_of(const char *text, const char *word)
{
    int count = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        count++;
    return count;
}

/* The toy network, of which one of the last layers has a name. Sliced: its tape is not dense, so that sums
 * and masks follow most convolutions. */
static void open_toy(net_case *c, bool sliced, gd_rect focus, gd_precision precision)
{
    static gd_backend backends[2];
    backends[0] = backends[1] = gd_backend_cuda;
    backends[1].dense = false;
    const gd_backend *backend = &backends[sliced];
    static const gd_layer layers[] = {{"toy", 21}};
    gd_net *net = malloc(sizeof *net);
    assert_non_null(net);
    *net = toy_net;
    net->layers = layers;
    net->layer_count = 1;
    net_case_open_focused(c, backend, net, "toy", 45, 53, focus,
                          &(gd_device_options){.precision = precision});
}

/* Decides by timing, and compiles the tape anew. */
static const char *tune(net_case *c)
{
    gd_error error = {{0}};
    side *s = &c->tested;
    side_free(s);
    check_ok(s->backend->decide(s->device, c->tape, true, &error), error);
    side_create(s, s->backend, s->device, c->tape, NULL);
    side_spoil(s);
    return s->backend->decided(s->device);
}

/* How many operations the program computes so, each of them without a kernel of ours. */
static int compiled_of(const net_case *c)
{
    int count = 0;
    for (int32_t o = 0; o < c->tape->op_count; o++) {
        const gd_cuda_op *made = &c->tested.program->ops[o];
        if (made->epilogue.way != GD_WAY_COMPILED)
            continue;
        assert_non_null(made->plan);
        assert_int_equal(made->epilogue.after, 0);
        count++;
    }
    return count;
}

static void check_engines(const char *record)
{
    for (const char *at = record; (at = strstr(at, " compiled")); at++) {
        int64_t engine = -1;
        assert_int_equal(sscanf(strstr(at, ": engine ") + 9, "%ld", &engine), 1);
        assert_true(engine >= 0 && engine != TOO_LARGE);
        assert_true(engine != WRONG_BITS || at[strlen(" compiled")] == ':'); /* else it has a mask */
    }
}

static double bound(const net_case *c, int32_t o)
{
    (void)o;
    return c->tested.device->type == GD_CUDA_F32   ? 1.5e-3 /* tf32 */
           : c->tested.device->type == GD_CUDA_F16 ? 1.5e-3
                                                   : 1e-2;
}

/* Each operation and the way back against the reference; graphs against single operations. */
static void check_values(net_case *c, const char *title)
{
    const ops_bounds bounds = {bound, 5e-2, 1.5e-2, NULL};
    c->scale = c->tested.program->seed_scale;
    check_operations(c, title, &bounds);
    check_way_back(c, title, &bounds);
    float *first = side_gradient(&c->tested, c->window), *again = side_gradient(&c->tested, c->window);
    assert_memory_equal(again, first,
                        (size_t)(c->tape->focus.rows * c->tape->focus.cols) * 3 * sizeof *first);
    free(first);
    free(again);
}

/* Masks are written and applied; an engine that would be the fastest is not believed. */
static void test_bf16(void **state)
{
    (void)state;
    net_case c;
    forget_times();
    gd_standin_duration("compiled cuDNN engine 4", 1e-4);
    open_toy(&c, true, (gd_rect){0}, GD_PRECISION_BF16);
    assert_int_equal(compiled_of(&c), 0);
    const char *record = tune(&c);
    gd_standin_duration("compiled cuDNN engine 4", 1e-3);
    check_engines(record);
    assert_true(count_of(record, " compiled writes") >= 2);
    assert_true(count_of(record, " compiled applies") >= 2);
    assert_true(compiled_of(&c) >= 3);
    check_values(&c, "toy, bf16");
    net_case_free(&c);
}

/* In a window that shrinks, masks have lines of their own, and begin anywhere. */
static void test_shrunk(void **state)
{
    (void)state;
    net_case c;
    open_toy(&c, true, (gd_rect){18, 20, 7, 9}, GD_PRECISION_BF16);
    check_engines(tune(&c));
    assert_true(compiled_of(&c) >= 3);
    check_values(&c, "toy, shrunk");
    net_case_free(&c);
}

/* In float16 a kernel of ours writes masks, since it notes what is not finite. */
static void test_fp16(void **state)
{
    (void)state;
    net_case c;
    open_toy(&c, true, (gd_rect){0}, GD_PRECISION_FP16);
    const char *record = tune(&c);
    check_engines(record);
    assert_int_equal(count_of(record, " compiled writes"), 0);
    assert_true(count_of(record, " compiled applies") >= 2);
    check_values(&c, "toy, fp16");
    net_case_free(&c);
}

/* Where there are no products, sums are made in the graph too, both ways. */
static void test_sums(void **state)
{
    (void)state;
    net_case c;
    open_toy(&c, true, (gd_rect){0}, GD_PRECISION_TF32);
    const char *record = tune(&c);
    check_engines(record);
    assert_true(count_of(record, " sum compiled applies") > 0 && count_of(record, " sum compiled:") > 0);
    assert_true(count_of(record, " sum bias relu compiled writes") > 0);
    check_values(&c, "toy, sliced, tf32");
    net_case_free(&c);
}

/* Engines that are slower than an engine and a kernel of ours are not taken, and not tried again. */
static void test_slow_engines(void **state)
{
    (void)state;
    net_case c;
    forget_times();
    gd_standin_duration("compiled cuDNN", 5e-3);
    for (int turn = 0; turn < 2; turn++) {
        open_toy(&c, false, (gd_rect){0}, GD_PRECISION_BF16);
        const char *record = tune(&c);
        assert_int_equal(count_of(record, "compiled"), 0);
        assert_int_equal(count_of(record, "engine -1"), 0);
        assert_int_equal(compiled_of(&c), 0);
        net_case_free(&c);
        gd_standin_duration("compiled cuDNN", 1e-3);
    }
    forget_times();
}

/* Another device adopts a record with its bits, or refuses it by name; a described one plans what it needs.
 */
static void test_record(void **state)
{
    (void)state;
    gd_error error = {{0}};
    net_case c, other;
    gd_program *program = NULL;
    gd_device *described = NULL;
    open_toy(&c, true, (gd_rect){0}, GD_PRECISION_BF16);
    open_toy(&other, true, (gd_rect){0}, GD_PRECISION_BF16);
    char *record = strdup(tune(&c));
    assert_non_null(record);
    check_ok(cuda->adopt(other.tested.device, record, &error), error);
    side_free(&other.tested);
    side_create(&other.tested, cuda, other.tested.device, other.tape, NULL);
    assert_int_equal(compiled_of(&other), compiled_of(&c));
    float *gradients[2] = {side_gradient(&c.tested, c.window), side_gradient(&other.tested, c.window)};
    assert_memory_equal(gradients[0], gradients[1], side_picture_bytes(c.tape));

    gd_standin_inject("cudnnCompile", 2);
    assert_int_equal(cuda->compile(other.tested.device, other.tape, &program, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, " compiled "));
    assert_non_null(
        strstr(error.message, "run on the kind of device and the version of cuDNN that chose it"));

    check_ok(cuda->open(&(gd_device_options){.precision = GD_PRECISION_BF16, .described = "h100"}, &described,
                        &error),
             error);
    check_ok(cuda->adopt(described, record, &error), error);
    check_ok(cuda->compile(described, c.tape, &program, &error), error);
    assert_int_equal(cuda->arena_bytes(program), cuda->arena_bytes(c.tested.program));
    cuda->free(program);
    cuda->close(described);
    free(gradients[0]);
    free(gradients[1]);
    free(record);
    net_case_free(&other);
    net_case_free(&c);
}

/* A render goes on as it began: a record without such engines gets none, though they would be faster. Then
 * sums go through scratch, and kernels of ours write and apply the masks. */
static void test_going_on(void **state)
{
    (void)state;
    gd_error error = {{0}};
    net_case c;
    open_toy(&c, true, (gd_rect){0}, GD_PRECISION_TF32);
    check_ok(cuda->decide(c.tested.device, c.tape, false, &error), error);
    char *record = strdup(cuda->decided(c.tested.device));
    assert_non_null(record);
    check_ok(cuda->adopt(c.tested.device, record, &error), error);
    assert_string_equal(tune(&c), record);
    assert_int_equal(compiled_of(&c), 0);
    check_values(&c, "toy, going on");
    free(record);
    net_case_free(&c);
}

/* Runs a plan whose addresses are wrong; the stand-in must say so. */
static void refused(gd_cudnn *cudnn, const gd_conv_plan *plan, const gd_conv_buffers *b, cudaStream_t stream,
                    const char *sentence)
{
    gd_error error;
    gd_standin_expect(sentence);
    (void)!gd_conv_plan_run(cudnn, plan, b, &error);
    (void)cudaStreamSynchronize(stream);
    if (!strstr(gd_standin_said(), sentence))
        fail_msg("\"%s\" was expected; said: \"%s\"", sentence, gd_standin_said());
    gd_standin_expect(NULL);
}

/* The stand-in looks at a mask as strictly as at values. */
static void test_misuses(void **state)
{
    (void)state;
    enum { SIDE = 8, CHANNELS = 16, BYTES = SIDE * SIDE * CHANNELS * 2 };
    const gd_conv_shape s = {.backward = true,
                             .type = GD_CUDA_BF16,
                             .compiled = true,
                             .in = CHANNELS,
                             .in_rows = SIDE,
                             .in_cols = SIDE,
                             .in_pitch = CHANNELS,
                             .out = CHANNELS,
                             .out_rows = SIDE,
                             .out_cols = SIDE,
                             .out_pitch = CHANNELS,
                             .kernel_rows = 3,
                             .kernel_cols = 3,
                             .stride = 1,
                             .pad_rows = 1,
                             .pad_cols = 1,
                             .post_rows = 1,
                             .post_cols = 1,
                             .in_line = SIDE,
                             .out_line = SIDE,
                             .mask = GD_CONV_APPLIES_MASK,
                             .mask_pitch = CHANNELS,
                             .mask_line = SIDE,
                             .mask_alignment = 4};
    const gd_conv_choice choice = {.engine = 10};
    uint16_t host[SIDE * SIDE] = {0};
    char *memory;
    gd_cudnn *cudnn;
    gd_conv_plan *plan;
    cudaStream_t stream;
    gd_error error;
    assert_int_equal(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
    check_ok(gd_cudnn_open(NULL, stream, &cudnn, &error), error);
    check_ok(gd_conv_plan_create(cudnn, &s, &choice, &plan, &error), error);
    assert_int_equal(cudaMalloc((void **)&memory, 6 * BYTES + sizeof host), cudaSuccess);
    assert_int_equal(cudaMemsetAsync(memory, 0, 6 * BYTES, stream), cudaSuccess);
    gd_conv_buffers b = {.x = memory, .y = memory + BYTES, .w = memory + 2 * BYTES, .mask = host};
    refused(cudnn, plan, &b, stream, "tensor 6 is at");
    b.mask = memory + 5 * BYTES + 2;
    refused(cudnn, plan, &b, stream, "not aligned to the 4 bytes");
    b.mask = memory + 6 * BYTES;
    refused(cudnn, plan, &b, stream, "reads what was never written");
    b.mask = memory + 4;
    refused(cudnn, plan, &b, stream, "what it writes overlaps what it reads");
    gd_conv_plan_free(plan);
    gd_cudnn_close(cudnn);
    assert_int_equal(cudaFree(memory), cudaSuccess);
    assert_int_equal(cudaStreamDestroy(stream), cudaSuccess);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bf16),         cmocka_unit_test(test_shrunk),  cmocka_unit_test(test_fp16),
        cmocka_unit_test(test_sums),         cmocka_unit_test(test_record),  cmocka_unit_test(test_going_on),
        cmocka_unit_test(test_slow_engines), cmocka_unit_test(test_misuses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
