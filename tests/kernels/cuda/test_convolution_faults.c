/* What cuDNN refuses on the stand-in device becomes a sentence, and leaves nothing behind. */
#include "case.h"
#include "kernels/cuda/convolution/autotune.h"
#include "kernels/cuda/convolution/convolution_search.h"
#include "kernels/cuda/convolution/cudnn_handle.h"
#include "standin/standin.h"

#include <string.h>

static const gd_conv_shape shape = {.type = GD_CUDA_BF16,
                                    .bias = true,
                                    .in = 16,
                                    .in_rows = 5,
                                    .in_cols = 5,
                                    .in_pitch = 16,
                                    .out = 16,
                                    .out_rows = 5,
                                    .out_cols = 5,
                                    .out_pitch = 16,
                                    .in_line = 5,
                                    .out_line = 5,
                                    .kernel_rows = 1,
                                    .kernel_cols = 1,
                                    .stride = 1};

/* Device memory for the shape. */
static gd_conv_buffers bring_buffers(cudaStream_t stream)
{
    enum { BYTES = 4096, ROOM = 1 << 20 };
    static const char zeros[BYTES];
    return (gd_conv_buffers){.x = case_bring(stream, zeros, BYTES),
                             .w = case_bring(stream, zeros, BYTES),
                             .bias = case_bring(stream, zeros, BYTES),
                             .y = case_bring(stream, zeros, BYTES),
                             .workspace = case_bring(stream, NULL, ROOM),
                             .workspace_bytes = ROOM};
}

static void drop_buffers(cudaStream_t stream, gd_conv_buffers *b)
{
    check_cuda(cudaStreamSynchronize(stream));
    case_drop(b->x);
    case_drop((void *)b->w);
    case_drop((void *)b->bias);
    case_drop(b->y);
    case_drop(b->workspace);
}

static void a_device_that_cannot_be_opened(void **state)
{
    gd_cudnn *cudnn;
    gd_error error;
    gd_standin_inject("cudnnCreate", 1);
    assert_int_equal(gd_cudnn_open(NULL, *state, &cudnn, &error), GD_BACKEND);
    assert_null(cudnn);
    assert_non_null(strstr(error.message, "cuDNN cannot be used for this GPU"));
    assert_non_null(strstr(error.message, "--backend cpu"));
}

static void a_convolution_that_does_not_start(void **state)
{
    gd_cudnn *cudnn;
    gd_conv_plan *plan;
    gd_conv_choice choice;
    gd_error error;
    int32_t count;
    gd_conv_buffers b = bring_buffers(*state);
    check_ok(gd_cudnn_open(NULL, *state, &cudnn, &error), error);
    check_ok(gd_conv_candidates(cudnn, &shape, b.workspace_bytes, &choice, 1, &count, &error), error);
    check_ok(gd_conv_plan_create(cudnn, &shape, &choice, &plan, &error), error);
    gd_standin_inject("cudnnBackendExecute", 1);
    assert_int_equal(gd_conv_plan_run(cudnn, plan, &b, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, "forward bf16 1x1/1 p0,0 16@5x5/16 -> 16@5x5/16 bias"));
    check_ok(gd_conv_plan_run(cudnn, plan, &b, &error), error);
    drop_buffers(*state, &b);
    gd_conv_plan_free(plan);
    gd_cudnn_close(cudnn);
}

/* Of the shape, on a fresh handle, while starts of convolutions fail that were asked to. *first: the engine
 * that comes first. */
static gd_status tune(void *stream, gd_conv_choice *choice, gd_conv_choice *first, gd_choices *known,
                      gd_error *error)
{
    gd_cudnn *cudnn;
    int32_t count;
    gd_conv_buffers b = bring_buffers(stream);
    check_ok(gd_cudnn_open(NULL, stream, &cudnn, error), *error);
    check_ok(gd_conv_candidates(cudnn, &shape, b.workspace_bytes, first, 1, &count, error), *error);
    const gd_status status = gd_autotune(cudnn, &shape, &b, gd_conv_time, NULL, known, choice, error);
    drop_buffers(stream, &b);
    gd_cudnn_close(cudnn);
    return status;
}

static void an_engine_that_does_not_start_is_passed_over(void **state)
{
    gd_conv_choice choice, first;
    gd_choices known = {0};
    gd_error error;
    gd_standin_inject("cudnnBackendExecute", 1);
    check_ok(tune(*state, &choice, &first, &known, &error), error);
    assert_int_equal(known.count, 1);
    assert_true(choice.engine != first.engine || choice.knob_count != first.knob_count ||
                memcmp(choice.values, first.values, (size_t)first.knob_count * sizeof *first.values) != 0);
    gd_choices_free(&known);
}

/* The last test: what was injected stays. */
static void no_engine_starts(void **state)
{
    enum { MORE_THAN_CANDIDATES = 40 };
    gd_conv_choice choice, first;
    gd_choices known = {0};
    gd_error error;
    for (int nth = 1; nth <= MORE_THAN_CANDIDATES; nth++)
        gd_standin_inject("cudnnBackendExecute", nth);
    assert_int_equal(tune(*state, &choice, &first, &known, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, "run without --autotune"));
    assert_int_equal(known.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_that_cannot_be_opened),
        cmocka_unit_test(a_convolution_that_does_not_start),
        cmocka_unit_test(an_engine_that_does_not_start_is_passed_over),
        cmocka_unit_test(no_engine_starts),
    };
    return cmocka_run_group_tests(tests, case_open, case_close);
}
