/* Windows are queued on the device without waiting for it. The stand-in device runs what is queued as late as
 * it can, and ends the test where the exchange reads or overwrites what is not ordered: so a step must give
 * the bits of one that waits after every window, and the host must have let nothing run. */
#include "base/apart/apart.h"
#include "check.h"
#include "dream/step.h"
#include "dream/update.h"
#include "engine/pool.h"
#include "standin/standin.h"
#include "transfer/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than the 64 tiles of a wave. */
enum { EXTENT = 144, TILE = 16, HALO = 32 };

static gd_comm *comm;
static gd_net *net;

static gd_engine *open_engine(const gd_backend *backend)
{
    gd_error error;
    gd_engine *engine = NULL;
    const gd_device_options options = {.precision = GD_PRECISION_BF16};
    const gd_objective objective = {
        .terms = {{.node = net->layers[gd_net_find_layer(net, "mixed0")].node, .weight = 1.0}}, .count = 1};
    check_ok(gd_engine_create(backend, &options, net, &objective,
                              GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5", &engine, &error),
             error);
    return engine;
}

static gd_status wait_for_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols,
                                  int64_t stride, double sums[2], gd_error *error)
{
    const gd_status status = gd_backend_cuda.moments(device, gradient, rows, cols, stride, sums, error);
    return status == GD_OK ? gd_backend_cuda.finish(device, error) : status;
}

/* What a step gives; owned. */
typedef struct outcome {
    double deviation[2];
    float *gradient; /* [EXTENT, EXTENT, 3] */
} outcome;

static gd_canvas *canvas_of(const gd_engine *engine)
{
    gd_error error;
    gd_canvas *canvas = NULL;
    check_ok(gd_canvas_create(gd_engine_store(engine), EXTENT, EXTENT, 1, 0, &canvas, &error), error);
    return canvas;
}

static float *fetch(const gd_engine *engine, const float *values, size_t count)
{
    gd_error error;
    gd_memory *memory = gd_engine_memory(engine);
    void *staging = NULL;
    float *host = malloc(count * sizeof *host);
    assert_non_null(host);
    check_ok(memory->class->allocate_staging(memory, count * sizeof *host, &staging, &error), error);
    check_ok(memory->class->download(memory, staging, values, count * sizeof *host, &error), error);
    check_ok(gd_memory_synchronize(memory, &error), error);
    memcpy(host, staging, count * sizeof *host);
    memory->class->release_staging(memory, staging);
    return host;
}

/* Two steps, the second of which uses the buffers of the first. */
static outcome step_with(const gd_backend *backend)
{
    gd_error error;
    gd_engine *engine = open_engine(backend);
    gd_canvas *canvas = canvas_of(engine), *gradient = canvas_of(engine);
    gd_stepper *stepper = NULL;
    outcome o = {{0}, NULL};
    check_ok(gd_source_noise(engine, 3, canvas, &error), error);
    check_ok(gd_stepper_create(comm, engine, 1, &stepper, &error), error);
    for (int i = 0; i < 2; i++) {
        const gd_step_parameters p = {.tile = TILE, .halo = HALO, .dy = 5 * i, .dx = 7, .step_size = 0.1};
        check_ok(gd_step_gradient(stepper, canvas, &p, gradient->pixels, &o.deviation[i], &error), error);
        const float factor = (float)(0.1 / (o.deviation[i] + 1e-8));
        check_ok(gd_update(engine, canvas->pixels, gradient->pixels, factor, &error), error);
    }
    assert_true(gd_stepper_busy(stepper) > 0);
    o.gradient = fetch(engine, gradient->pixels->values, (size_t)EXTENT * EXTENT * 3);
    gd_stepper_free(stepper);
    gd_canvas_free(gradient);
    gd_canvas_free(canvas);
    gd_engine_free(engine);
    return o;
}

static void waves_that_are_queued_give_the_bits_of_those_that_are_waited_for(void **state)
{
    (void)state;
    gd_backend waiting = gd_backend_cuda;
    waiting.moments = wait_for_moments;
    outcome queued = step_with(&gd_backend_cuda), waited = step_with(&waiting);
    assert_true(queued.deviation[0] > 0 && queued.deviation[1] > 0);
    assert_memory_equal(queued.deviation, waited.deviation, sizeof queued.deviation);
    assert_memory_equal(queued.gradient, waited.gradient, EXTENT * EXTENT * 3 * sizeof *queued.gradient);
    free(queued.gradient);
    free(waited.gradient);
}

enum { JOBS = 4 };

/* A pool with windows of zeros, the later ones larger, so that its arena grows. */
typedef struct work {
    gd_engine *engine;
    float *window, *gradients[JOBS];
    gd_job jobs[JOBS];
    double sums[JOBS][2];
} work;

static int32_t extent_of(int job)
{
    return job < 2 ? 80 : 112;
}

static void make_work(work *w)
{
    gd_error error;
    gd_memory *memory = gd_engine_memory(w->engine);
    const size_t bytes = (size_t)112 * 112 * 3 * sizeof(float);
    void *values = NULL;
    check_ok(memory->class->allocate(memory, GD_FOR_WINDOWS, bytes, &values, &error), error);
    w->window = values;
    check_ok(memory->class->clear(memory, values, bytes, &error), error);
    for (int i = 0; i < JOBS; i++) {
        const gd_window_shape shape = gd_window_shape_whole(extent_of(i), extent_of(i));
        check_ok(memory->class->allocate(memory, GD_FOR_WINDOWS, bytes, &values, &error), error);
        w->gradients[i] = values;
        w->jobs[i] = (gd_job){.shape = shape,
                              .window = w->window,
                              .gradient = w->gradients[i],
                              .core = {8 * i, 16, 33, 40},
                              .sums = w->sums[i]};
    }
    check_ok(gd_memory_synchronize(memory, &error), error);
}

static void check_sums(const work *w, int job)
{
    const int32_t extent = extent_of(job);
    const gd_rect core = w->jobs[job].core;
    float *gradient = fetch(w->engine, w->gradients[job], (size_t)extent * (size_t)extent * 3);
    double wanted[2] = {0, 0};
    for (int64_t y = core.y; y < core.y + core.rows; y++)
        for (int64_t i = core.x * 3; i < (core.x + core.cols) * 3; i++) {
            const double value = gradient[y * extent * 3 + i];
            wanted[0] += value;
            wanted[1] += value * value;
        }
    assert_true(wanted[1] > 0);
    for (int k = 0; k < 2; k++)
        assert_true(fabs(w->sums[job][k] - wanted[k]) <= 1e-9 * sqrt(wanted[1]));
    free(gradient);
}

/* The host lets nothing run until it has to: when an arena grows, and at the end. */
static void a_wave_is_queued_before_anything_runs(void **state)
{
    (void)state;
    gd_error error;
    work w = {.engine = open_engine(&gd_backend_cuda)};
    gd_pool *pool = NULL;
    make_work(&w);
    check_ok(gd_pool_create(w.engine, 1, &pool, &error), error);
    const uint64_t ran = gd_standin_ran();
    for (int wave = 0; wave < JOBS / 2; wave++) {
        gd_pool_start(pool, w.jobs + 2 * wave, 2);
        assert_true(gd_pool_wait(pool, -1));
        check_ok(gd_pool_result(pool, &error), error);
        if (wave == 0)
            assert_int_equal(gd_standin_ran(), ran);
    }
    const uint64_t queued = gd_standin_queued();
    assert_true(queued > 0); /* the larger ones; the others have run, since their arena was given back */
    check_ok(gd_engine_finish(w.engine, &error), error);
    assert_true(gd_standin_ran() >= ran + queued);
    for (int i = 0; i < JOBS; i++)
        check_sums(&w, i);
    gd_pool_free(pool);
    gd_memory *memory = gd_engine_memory(w.engine);
    gd_memory_release(memory, GD_FOR_WINDOWS, &w.window);
    for (int i = 0; i < JOBS; i++)
        gd_memory_release(memory, GD_FOR_WINDOWS, &w.gradients[i]);
    gd_engine_free(w.engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wave_is_queued_before_anything_runs),
        cmocka_unit_test(waves_that_are_queued_give_the_bits_of_those_that_are_waited_for),
    };
    gd_error error;
    gd_apart_start();
    if (gd_comm_start(NULL, NULL, &comm, &error) != GD_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    net = gd_net_create(GD_INCEPTION_V3);
    const int failed = net ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    gd_net_free(net);
    gd_comm_finish(comm);
    return failed;
}
