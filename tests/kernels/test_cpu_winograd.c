/* Winograd's way and the product of bf16 by themselves: every kernel, odd extents, all paddings, sums, ReLU
 * and masks, against plain loops. */
#include "base/random.h"
#include "check.h"
#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/onednn.h"
#include "kernels/cpu/product.h"
#include "kernels/cpu/team.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = GD_WINOGRAD_BLOCK };

typedef struct problem {
    gd_winograd_shape shape;
    int32_t src_rows, src_cols, pad_rows, pad_cols;
    bool bf16, accumulate, relu, write_mask, bias;
    bool product; /* gd_product_bf16 on bf16 */
    int32_t mask_at, mask_blocks;
} problem;

static float *random_floats(size_t count, uint64_t seed)
{
    float *values = aligned_alloc(64, (count * sizeof *values + 63) / 64 * 64);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)gd_random_below(seed, GD_RANDOM_NOISE, 2001, (int32_t)i, 0, 0) * 1e-3F - 1;
    return values;
}

/* Units of the tensors' type, and the floats that they hold exactly. */
static void *to_units(const gd_elementwise *elementwise, float *floats, size_t count)
{
    void *made = aligned_alloc(64, (count * (size_t)elementwise->bytes + 63) / 64 * 64);
    assert_non_null(made);
    elementwise->from_floats(floats, (int64_t)count, made);
    elementwise->to_floats(made, (int64_t)count, floats);
    return made;
}

static size_t unit_at(int32_t channel, int32_t y, int32_t x, int32_t rows, int32_t cols)
{
    return (((size_t)(channel / BLOCK) * (size_t)rows + (size_t)y) * (size_t)cols + (size_t)x) * BLOCK +
           (size_t)(channel % BLOCK);
}

static double convolve_at(const problem *p, const float *src, const float *kernel, int32_t o, int32_t y,
                          int32_t x)
{
    const gd_winograd_shape *s = &p->shape;
    double sum = 0;
    for (int32_t i = 0; i < s->src_channels; i++)
        for (int32_t ky = 0; ky < s->kernel_rows; ky++)
            for (int32_t kx = 0; kx < s->kernel_cols; kx++) {
                int32_t sy = y + ky - p->pad_rows, sx = x + kx - p->pad_cols;
                if (sy < 0 || sx < 0 || sy >= p->src_rows || sx >= p->src_cols)
                    continue;
                double weight =
                    kernel[((o * s->src_channels + i) * s->kernel_rows + ky) * s->kernel_cols + kx];
                sum += weight * src[unit_at(i, sy, sx, p->src_rows, p->src_cols)];
            }
    return sum;
}

/* One problem's arrays. */
typedef struct arrays {
    size_t src_count, dst_count, kernel_count;
    float *src, *before, *kernel, *bias, *after;
    void *src_units, *dst_units, *packed, *scratch;
    uint16_t *mask, *mask_before; /* one bit a unit */
} arrays;

/* The packed kernel; of a product's, a->kernel gets what bf16 holds. */
static void *pack(const problem *p, const gd_elementwise *elementwise, arrays *a)
{
    size_t bytes = p->product ? gd_product_bytes(&p->shape) : gd_winograd_floats(&p->shape) * sizeof(float);
    void *packed = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(packed);
    if (p->product) {
        gd_product_pack(&p->shape, a->kernel, packed);
        free(to_units(elementwise, a->kernel, a->kernel_count));
    } else {
        gd_winograd_pack(&p->shape, a->kernel, packed);
    }
    return packed;
}

static void create(const problem *p, const gd_elementwise *elementwise, arrays *a)
{
    const gd_winograd_shape *s = &p->shape;
    size_t scratch = (gd_winograd_scratch(s) + 63) / 64 * 64;
    a->src_count = (size_t)s->src_channels * (size_t)p->src_rows * (size_t)p->src_cols;
    a->dst_count = (size_t)s->dst_channels * (size_t)s->dst_rows * (size_t)s->dst_cols;
    a->kernel_count =
        (size_t)s->dst_channels * (size_t)s->src_channels * (size_t)s->kernel_rows * (size_t)s->kernel_cols;
    a->src = random_floats(a->src_count, 1);
    a->before = random_floats(a->dst_count, 2);
    a->kernel = random_floats(a->kernel_count, 3);
    a->bias = random_floats((size_t)s->dst_channels, 4);
    a->after = random_floats(a->dst_count, 5);
    a->src_units = to_units(elementwise, a->src, a->src_count);
    a->dst_units = to_units(elementwise, a->before, a->dst_count);
    a->packed = pack(p, elementwise, a);
    a->scratch = aligned_alloc(64, scratch);
    a->mask = calloc(a->dst_count / BLOCK, sizeof *a->mask);
    a->mask_before = calloc(a->dst_count / BLOCK, sizeof *a->mask);
    assert_true(a->scratch && a->mask && a->mask_before);
    memset(a->scratch, 0xff, scratch);
    for (size_t i = 0; i < a->dst_count / BLOCK; i++)
        a->mask[i] = a->mask_before[i] =
            (uint16_t)gd_random_below(9, GD_RANDOM_NOISE, 65536, (int32_t)i, 0, 0);
}

static void destroy(arrays *a)
{
    void *all[] = {a->src,       a->before, a->kernel,  a->bias, a->after,      a->src_units,
                   a->dst_units, a->packed, a->scratch, a->mask, a->mask_before};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void run(const problem *p, const gd_elementwise *elementwise, int threads, arrays *a)
{
    gd_cores cores = {.capped = false};
    gd_winograd w = {.pass = {.src = a->src_units,
                              .dst = a->dst_units,
                              .mask = a->mask,
                              .mask_at = p->mask_at,
                              .mask_blocks = p->mask_blocks,
                              .mask_pitch = p->shape.dst_cols,
                              .mask_size = (int64_t)p->shape.dst_rows * p->shape.dst_cols,
                              .blocks = p->shape.dst_channels / BLOCK,
                              .src_rows = p->src_rows,
                              .src_cols = p->src_cols,
                              .dst_rows = p->shape.dst_rows,
                              .dst_cols = p->shape.dst_cols,
                              .relu = p->relu,
                              .accumulate = p->accumulate,
                              .write_mask = p->write_mask},
                     .shape = p->shape,
                     .pad_rows = p->pad_rows,
                     .pad_cols = p->pad_cols,
                     .weights = a->packed,
                     .bias = p->bias ? a->bias : NULL,
                     .scratch = a->scratch};
    gd_team team = gd_team_enter(&cores);
    omp_set_num_threads(threads);
    if (p->product)
        gd_product_bf16(&w);
    else
        elementwise->winograd(&w);
    gd_team_leave(&team);
    elementwise->to_floats(a->dst_units, (int64_t)a->dst_count, a->after);
}

/* The bit of a unit, or -1 where it has no mask. */
static int bit_of(const problem *p, const uint16_t *mask, int32_t channel, size_t at)
{
    size_t size = (size_t)p->shape.dst_rows * (size_t)p->shape.dst_cols;
    if (channel / BLOCK < p->mask_at || channel / BLOCK >= p->mask_at + p->mask_blocks)
        return -1;
    return mask[at / BLOCK - (size_t)p->mask_at * size] >> (at % BLOCK) & 1;
}

static void check_problem(const problem *p)
{
    const gd_elementwise *elementwise = p->bf16 ? &gd_elementwise_bf16_avx512 : &gd_elementwise_f32_avx512;
    const gd_winograd_shape *s = &p->shape;
    arrays a;
    double difference = 0, size = 0;
    create(p, elementwise, &a);
    run(p, elementwise, GD_TEAM, &a);
    for (int32_t o = 0; o < s->dst_channels; o++)
        for (int32_t y = 0; y < s->dst_rows; y++)
            for (int32_t x = 0; x < s->dst_cols; x++) {
                size_t at = unit_at(o, y, x, s->dst_rows, s->dst_cols);
                double value = convolve_at(p, a.src, a.kernel, o, y, x) + (p->bias ? a.bias[o] : 0) +
                               (p->accumulate ? a.before[at] : 0);
                int bit = bit_of(p, a.mask, o, at);
                value = p->relu && value < 0 ? 0 : value;
                if (!p->write_mask && bit == 0)
                    value = 0;
                if (p->write_mask && bit >= 0)
                    assert_int_equal(bit, a.after[at] > 0);
                difference += (a.after[at] - value) * (a.after[at] - value);
                size += value * value;
            }
    double error = sqrt(difference / size), bound = p->bf16 ? 3e-3 : 1e-5;
    if (!(error <= bound))
        fail_msg("%dx%d, %d to %d channels, %dx%d: %.3g", s->kernel_rows, s->kernel_cols, s->src_channels,
                 s->dst_channels, s->dst_rows, s->dst_cols, error);
    if (!p->write_mask)
        assert_memory_equal(a.mask, a.mask_before, a.dst_count / BLOCK * sizeof *a.mask);
    destroy(&a);
}

static const int32_t KERNELS[][2] = {{1, 1}, {3, 3}, {5, 5}, {1, 3}, {3, 1}, {1, 7}, {7, 1}};

static problem with_kernel(size_t k, int32_t pad, int32_t src, int32_t dst, int32_t rows, int32_t cols)
{
    problem p = {.shape = {src, dst, rows, cols, KERNELS[k][0], KERNELS[k][1]},
                 .pad_rows = pad < KERNELS[k][0] ? pad : KERNELS[k][0] - 1,
                 .pad_cols = pad < KERNELS[k][1] ? pad : KERNELS[k][1] - 1,
                 .bias = true};
    p.src_rows = rows + KERNELS[k][0] - 1 - 2 * p.pad_rows;
    p.src_cols = cols + KERNELS[k][1] - 1 - 2 * p.pad_cols;
    return p;
}

static void skip_without_avx512(void)
{
    if (!gd_dnnl_get_isa().avx512)
        skip();
}

static problem product(int32_t src, int32_t dst, int32_t rows, int32_t cols)
{
    problem p = with_kernel(0, 0, src, dst, rows, cols);
    p.bf16 = p.product = true;
    return p;
}

static void skip_without_bf16(void)
{
    if (gd_dnnl_get_isa().bf16)
        return;
    print_message("no product of bf16: this processor has no AVX512_BF16\n");
    skip();
}

static void test_kernels_and_paddings(void **state)
{
    (void)state;
    skip_without_avx512();
    for (size_t k = 0; k < sizeof KERNELS / sizeof KERNELS[0]; k++)
        for (int32_t pad = 0; pad < 7; pad++) {
            problem p = with_kernel(k, pad, 16, 32, 17, 22);
            assert_true(gd_winograd_has(KERNELS[k][0], KERNELS[k][1]));
            check_problem(&p);
        }
    assert_false(gd_winograd_has(2, 2));
    assert_false(gd_winograd_has(1, 5));
    assert_false(gd_winograd_has(7, 7));
}

/* Channels that cut into chunks of 1 to 4 blocks, and more than are multiplied in one go; extents below a
 * tile. */
static void test_extents(void **state)
{
    (void)state;
    skip_without_avx512();
    const int32_t shapes[][4] = {{16, 16, 1, 1},   {48, 80, 3, 5},   {144, 48, 9, 6},
                                 {272, 112, 5, 7}, {32, 144, 31, 3}, {16, 64, 40, 61}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        for (size_t k = 0; k < sizeof KERNELS / sizeof KERNELS[0]; k++) {
            /* "same" padding: half the kernel. */
            int32_t taps = KERNELS[k][0] > KERNELS[k][1] ? KERNELS[k][0] : KERNELS[k][1];
            problem p = with_kernel(k, taps / 2, shapes[i][0], shapes[i][1], shapes[i][2], shapes[i][3]);
            check_problem(&p);
        }
}

/* Every combination of sum, ReLU and bias, and masks that are written or applied, to some blocks or none. */
static void check_endings(problem p)
{
    for (int bits = 0; bits < 16; bits++) {
        p.accumulate = bits & 1;
        p.relu = bits & 2;
        p.write_mask = bits & 4;
        p.bias = bits & 8;
        p.mask_at = bits % 3;
        p.mask_blocks = bits % 4;
        check_problem(&p);
    }
}

static void test_endings(void **state)
{
    (void)state;
    skip_without_avx512();
    for (size_t k = 0; k < 2; k++)
        for (int bf16 = 0; bf16 < 2; bf16++) {
            problem p = with_kernel(k, (int32_t)k, 32, 96, 13, 11);
            p.bf16 = bf16;
            check_endings(p);
        }
}

/* Chunks of 1 to 4 blocks, and pixels that do not fill what is multiplied at once. */
static void test_product_extents(void **state)
{
    (void)state;
    skip_without_bf16();
    const int32_t shapes[][2] = {{16, 16}, {48, 32}, {32, 48}, {16, 64}, {80, 80}, {144, 112}, {768, 16}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        for (int32_t cols = 1; cols < 50; cols += cols < 26 ? 1 : 4) {
            problem p = product(shapes[i][0], shapes[i][1], 1, cols);
            check_problem(&p);
        }
        problem large = product(shapes[i][0], shapes[i][1], 43, 47);
        check_problem(&large);
    }
}

static void test_product_endings(void **state)
{
    (void)state;
    skip_without_bf16();
    check_endings(product(32, 96, 13, 11));
    check_endings(product(48, 80, 1, 5));
}

/* Units and mask of a problem, worked on by `threads`; freed by the caller. */
static uint16_t *bits_with(const problem *p, int threads)
{
    arrays a;
    create(p, &gd_elementwise_bf16_avx512, &a);
    run(p, &gd_elementwise_bf16_avx512, threads, &a);
    size_t masks = a.dst_count / BLOCK;
    uint16_t *bits = malloc((a.dst_count + masks) * sizeof *bits);
    assert_non_null(bits);
    memcpy(bits, a.dst_units, a.dst_count * sizeof *bits);
    memcpy(bits + a.dst_count, a.mask, masks * sizeof *bits);
    destroy(&a);
    return bits;
}

static void test_product_teams(void **state)
{
    (void)state;
    skip_without_bf16();
    problem p = product(96, 112, 29, 31);
    p.accumulate = p.relu = p.write_mask = true;
    p.mask_blocks = 7;
    size_t count = (size_t)112 / BLOCK * 29 * 31 * (BLOCK + 1);
    uint16_t *expected = bits_with(&p, GD_TEAM);
    for (int threads = 1; threads < GD_TEAM; threads += 2) {
        uint16_t *bits = bits_with(&p, threads);
        assert_memory_equal(bits, expected, count * sizeof *bits);
        free(bits);
    }
    free(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_and_paddings),
        cmocka_unit_test(test_extents),
        cmocka_unit_test(test_endings),
        cmocka_unit_test(test_product_extents),
        cmocka_unit_test(test_product_endings),
        cmocka_unit_test(test_product_teams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
