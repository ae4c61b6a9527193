/* A step with a mask: deviation, update and input against plain loops in double, on any number of ranks. */
#include "check.h"
#include "dream/mask.h"
#include "mpi/subgroup.h"
#include "net/net.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 300, COLS = 530 };

static gd_comm *comm;
static gd_net *net;

/* A number in [0, 1) that depends on all of them. */
static double number(int64_t y, int64_t x, int64_t c, int64_t kind)
{
    uint64_t v = (uint64_t)(((y * COLS + x) * 4 + c) * 8 + kind) * UINT64_C(0x9E3779B97F4A7C15);
    v ^= v >> 29;
    v *= UINT64_C(0xBF58476D1CE4E5B9);
    return (double)(v >> 40) / (double)(1 << 24);
}

/* Black on the left, where the gradient is not even a number; white on the right; grey between. */
static float mask_at(int64_t y, int64_t x)
{
    return x < 100 || (y < 40 && x < 300) ? 0.0F : x > 400 ? 1.0F : (float)number(y, x, 0, 1);
}

static float gradient_at(int64_t y, int64_t x, int64_t c)
{
    return mask_at(y, x) > 0 ? (float)(0.3 + 2 * number(y, x, c, 2)) : NAN;
}

static float canvas_at(int64_t y, int64_t x, int64_t c)
{
    return (float)(2 * number(y, x, c, 3) - 1);
}

static float input_at(int64_t y, int64_t x, int64_t c)
{
    return (float)(2 * number(y, x, c, 4) - 1);
}

static float first_of_mask(int64_t y, int64_t x, int64_t c)
{
    (void)c;
    return mask_at(y, x);
}

typedef float (*value_at)(int64_t y, int64_t x, int64_t c);

/* Calls `check` with each value of this rank, or fills it. */
static void each(gd_plane *plane, value_at fill, void (*check)(float value, int64_t y, int64_t x, int64_t c))
{
    int64_t first, end;
    gd_partition_run(plane->partition, plane->rank, &first, &end);
    for (int64_t i = first; i < end; i++) {
        const gd_rect r = gd_partition_block(plane->partition, plane->partition->order[i]);
        float *value = plane->blocks[i - first];
        for (int64_t y = r.y; y < r.y + r.rows; y++)
            for (int64_t x = r.x; x < r.x + r.cols; x++)
                for (int64_t c = 0; c < plane->channels; c++, value++) {
                    if (fill)
                        *value = fill(y, x, c);
                    else
                        check(*value, y, x, c);
                }
    }
}

static gd_plane *make(const gd_engine *engine, const gd_partition *partition, int32_t channels, value_at fill)
{
    gd_error error;
    gd_plane *plane = NULL;
    check_ok(gd_plane_create_channels(gd_engine_store(engine), partition, gd_comm_rank(comm), channels,
                                      &plane, &error),
             error);
    if (fill)
        each(plane, fill, NULL);
    return plane;
}

static double wanted_deviation, step_size = 0.05;

/* sqrt(sum m g^2 / sum m - (sum m g / sum m)^2), over pixels and channels. */
static double naive_deviation(double *pixels)
{
    double weight = 0, sum = 0, square = 0;
    *pixels = 0;
    for (int64_t y = 0; y < ROWS; y++)
        for (int64_t x = 0; x < COLS; x++) {
            const double m = mask_at(y, x);
            *pixels += m;
            for (int64_t c = 0; c < 3 && m > 0; c++) {
                const double g = gradient_at(y, x, c);
                weight += m;
                sum += m * g;
                square += m * g * g;
            }
        }
    return sqrt(square / weight - sum / weight * (sum / weight));
}

static void check_updated(float value, int64_t y, int64_t x, int64_t c)
{
    const double m = mask_at(y, x), was = canvas_at(y, x, c);
    if (m == 0) {
        assert_true(value == canvas_at(y, x, c));
        return;
    }
    double wanted = was + step_size * m * (double)gradient_at(y, x, c) / (wanted_deviation + 1e-8);
    wanted = fmin(fmax(wanted, -1), 1);
    /* Rounded to a float once, by half a unit of the last place of 1, and the deviation's 1e-9. */
    assert_true(fabs((double)value - wanted) <= 3e-8 + 1e-9);
}

static void check_kept(float value, int64_t y, int64_t x, int64_t c)
{
    assert_true(value == (mask_at(y, x) > 0 ? canvas_at(y, x, c) : input_at(y, x, c)));
}

static gd_engine *open_engine(const gd_backend *backend)
{
    gd_error error;
    gd_engine *engine = NULL;
    const gd_device_options options = {.precision = GD_PRECISION_AUTO};
    const gd_objective objective = {
        .terms = {{.node = net->layers[gd_net_find_layer(net, "mixed0")].node, .weight = 1}}, .count = 1};
    check_ok(gd_engine_create(backend, &options, net, &objective, NULL, &engine, &error), error);
    return engine;
}

static void check_backend(const gd_backend *backend, int32_t ranks)
{
    gd_error error;
    gd_engine *engine = open_engine(backend);
    gd_partition *partition = NULL;
    double pixels, deviation = -1;
    check_ok(gd_partition_create(ROWS, COLS, ranks, &partition, &error), error);
    gd_plane *rgb = make(engine, partition, 3, first_of_mask), *mask = make(engine, partition, 1, NULL);
    gd_plane *gradient = make(engine, partition, 3, gradient_at),
             *input = make(engine, partition, 3, input_at);
    gd_plane *canvas = make(engine, partition, 3, canvas_at);
    check_ok(gd_plane_take_channel(mask, rgb, &error), error);
    wanted_deviation = naive_deviation(&pixels);
    check_ok(gd_comm_prepare_subgroup(comm, ranks, &error), error);
    check_ok(gd_mask_deviation(comm, engine, gradient, mask, pixels, &deviation, &error), error);
    if (gd_comm_rank(comm) < ranks)
        assert_true(fabs(deviation - wanted_deviation) <= 1e-9 * wanted_deviation);
    else
        assert_true(deviation == 0);
    check_ok(gd_mask_update(engine, canvas, gradient, mask, wanted_deviation + 1e-8, step_size, &error),
             error);
    each(canvas, NULL, check_updated);
    each(canvas, canvas_at, NULL);
    check_ok(gd_mask_keep(engine, canvas, input, mask, &error), error);
    each(canvas, NULL, check_kept);
    gd_plane *const all[] = {rgb, mask, gradient, input, canvas};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        gd_plane_free(all[i]);
    gd_partition_free(partition);
    gd_engine_free(engine);
}

static void a_step_is_the_formula(void **state)
{
    const gd_backend *const backends[] = {&gd_backend_reference, &gd_backend_cpu};
    (void)state;
    for (int i = 0; i < 2; i++) {
        check_backend(backends[i], gd_comm_size(comm));
        check_backend(backends[i], 1);
    }
}

static int setup(void **state)
{
    gd_error error;
    (void)state;
    net = gd_net_create(GD_INCEPTION_V3);
    return net && gd_comm_start(NULL, NULL, &comm, &error) == GD_OK ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    gd_net_free(net);
    gd_comm_finish(comm);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_step_is_the_formula)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
