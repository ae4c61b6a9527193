/* Units that lie more than 2^31 elements from the first: few of them, far apart in memory that is hardly
 * touched. */
#include "case.h"

#include <math.h>
#include <stdio.h>

enum { PIXELS = 5, CHANNELS = 16, PITCH = 1 << 29 };

/* Pixels of 2 bytes a channel: the last one starts at 2^31 elements. */
static const size_t pixel_bytes = (size_t)PITCH * 2;
static const size_t bytes = (size_t)PITCH * 2 * (PIXELS - 1) + (size_t)CHANNELS * 2;

typedef struct far_away {
    cudaStream_t stream; /* owned */
    char *device;        /* owned; slices of CHANNELS, pixel_bytes apart */
    uint16_t near[PIXELS][CHANNELS];
} far_away;

/* false: the device has no room for it. */
static bool open_far(far_away *f)
{
    void *device = NULL;
    check_cuda(cudaStreamCreateWithFlags(&f->stream, cudaStreamNonBlocking));
    const cudaError_t error = cudaMalloc(&device, bytes);
    if (error == cudaErrorMemoryAllocation) {
        (void)cudaGetLastError();
        check_cuda(cudaStreamDestroy(f->stream));
        return false;
    }
    check_cuda(error);
    f->device = device;
    return true;
}

static void write_far(far_away *f, case_random *random)
{
    for (size_t p = 0; p < PIXELS; p++) {
        for (int c = 0; c < CHANNELS; c++)
            case_put(GD_CUDA_BF16, f->near[p], c, case_number(random));
        case_write(f->stream, f->device + p * pixel_bytes, f->near[p], sizeof f->near[p]);
    }
}

static gd_cuda_slice slice_of(void *values, int32_t rows, int32_t cols, int32_t pitch)
{
    return (gd_cuda_slice){values, rows, cols, CHANNELS, pitch, cols};
}

/* What is far away is summed with, and written beside, what is near. */
static void test_combine(void **state)
{
    far_away *f = *state;
    case_random random = 1;
    uint16_t got[PIXELS][CHANNELS];
    write_far(f, &random);
    uint16_t *near = case_bring(f->stream, f->near, sizeof f->near);
    const gd_cuda_slice far_slice = slice_of(f->device, 1, PIXELS, PITCH),
                        near_slice = slice_of(near, 1, PIXELS, CHANNELS);
    const gd_cuda_mask none = {NULL, 0, 0};
    check_cuda(gd_launch_combine(GD_CUDA_BF16, near_slice, false, far_slice, true, none, 0, 0, f->stream));
    check_cuda(gd_launch_combine(GD_CUDA_BF16, far_slice, true, near_slice, true, none, 0, 0, f->stream));
    case_fetch(f->stream, got, near, sizeof got);
    for (int p = 0; p < PIXELS; p++)
        for (int c = 0; c < CHANNELS; c++) {
            const float one = case_get(GD_CUDA_BF16, f->near[p], c),
                        two = case_rounded(GD_CUDA_BF16, one + one);
            assert_true(case_get(GD_CUDA_BF16, got[p], c) == case_rounded(GD_CUDA_BF16, one + two));
        }
    case_drop(near);
}

/* Masks of what is far away, in rows of one pixel. */
static void test_mask_of(void **state)
{
    far_away *f = *state;
    case_random random = 2;
    write_far(f, &random);
    case_mask mask = case_mask_make(f->stream, PIXELS, 1, CHANNELS, 0, 1, &random);
    float values[PIXELS * CHANNELS];
    for (int i = 0; i < PIXELS * CHANNELS; i++)
        values[i] = case_get(GD_CUDA_BF16, f->near[i / CHANNELS], i % CHANNELS);
    const int32_t zero = 0;
    int32_t *overflow = case_bring(f->stream, &zero, sizeof zero);
    gd_cuda_seam seam = {.src = slice_of(f->device, PIXELS, 1, PITCH), .mask = case_mask_of(&mask)};
    seam.dst = seam.src;
    seam.dst.values = NULL;
    check_cuda(gd_launch_seams(GD_CUDA_BF16, &seam, 1, overflow, f->stream));
    case_mask_check(f->stream, &mask, values);
    case_drop(overflow);
    case_mask_free(&mask);
}

/* The mean around the last pixel of a row reads from far away; the gradient of the mean is written there. */
static void test_pools(void **state)
{
    far_away *f = *state;
    case_random random = 3;
    write_far(f, &random);
    case_tensor near = case_tensor_make(f->stream, GD_CUDA_BF16, 1, PIXELS, CHANNELS, 0, CHANNELS, &random);
    const gd_cuda_pool pool = {.in = slice_of(f->device, 1, PIXELS, PITCH),
                               .out = case_tensor_slice(&near),
                               .stride = 1,
                               .pad_rows = 1,
                               .pad_cols = 1,
                               .whole_rows = 1,
                               .whole_cols = PIXELS};
    const int last = PIXELS - 1;
    float wanted[PIXELS * CHANNELS];
    for (int i = 0; i < PIXELS * CHANNELS; i++) {
        const int p = i / CHANNELS, c = i % CHANNELS, begin = p > 0 ? p - 1 : 0,
                  end = p < last ? p + 1 : last;
        wanted[i] = 0;
        for (int q = begin; q <= end; q++)
            wanted[i] += case_get(GD_CUDA_BF16, f->near[q], c) / (float)(end - begin + 1);
    }
    check_cuda(gd_launch_avg_pool(GD_CUDA_BF16, &pool, false, (gd_cuda_mask){NULL, 0, 0}, f->stream));
    case_tensor_check(f->stream, &near, wanted, 0x1p-8);
    check_cuda(
        gd_launch_avg_pool_back(GD_CUDA_BF16, &pool, false, (gd_cuda_mask){NULL, 0, 0}, 0, 0, f->stream));
    uint16_t got[CHANNELS];
    case_fetch(f->stream, got, f->device + (size_t)last * pixel_bytes, sizeof got);
    for (int c = 0; c < CHANNELS; c++) {
        const float share = case_get(GD_CUDA_BF16, near.host, last * CHANNELS + c) / 2 +
                            case_get(GD_CUDA_BF16, near.host, (last - 1) * CHANNELS + c) / 3;
        assert_true(fabsf(case_get(GD_CUDA_BF16, got, c) - share) <= 0x1p-8F);
    }
    case_tensor_free(&near);
}

/* Rows of a plane that are as far apart. */
static void test_rects(void **state)
{
    far_away *f = *state;
    case_random random = 4;
    const int64_t stride = (int64_t)(pixel_bytes / sizeof(float));
    float near[PIXELS * 7], got[PIXELS * 7];
    for (int i = 0; i < PIXELS * 7; i++)
        near[i] = case_number(&random);
    float *from = case_bring(f->stream, near, sizeof near), *to = case_bring(f->stream, NULL, sizeof near);
    const gd_cuda_rect out = {(float *)f->device, from, stride, 7, PIXELS, 7};
    const gd_cuda_rect in = {to, (float *)f->device, 7, stride, PIXELS, 7};
    gd_cuda_rect *first = case_bring(f->stream, &out, sizeof out),
                 *second = case_bring(f->stream, &in, sizeof in);
    check_cuda(gd_launch_rects(first, 1, PIXELS * 7, f->stream));
    check_cuda(gd_launch_rects(second, 1, PIXELS * 7, f->stream));
    case_fetch(f->stream, got, to, sizeof got);
    assert_memory_equal(got, near, sizeof near);
    case_drop(first);
    case_drop(second);
    case_drop(from);
    case_drop(to);
}

int main(void)
{
    far_away f = {0};
    if (!open_far(&f)) {
        puts("the device has no room for 4 GiB");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_combine, &f),
        cmocka_unit_test_prestate(test_mask_of, &f),
        cmocka_unit_test_prestate(test_pools, &f),
        cmocka_unit_test_prestate(test_rects, &f),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    check_cuda(cudaStreamDestroy(f.stream));
    case_drop(f.device);
    return failed;
}
