/* Seams, both ways, against plain loops: several parts in one launch, each with its own extents, slices,
 * summands, ReLU and mask. */
#include "case.h"

#include <math.h>
#include <stdlib.h>

enum { PARTS = 4 /* forward; backward one more */, ROW = 1, COL = 2 /* where dst begins in src */ };

static const float value = 0.75F;

/* What a part is like; the last but one is wider than a block, the last is `value` everywhere. */
static const struct {
    int32_t rows, cols, channels, summands;
    bool relu, masked;
} kinds[PARTS + 1] = {{3, 5, 16, 1, true, true},
                      {1, 1, 48, 3, false, false},
                      {9, 7, 32, 2, true, false},
                      {4, 70, 64, 1, false, true},
                      {5, 6, 32, 0, false, true}};

typedef struct part {
    case_tensor src[1 + GD_CUDA_SEAM_MORE], dst; /* the first kinds.summands of src */
    case_mask mask;
    gd_cuda_seam seam;
} part;

static gd_cuda_slice inner(const case_tensor *tensor, int32_t rows, int32_t cols)
{
    gd_cuda_slice slice = case_tensor_slice(tensor);
    slice.values = (char *)slice.values +
                   ((size_t)ROW * (size_t)slice.line + COL) * (size_t)slice.pitch * case_bytes(tensor->type);
    slice.rows = rows;
    slice.cols = cols;
    return slice;
}

static void make_part(part *p, int k, cudaStream_t stream, gd_cuda_type type, bool back, case_random *random)
{
    const int32_t rows = kinds[k].rows, cols = kinds[k].cols, channels = kinds[k].channels;
    *p = (part){0};
    for (int s = 0; s < kinds[k].summands; s++)
        p->src[s] = case_tensor_make(stream, type, rows + 2, cols + 3, channels, 16 * k,
                                     channels + 16 * k + 8, random);
    p->dst = case_tensor_make(stream, type, rows, cols, channels, 8, channels + 24, random);
    p->mask = case_mask_make(stream, rows, cols, channels, 1, channels / 16 + 2, random);
    case_tensor_spoil(stream, &p->dst);
    p->seam =
        (gd_cuda_seam){.value = value, .dst = case_tensor_slice(&p->dst), .relu = !back && kinds[k].relu};
    if (kinds[k].summands > 0)
        p->seam.src = inner(&p->src[0], rows, cols);
    for (int s = 1; back && s < kinds[k].summands; s++)
        p->seam.more[s - 1] = inner(&p->src[s], rows, cols).values;
    if (kinds[k].masked)
        p->seam.mask = case_mask_of(&p->mask);
}

static void free_part(part *p, int k)
{
    for (int s = 0; s < kinds[k].summands; s++)
        case_tensor_free(&p->src[s]);
    case_tensor_free(&p->dst);
    case_mask_free(&p->mask);
}

/* Value i of dst. */
static float wanted_of(const part *p, int k, float *const *sources, int64_t i, bool back)
{
    const int32_t channels = kinds[k].channels, cols = kinds[k].cols;
    const int64_t pixel = i / channels, channel = i % channels;
    const int64_t from = ((pixel / cols + ROW) * (cols + 3) + pixel % cols + COL) * channels + channel;
    float sum = kinds[k].summands > 0 ? sources[0][from] : value;
    for (int s = 1; back && s < kinds[k].summands; s++)
        sum += sources[s][from];
    if (back && kinds[k].masked && !case_mask_bit(&p->mask, pixel, (int32_t)channel))
        return 0;
    return !back && kinds[k].relu && sum < 0 ? 0 : case_rounded(p->dst.type, sum);
}

static void check_part(part *p, int k, cudaStream_t stream, bool back)
{
    const int64_t count = (int64_t)kinds[k].rows * kinds[k].cols * kinds[k].channels;
    float *sources[1 + GD_CUDA_SEAM_MORE] = {0}, *wanted = case_memory((size_t)count * sizeof *wanted);
    for (int s = 0; s < kinds[k].summands; s++)
        sources[s] = case_tensor_floats(&p->src[s]);
    for (int64_t i = 0; i < count; i++)
        wanted[i] = wanted_of(p, k, sources, i, back);
    case_tensor_check(stream, &p->dst, wanted, 0);
    if (!back && kinds[k].masked)
        case_mask_check(stream, &p->mask, wanted);
    for (int s = 0; s < kinds[k].summands; s++)
        free(sources[s]);
    free(wanted);
}

/* `parts` of them, from `first` on. */
static void check_seams(cudaStream_t stream, gd_cuda_type type, int first, int count, bool back,
                        case_random *random)
{
    const int32_t zero = 0;
    part parts[PARTS + 1];
    gd_cuda_seam seams[PARTS + 1];
    int32_t flag = -1, *overflow = case_bring(stream, &zero, sizeof zero);
    for (int i = 0; i < count; i++) {
        make_part(&parts[i], first + i, stream, type, back, random);
        seams[i] = parts[i].seam;
    }
    if (back)
        check_cuda(gd_launch_seams_back(type, seams, count, stream));
    else
        check_cuda(gd_launch_seams(type, seams, count, overflow, stream));
    for (int i = 0; i < count; i++) {
        check_part(&parts[i], first + i, stream, back);
        free_part(&parts[i], first + i);
    }
    case_fetch(stream, &flag, overflow, sizeof flag);
    assert_int_equal(flag, 0);
    case_drop(overflow);
}

static void check_way(cudaStream_t stream, bool back)
{
    case_random random = 5;
    for (int type = 0; type < CASE_TYPES; type++) {
        const int count = back ? PARTS + 1 : PARTS;
        for (int k = 0; k < count; k++)
            check_seams(stream, type, k, 1, back, &random);
        check_seams(stream, type, 0, count, back, &random);
        check_seams(stream, type, 1, 2, back, &random);
    }
}

static void test_forward(void **state)
{
    check_way(*state, false);
}

static void test_back(void **state)
{
    check_way(*state, true);
}

/* A value that is no number is told, also where the ReLU hides it. */
static void test_overflow(void **state)
{
    case_random random = 6;
    const int32_t zero = 0;
    const float planted[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        int32_t flag = 0, *overflow = case_bring(*state, &zero, sizeof zero);
        case_tensor src = case_tensor_make(*state, GD_CUDA_F16, 1, 3, 16, 0, 16, &random);
        case_tensor dst = case_tensor_make(*state, GD_CUDA_F16, 1, 3, 16, 0, 16, &random);
        case_put(GD_CUDA_F16, src.host, 47, planted[i]);
        case_write(*state, src.device, src.host, (size_t)48 * case_bytes(GD_CUDA_F16));
        const gd_cuda_seam seam = {
            .src = case_tensor_slice(&src), .dst = case_tensor_slice(&dst), .relu = true};
        check_cuda(gd_launch_seams(GD_CUDA_F16, &seam, 1, overflow, *state));
        case_fetch(*state, &flag, overflow, sizeof flag);
        assert_int_equal(flag, 1);
        case_tensor_free(&src);
        case_tensor_free(&dst);
        case_drop(overflow);
    }
}

/* Nothing to do, and more than a grid has blocks. */
static void test_limits(void **state)
{
    const gd_cuda_slice none = {NULL, 0, 0, 16, 16, 0}, many = {NULL, INT32_MAX, 4096, 16, 16, 4096};
    const gd_cuda_seam nothing = {.src = none, .dst = none}, much = {.src = many, .dst = many};
    check_cuda(gd_launch_seams(GD_CUDA_BF16, &nothing, 1, NULL, *state));
    check_cuda(gd_launch_seams_back(GD_CUDA_BF16, &nothing, 1, *state));
    assert_int_equal(gd_launch_seams(GD_CUDA_F32, &much, 1, NULL, *state), cudaErrorInvalidConfiguration);
    assert_int_equal(gd_launch_seams_back((gd_cuda_type)3, &nothing, 1, *state), cudaErrorInvalidValue);
    check_cuda(cudaStreamSynchronize(*state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forward), cmocka_unit_test(test_back),
                                       cmocka_unit_test(test_overflow), cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests(tests, case_open, case_close);
}
