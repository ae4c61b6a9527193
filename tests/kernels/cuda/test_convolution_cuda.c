/* Convolutions run on the device, against loops in double. */
#include "case.h"
#include "kernels/cuda/convolution/autotune.h"
#include "kernels/cuda/convolution/convolution_search.h"
#include "kernels/cuda/convolution/cudnn_handle.h"

#include <stdlib.h>
#include <string.h>

typedef struct bench {
    cudaStream_t stream;
    gd_cudnn *cudnn;
} bench;

/* 3x3 over 11x13 of 16 channels, of a tensor of 48, to 24 of 40. */
static gd_conv_shape shape_of(gd_cuda_type type, bool tf32, int32_t stride)
{
    return (gd_conv_shape){.type = type,
                           .tf32 = tf32,
                           .in = 16,
                           .in_rows = 11,
                           .in_cols = 13,
                           .in_pitch = 48,
                           .out = 24,
                           .out_rows = (11 + 2 - 3) / stride + 1,
                           .out_cols = (13 + 2 - 3) / stride + 1,
                           .out_pitch = 40,
                           .kernel_rows = 3,
                           .kernel_cols = 3,
                           .stride = stride,
                           .pad_rows = 1,
                           .pad_cols = 1,
                           .post_rows = 1,
                           .post_cols = 1,
                           .in_line = 13,
                           .out_line = (13 + 2 - 3) / stride + 1};
}

/* What a convolution works on. */
typedef struct operands {
    case_tensor x, y, w, bias; /* w: rows out, cols of kernel, channels in */
    float *xs, *ys, *ws, *biases;
} operands;

static operands operands_make(cudaStream_t stream, const gd_conv_shape *s)
{
    case_random random = 7;
    operands o;
    o.x = case_tensor_make(stream, s->type, s->in_rows, s->in_cols, s->in, 8, s->in_pitch, &random);
    o.y = case_tensor_make(stream, s->type, s->out_rows, s->out_cols, s->out, 16, s->out_pitch, &random);
    o.w =
        case_tensor_make(stream, s->type, s->out, s->kernel_rows * s->kernel_cols, s->in, 0, s->in, &random);
    o.bias = case_tensor_make(stream, s->type, 1, 1, s->out, 0, s->out, &random);
    o.xs = case_tensor_floats(&o.x);
    o.ys = case_tensor_floats(&o.y);
    o.ws = case_tensor_floats(&o.w);
    o.biases = case_tensor_floats(&o.bias);
    return o;
}

static void operands_free(operands *o)
{
    free(o->xs);
    free(o->ys);
    free(o->ws);
    free(o->biases);
    case_tensor_free(&o->x);
    case_tensor_free(&o->y);
    case_tensor_free(&o->w);
    case_tensor_free(&o->bias);
}

/* A place of the output and one of the filter; the unit of x that they meet in. */
static bool meets(const gd_conv_shape *s, int32_t row, int32_t col, int32_t kernel, int64_t *pixel)
{
    const int32_t y = row * s->stride - s->pad_rows + kernel / s->kernel_cols;
    const int32_t x = col * s->stride - s->pad_cols + kernel % s->kernel_cols;
    *pixel = (int64_t)y * s->in_cols + x;
    return y >= 0 && y < s->in_rows && x >= 0 && x < s->in_cols;
}

static float *wanted_forward(const gd_conv_shape *s, const operands *o)
{
    const int32_t kernels = s->kernel_rows * s->kernel_cols;
    float *wanted = case_memory((size_t)s->out_rows * (size_t)s->out_cols * (size_t)s->out * sizeof *wanted);
    for (int64_t unit = 0; unit < (int64_t)s->out_rows * s->out_cols * s->out; unit++) {
        const int32_t channel = (int32_t)(unit % s->out), at = (int32_t)(unit / s->out);
        double sum = (s->bias ? o->biases[channel] : 0) + (s->sum ? o->ys[unit] : 0);
        for (int32_t k = 0; k < kernels; k++) {
            int64_t pixel;
            if (!meets(s, at / s->out_cols, at % s->out_cols, k, &pixel))
                continue;
            for (int32_t c = 0; c < s->in; c++)
                sum += (double)o->xs[pixel * s->in + c] * o->ws[((int64_t)channel * kernels + k) * s->in + c];
        }
        wanted[unit] = (float)(s->relu && sum < 0 ? 0 : sum);
    }
    return wanted;
}

static float *wanted_backward(const gd_conv_shape *s, const operands *o)
{
    const int32_t kernels = s->kernel_rows * s->kernel_cols;
    const size_t units = (size_t)s->in_rows * (size_t)s->in_cols * (size_t)s->in;
    double *sums = case_memory(units * sizeof *sums);
    float *wanted = case_memory(units * sizeof *wanted);
    memset(sums, 0, units * sizeof *sums);
    for (int64_t unit = 0; unit < (int64_t)s->out_rows * s->out_cols * s->out; unit++) {
        const int32_t channel = (int32_t)(unit % s->out), at = (int32_t)(unit / s->out);
        for (int32_t k = 0; k < kernels; k++) {
            int64_t pixel;
            if (!meets(s, at / s->out_cols, at % s->out_cols, k, &pixel))
                continue;
            for (int32_t c = 0; c < s->in; c++)
                sums[pixel * s->in + c] +=
                    (double)o->ys[unit] * o->ws[((int64_t)channel * kernels + k) * s->in + c];
        }
    }
    for (size_t u = 0; u < units; u++)
        wanted[u] = (float)sums[u];
    free(sums);
    return wanted;
}

/* The rounding of what is stored; tf32 cuts the inputs of every product as well, each by less than 2^-10. */
static double tolerance_of(const gd_conv_shape *s)
{
    if (s->tf32)
        return 16 * 9 * 0x1p-9;
    return s->type == GD_CUDA_F32 ? 1e-5 : 2 * case_epsilon(s->type);
}

static void run_choice(bench *b, const gd_conv_shape *s, const gd_conv_choice *choice)
{
    operands o = operands_make(b->stream, s);
    float *wanted = s->backward ? wanted_backward(s, &o) : wanted_forward(s, &o);
    void *workspace = choice->workspace ? case_bring(b->stream, NULL, (size_t)choice->workspace) : NULL;
    gd_conv_plan *plan;
    gd_error error;
    if (s->backward)
        case_tensor_spoil(b->stream, &o.x);
    else if (!s->sum)
        case_tensor_spoil(b->stream, &o.y);
    check_ok(gd_conv_plan_create(b->cudnn, s, choice, &plan, &error), error);
    const gd_conv_buffers buffers = {.x = case_tensor_slice(&o.x).values,
                                     .w = o.w.device,
                                     .bias = o.bias.device,
                                     .y = case_tensor_slice(&o.y).values,
                                     .workspace = workspace};
    check_ok(gd_conv_plan_run(b->cudnn, plan, &buffers, &error), error);
    case_tensor_check(b->stream, s->backward ? &o.x : &o.y, wanted, tolerance_of(s));
    gd_conv_plan_free(plan);
    case_drop(workspace);
    free(wanted);
    operands_free(&o);
}

/* The first and the last of the candidates. */
static void run_shape(bench *b, const gd_conv_shape *s)
{
    enum { ROOM = 40 };
    gd_conv_choice choices[ROOM];
    gd_error error;
    int32_t count;
    check_ok(gd_conv_candidates(b->cudnn, s, 1 << 26, choices, ROOM, &count, &error), error);
    run_choice(b, s, &choices[0]);
    if (count > 1)
        run_choice(b, s, &choices[count - 1]);
}

static void run_all_types(bench *b, gd_conv_shape change)
{
    static const gd_cuda_type types[] = {GD_CUDA_F32, GD_CUDA_BF16, GD_CUDA_F16, GD_CUDA_F32};
    for (int32_t t = 0; t < 4; t++) {
        for (int32_t stride = 1; stride <= 2; stride++) {
            gd_conv_shape s = shape_of(types[t], t == 3, stride);
            s.backward = change.backward;
            s.sum = change.sum;
            s.bias = change.bias;
            s.relu = change.relu;
            run_shape(b, &s);
        }
    }
}

static void forward_with_bias_and_relu(void **state)
{
    run_all_types(*state, (gd_conv_shape){.bias = true, .relu = true});
}

static void forward_with_bias(void **state)
{
    run_all_types(*state, (gd_conv_shape){.bias = true});
}

static void forward_added_to_what_is_there(void **state)
{
    run_all_types(*state, (gd_conv_shape){.bias = true, .sum = true, .relu = true});
    run_all_types(*state, (gd_conv_shape){.bias = true, .sum = true});
}

static void backward(void **state)
{
    run_all_types(*state, (gd_conv_shape){.backward = true});
}

static void the_device_times_itself(void **state)
{
    bench *b = *state;
    gd_conv_shape s = shape_of(GD_CUDA_BF16, false, 1);
    s.bias = s.relu = true;
    operands o = operands_make(b->stream, &s);
    const int64_t room = 1 << 22;
    const gd_conv_buffers buffers = {.x = case_tensor_slice(&o.x).values,
                                     .w = o.w.device,
                                     .bias = o.bias.device,
                                     .y = case_tensor_slice(&o.y).values,
                                     .workspace = case_bring(b->stream, NULL, (size_t)room),
                                     .workspace_bytes = room};
    gd_choices known = {0};
    gd_conv_choice choice;
    gd_error error;
    check_ok(gd_autotune(b->cudnn, &s, &buffers, gd_conv_time, NULL, &known, &choice, &error), error);
    assert_int_equal(known.count, 1);
    run_choice(b, &s, &choice);
    gd_choices_free(&known);
    case_drop(buffers.workspace);
    operands_free(&o);
}

static int open_bench(void **state)
{
    bench *b = calloc(1, sizeof *b);
    void *stream;
    gd_error error;
    if (!b || case_open(&stream) != 0)
        return 1;
    b->stream = stream;
    *state = b;
    return gd_cudnn_open(NULL, b->stream, &b->cudnn, &error) != GD_OK;
}

static int close_bench(void **state)
{
    bench *b = *state;
    void *stream = b->stream;
    gd_cudnn_close(b->cudnn);
    free(b);
    return case_close(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_with_bias_and_relu),     cmocka_unit_test(forward_with_bias),
        cmocka_unit_test(forward_added_to_what_is_there), cmocka_unit_test(backward),
        cmocka_unit_test(the_device_times_itself),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
