/* Pools, both ways, against plain loops. */
#include "case.h"

#include <math.h>
#include <stdlib.h>

/* A pool of `rows` x `cols` pixels. */
typedef struct geometry {
    int32_t rows, cols, stride, pad, channels;
} geometry;

static const geometry max_pools[] = {
    {3, 3, 2, 0, 8},    {5, 4, 2, 0, 16},   {17, 5, 2, 0, 24}, {35, 35, 2, 0, 40},
    {35, 34, 2, 0, 16}, {1, 1, 1, 1, 8},    {2, 3, 1, 1, 16},  {17, 5, 1, 1, 24},
    {6, 7, 2, 1, 16},   {3, 40, 2, 0, 272}, {9, 9, 3, 0, 8},
};
static const geometry avg_pools[] = {
    {1, 1, 1, 1, 16},  {1, 9, 1, 1, 32},   {2, 3, 1, 1, 16},
    {17, 5, 1, 1, 48}, {35, 35, 1, 1, 32}, {3, 20, 1, 1, 272},
};
enum {
    MAX_POOLS = sizeof max_pools / sizeof *max_pools,
    AVG_POOLS = sizeof avg_pools / sizeof *avg_pools,
    BESIDE = 16 /* channels before and behind a slice */
};

static int32_t windows(int32_t extent, const geometry *g)
{
    return (extent + 2 * g->pad - 3) / g->stride + 1;
}

/* Both sides of a pool, as slices of wider tensors. winner: [out.rows, out.cols, winner_pitch], a slice too.
 */
typedef struct sides {
    case_tensor in, out;
    uint8_t *winner, *winner_device; /* owned */
    size_t winner_bytes;
} sides;

static sides make_sides(cudaStream_t stream, gd_cuda_type type, const geometry *g, case_random *random)
{
    const int32_t rows = windows(g->rows, g), cols = windows(g->cols, g), pitch = g->channels + 2 * BESIDE;
    sides s = {case_tensor_make(stream, type, g->rows, g->cols, g->channels, BESIDE, pitch, random),
               case_tensor_make(stream, type, rows, cols, g->channels, BESIDE, pitch + 8, random), NULL, NULL,
               (size_t)rows * (size_t)cols * (size_t)pitch};
    s.winner = case_memory(s.winner_bytes);
    for (size_t i = 0; i < s.winner_bytes; i++)
        s.winner[i] = 99;
    return s;
}

static void free_sides(sides *s)
{
    case_tensor_free(&s->in);
    case_tensor_free(&s->out);
    case_drop(s->winner_device);
    free(s->winner);
}

static gd_cuda_pool pool_of(const sides *s, const geometry *g)
{
    return (gd_cuda_pool){.in = case_tensor_slice(&s->in),
                          .out = case_tensor_slice(&s->out),
                          .stride = g->stride,
                          .pad_rows = g->pad,
                          .pad_cols = g->pad,
                          .winner = s->winner_device ? s->winner_device + BESIDE : NULL,
                          .winner_pitch = s->in.pitch,
                          .winner_line = s->out.cols,
                          .whole_rows = s->out.rows,
                          .whole_cols = s->out.cols};
}

/* Pixel of the input at `place` of the window (y, x), or -1 on the padding. */
static int64_t pixel_at(const geometry *g, int32_t y, int32_t x, int place)
{
    const int32_t row = y * g->stride - g->pad + place / 3, col = x * g->stride - g->pad + place % 3;
    return row < 0 || row >= g->rows || col < 0 || col >= g->cols ? -1 : (int64_t)row * g->cols + col;
}

/* The first maximum of window (y, x) in `in` [rows, cols, channels]. */
static uint8_t find_winner(const geometry *g, const float *in, int32_t y, int32_t x, int32_t c)
{
    int winner = -1;
    for (int place = 0; place < 9; place++) {
        const int64_t pixel = pixel_at(g, y, x, place);
        if (pixel < 0)
            continue;
        if (winner < 0 || in[pixel * g->channels + c] > in[pixel_at(g, y, x, winner) * g->channels + c])
            winner = place;
    }
    return (uint8_t)winner;
}

/* Fills the winners of the slice, 9 for maxima that are not above zero if it judges, and returns the maxima.
 */
static float *pool_slowly(const geometry *g, const sides *s, bool judges, uint8_t *winner)
{
    float *in = case_tensor_floats(&s->in), *out = case_tensor_floats(&s->out);
    for (int32_t y = 0; y < s->out.rows; y++)
        for (int32_t x = 0; x < s->out.cols; x++)
            for (int32_t c = 0; c < g->channels; c++) {
                const int64_t pixel = (int64_t)y * s->out.cols + x;
                const uint8_t place = find_winner(g, in, y, x, c);
                const float most = in[pixel_at(g, y, x, place) * g->channels + c];
                winner[pixel * s->in.pitch + BESIDE + c] = judges && !(most > 0) ? 9 : place;
                out[pixel * g->channels + c] = most;
            }
    free(in);
    return out;
}

/* Whether one that judges a ReLU tells of `planted`, which is no number. */
static void check_judge(cudaStream_t stream, float planted)
{
    const geometry g = {5, 5, 2, 0, 16};
    const int32_t zero = 0;
    case_random random = 8;
    sides s = make_sides(stream, GD_CUDA_F16, &g, &random);
    int32_t flag = 0, *overflow = case_bring(stream, &zero, sizeof zero);
    case_put(GD_CUDA_F16, s.in.host, 24 * s.in.pitch + BESIDE + 3, planted);
    case_write(stream, s.in.device, s.in.host, (size_t)(25 * s.in.pitch) * 2);
    s.winner_device = case_bring(stream, s.winner, s.winner_bytes);
    gd_cuda_pool pool = pool_of(&s, &g);
    pool.overflow = overflow;
    check_cuda(gd_launch_max_pool(GD_CUDA_F16, &pool, stream));
    case_fetch(stream, &flag, overflow, sizeof flag);
    assert_int_equal(flag, 1);
    case_drop(overflow);
    free_sides(&s);
}

static void test_judge(void **state)
{
    check_judge(*state, NAN);
    check_judge(*state, INFINITY);
    check_judge(*state, -INFINITY);
}

static void check_max_pool(cudaStream_t stream, gd_cuda_type type, const geometry *g, bool judges,
                           case_random *random)
{
    const int32_t zero = 0;
    int32_t flag = 0, *overflow = case_bring(stream, &zero, sizeof zero);
    sides s = make_sides(stream, type, g, random);
    s.winner_device = case_bring(stream, s.winner, s.winner_bytes);
    float *wanted = pool_slowly(g, &s, judges, s.winner);
    case_tensor_spoil(stream, &s.out);
    gd_cuda_pool pool = pool_of(&s, g);
    pool.overflow = judges ? overflow : NULL;
    check_cuda(gd_launch_max_pool(type, &pool, stream));
    case_tensor_check(stream, &s.out, wanted, 0);
    uint8_t *winner = case_memory(s.winner_bytes);
    case_fetch(stream, winner, s.winner_device, s.winner_bytes);
    assert_memory_equal(winner, s.winner, s.winner_bytes);
    case_fetch(stream, &flag, overflow, sizeof flag);
    assert_int_equal(flag, 0);
    case_drop(overflow);
    free(winner);
    free(wanted);
    free_sides(&s);
}

static void test_max_pool(void **state)
{
    case_random random = 1;
    for (int type = 0; type < CASE_TYPES; type++)
        for (int g = 0; g < MAX_POOLS; g++)
            for (int judges = 0; judges < 2; judges++)
                check_max_pool(*state, type, &max_pools[g], judges, &random);
}

/* Among equals the first wins, in every window. */
static void test_ties(void **state)
{
    const geometry g = {7, 7, 2, 0, 8};
    case_random random = 2;
    sides s = make_sides(*state, GD_CUDA_F16, &g, &random);
    for (int64_t i = 0; i < 7 * 7 * s.in.pitch; i++)
        case_put(GD_CUDA_F16, s.in.host, i, -3);
    case_write(*state, s.in.device, s.in.host, (size_t)(7 * 7 * s.in.pitch) * 2);
    s.winner_device = case_bring(*state, s.winner, s.winner_bytes);
    const gd_cuda_pool pool = pool_of(&s, &g);
    check_cuda(gd_launch_max_pool(GD_CUDA_F16, &pool, *state));
    case_fetch(*state, s.winner, s.winner_device, s.winner_bytes);
    for (int pixel = 0; pixel < 9; pixel++)
        for (int c = 0; c < 8; c++)
            assert_int_equal(s.winner[pixel * s.in.pitch + BESIDE + c], 0);
    free_sides(&s);
}

/* How a way back ends. The mask is for the channels from `at` on. */
typedef struct ending {
    bool accumulate, masked;
    int32_t at, channels;
    case_mask mask;
} ending;

static ending make_ending(cudaStream_t stream, int bits, const geometry *g, case_random *random)
{
    ending e = {.accumulate = bits & 1, .masked = (bits & 2) && g->channels >= 16};
    e.at = g->channels >= 32 ? 16 : 0;
    e.channels = e.masked ? 16 : 0;
    e.mask = case_mask_make(stream, g->rows, g->cols, 16, 1, 3, random);
    return e;
}

/* What becomes of `sum` at a unit that was `before`. */
static float ended(gd_cuda_type type, const ending *e, int64_t pixel, int32_t channel, float before,
                   float sum)
{
    const int32_t c = channel - e->at;
    if (e->masked && c >= 0 && c < e->channels && !case_mask_bit(&e->mask, pixel, c))
        return 0;
    return case_rounded(type, e->accumulate ? before + sum : sum);
}

static gd_cuda_mask mask_of(const ending *e)
{
    return e->masked ? case_mask_of(&e->mask) : (gd_cuda_mask){NULL, 0, 0};
}

/* The window that has `pixel` at `place`, as a pixel of the output, or -1. From place 8 to 0 they come in
 * row-major order. */
static int64_t window_with(const geometry *g, int64_t pixel, int place)
{
    const int32_t rows = windows(g->rows, g), cols = windows(g->cols, g);
    const int32_t y = (int32_t)(pixel / g->cols) + g->pad - place / 3;
    const int32_t x = (int32_t)(pixel % g->cols) + g->pad - place % 3;
    if (y < 0 || y % g->stride || y / g->stride >= rows || x < 0 || x % g->stride || x / g->stride >= cols)
        return -1;
    return (int64_t)(y / g->stride) * cols + x / g->stride;
}

/* What unit (pixel, c) of the input has won, in row-major order of the windows. */
static float gather_won(const geometry *g, const sides *s, const float *out, int64_t pixel, int32_t c)
{
    float sum = 0;
    for (int place = 8; place >= 0; place--) {
        const int64_t from = window_with(g, pixel, place);
        if (from >= 0 && s->winner[from * s->in.pitch + BESIDE + c] == place)
            sum += out[from * g->channels + c];
    }
    return sum;
}

static void check_max_pool_back(cudaStream_t stream, gd_cuda_type type, const geometry *g, int bits,
                                case_random *random)
{
    sides s = make_sides(stream, type, g, random);
    ending e = make_ending(stream, bits, g, random);
    free(pool_slowly(g, &s, true, s.winner));
    s.winner_device = case_bring(stream, s.winner, s.winner_bytes);
    float *out = case_tensor_floats(&s.out), *wanted = case_tensor_floats(&s.in);
    for (int64_t i = 0; i < (int64_t)g->rows * g->cols * g->channels; i++) {
        const int64_t pixel = i / g->channels;
        const int32_t c = (int32_t)(i % g->channels);
        wanted[i] = ended(type, &e, pixel, c, wanted[i], gather_won(g, &s, out, pixel, c));
    }
    if (!e.accumulate)
        case_tensor_spoil(stream, &s.in);
    const gd_cuda_pool pool = pool_of(&s, g);
    check_cuda(gd_launch_max_pool_back(type, &pool, e.accumulate, mask_of(&e), e.at, e.channels, stream));
    case_tensor_check(stream, &s.in, wanted, 0);
    free(out);
    free(wanted);
    case_mask_free(&e.mask);
    free_sides(&s);
}

static void test_max_pool_back(void **state)
{
    case_random random = 3;
    for (int type = 0; type < CASE_TYPES; type++)
        for (int g = 0; g < MAX_POOLS; g++)
            for (int bits = 0; bits < 4; bits++)
                check_max_pool_back(*state, type, &max_pools[g], bits, &random);
}

/* Real pixels of the window around (y, x). */
static int32_t real_pixels(const geometry *g, int32_t y, int32_t x)
{
    int32_t count = 0;
    for (int place = 0; place < 9; place++)
        count += pixel_at(g, y, x, place) >= 0;
    return count;
}

static double mean_around(const geometry *g, const float *in, int32_t y, int32_t x, int32_t c)
{
    double sum = 0;
    for (int place = 0; place < 9; place++)
        if (pixel_at(g, y, x, place) >= 0)
            sum += in[pixel_at(g, y, x, place) * g->channels + c];
    return sum / real_pixels(g, y, x);
}

/* A result that was summed in float and then stored. */
static double tolerance(gd_cuda_type type)
{
    return case_epsilon(type) + 0x1p-20;
}

static void check_avg_pool(cudaStream_t stream, gd_cuda_type type, const geometry *g, bool relu, bool masked,
                           case_random *random)
{
    sides s = make_sides(stream, type, g, random);
    case_mask mask = case_mask_make(stream, g->rows, g->cols, g->channels, 1, g->channels / 16 + 2, random);
    float *in = case_tensor_floats(&s.in), *wanted = case_tensor_floats(&s.out);
    for (int64_t i = 0; i < (int64_t)g->rows * g->cols * g->channels; i++) {
        const int64_t pixel = i / g->channels;
        const double mean = mean_around(g, in, (int32_t)(pixel / g->cols), (int32_t)(pixel % g->cols),
                                        (int32_t)(i % g->channels));
        wanted[i] = (float)(relu && mean < 0 ? 0 : mean);
    }
    case_tensor_spoil(stream, &s.out);
    const gd_cuda_pool pool = pool_of(&s, g);
    const gd_cuda_mask m = masked ? case_mask_of(&mask) : (gd_cuda_mask){NULL, 0, 0};
    check_cuda(gd_launch_avg_pool(type, &pool, relu, m, stream));
    case_tensor_check(stream, &s.out, wanted, tolerance(type));
    if (masked) { /* of what is stored, which the check above has brought */
        float *stored = case_tensor_floats(&s.out);
        case_mask_check(stream, &mask, stored);
        free(stored);
    }
    free(in);
    free(wanted);
    case_mask_free(&mask);
    free_sides(&s);
}

static void test_avg_pool(void **state)
{
    case_random random = 4;
    for (int type = 0; type < CASE_TYPES; type++)
        for (int g = 0; g < AVG_POOLS; g++)
            for (int bits = 0; bits < 4; bits++)
                check_avg_pool(*state, type, &avg_pools[g], bits & 1, bits & 2, &random);
}

/* A mean too small for half precision is stored as 0, and its mask is not set. */
static void test_avg_pool_of_little(void **state)
{
    const geometry g = {4, 4, 1, 1, 16};
    case_random random = 5;
    sides s = make_sides(*state, GD_CUDA_F16, &g, &random);
    case_mask mask = case_mask_make(*state, 4, 4, 16, 0, 1, &random);
    for (int64_t i = 0; i < 16 * s.in.pitch; i++)
        case_put(GD_CUDA_F16, s.in.host, i, i / s.in.pitch == 5 ? 0x1p-24F : 0);
    case_write(*state, s.in.device, s.in.host, (size_t)(16 * s.in.pitch) * 2);
    const gd_cuda_pool pool = pool_of(&s, &g);
    check_cuda(gd_launch_avg_pool(GD_CUDA_F16, &pool, true, case_mask_of(&mask), *state));
    float nothing[16 * 16] = {0};
    case_tensor_check(*state, &s.out, nothing, 0);
    case_mask_check(*state, &mask, nothing);
    case_mask_free(&mask);
    free_sides(&s);
}

/* The shares of unit (pixel, c) in the means that it was a part of. */
static double gather_shares(const geometry *g, const float *out, int64_t pixel, int32_t c)
{
    double sum = 0;
    for (int place = 0; place < 9; place++) {
        const int64_t from = window_with(g, pixel, place);
        if (from >= 0)
            sum += (double)out[from * g->channels + c] /
                   real_pixels(g, (int32_t)(from / g->cols), (int32_t)(from % g->cols));
    }
    return sum;
}

static void check_avg_pool_back(cudaStream_t stream, gd_cuda_type type, const geometry *g, int bits,
                                case_random *random)
{
    sides s = make_sides(stream, type, g, random);
    ending e = make_ending(stream, bits, g, random);
    float *out = case_tensor_floats(&s.out), *wanted = case_tensor_floats(&s.in);
    for (int64_t i = 0; i < (int64_t)g->rows * g->cols * g->channels; i++) {
        const int64_t pixel = i / g->channels;
        const int32_t c = (int32_t)(i % g->channels);
        const double sum = gather_shares(g, out, pixel, c);
        wanted[i] = ended(GD_CUDA_F32, &e, pixel, c, wanted[i], (float)sum);
    }
    if (!e.accumulate)
        case_tensor_spoil(stream, &s.in);
    const gd_cuda_pool pool = pool_of(&s, g);
    check_cuda(gd_launch_avg_pool_back(type, &pool, e.accumulate, mask_of(&e), e.at, e.channels, stream));
    case_tensor_check(stream, &s.in, wanted, tolerance(type));
    free(out);
    free(wanted);
    case_mask_free(&e.mask);
    free_sides(&s);
}

static void test_avg_pool_back(void **state)
{
    case_random random = 6;
    for (int type = 0; type < CASE_TYPES; type++)
        for (int g = 0; g < AVG_POOLS; g++)
            for (int bits = 0; bits < 4; bits++)
                check_avg_pool_back(*state, type, &avg_pools[g], bits, &random);
}

static void test_nothing(void **state)
{
    const gd_cuda_slice none = {NULL, 0, 7, 16, 16, 7};
    const gd_cuda_pool pool = {.in = none, .out = none, .stride = 1, .pad_rows = 1, .pad_cols = 1};
    const gd_cuda_mask mask = {NULL, 1, 7};
    check_cuda(gd_launch_max_pool(GD_CUDA_F32, &pool, *state));
    check_cuda(gd_launch_max_pool_back(GD_CUDA_F32, &pool, false, mask, 0, 0, *state));
    check_cuda(gd_launch_avg_pool(GD_CUDA_F32, &pool, false, mask, *state));
    check_cuda(gd_launch_avg_pool_back(GD_CUDA_F32, &pool, false, mask, 0, 0, *state));
    check_cuda(cudaStreamSynchronize(*state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_max_pool),      cmocka_unit_test(test_judge),
        cmocka_unit_test(test_ties),          cmocka_unit_test(test_max_pool_back),
        cmocka_unit_test(test_avg_pool),      cmocka_unit_test(test_avg_pool_of_little),
        cmocka_unit_test(test_avg_pool_back), cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, case_open, case_close);
}
