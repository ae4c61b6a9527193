/* What the device computes must be done before pixels move. Whatever computes a canvas is followed at once by
 * an exchange that reads it, or by the end of what it used: the stand-in device ends the test unless the one
 * waits for the other. And the picture must be the processor's, up to a grey level. */
#include "check.h"
#include "dream/execute.h"
#include "dream/update.h"
#include "net/objective.h"
#include "transfer/bands.h"
#include "transfer/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 260, COLS = 300, LARGE_ROWS = 280, LARGE_COLS = 330 };

static gd_comm *comm;

static gd_canvas *noise(const gd_engine *engine, uint64_t seed)
{
    gd_error error;
    gd_canvas *canvas = NULL;
    check_ok(gd_canvas_create(gd_engine_store(engine), ROWS, COLS, 1, gd_comm_rank(comm), &canvas, &error),
             error);
    check_ok(gd_source_noise(engine, seed, canvas, &error), error);
    return canvas;
}

/* Noise on a small canvas, on its way to a large one, with the detail of noise or without. */
static gd_canvas *changed(const gd_engine *engine, uint64_t seed, gd_detail_kind detail)
{
    gd_error error;
    const gd_render_parameters p = {.rules = gd_compat_rules_of(GD_COMPAT_NONE),
                                    .base_rows = LARGE_ROWS,
                                    .base_cols = LARGE_COLS,
                                    .seed = seed,
                                    .detail = detail};
    const gd_octave from = {.rows = ROWS, .cols = COLS, .ranks = 1};
    const gd_octave to = {.rows = LARGE_ROWS, .cols = LARGE_COLS, .ranks = 1};
    gd_execution x = {.comm = comm,
                      .engine = engine,
                      .p = &p,
                      .parts = 1,
                      .canvases = {[GD_ROLE_CANVAS] = {noise(engine, seed)}}};
    const gd_walk walk = {engine, &p, 1, &gd_execute_visitor, &x};
    check_ok(gd_walk_change(&walk, &from, &to, &error), error);
    return x.canvases[GD_ROLE_CANVAS][0];
}

static gd_canvas *resampled(const gd_engine *engine, uint64_t seed)
{
    return changed(engine, seed, GD_DETAIL_NONE);
}

static gd_canvas *updated(const gd_engine *engine, uint64_t seed)
{
    gd_error error;
    gd_canvas *canvas = noise(engine, seed), *gradient = noise(engine, seed + 1);
    check_ok(gd_update(engine, canvas->pixels, gradient->pixels, 2, &error), error);
    gd_canvas_free(gradient);
    return canvas;
}

static gd_canvas *enlarged(const gd_engine *engine, uint64_t seed)
{
    return changed(engine, seed, GD_DETAIL_NOISE);
}

/* A picture of 8 bits as it comes in bands. */
typedef struct picture {
    uint8_t *samples; /* owned; [rows, cols, 3] */
    int64_t count;    /* of them so far */
    int64_t cols;
} picture;

static gd_status keep(void *context, int64_t count, const float *rgb, const void *samples, gd_error *error)
{
    picture *p = context;
    const int64_t values = count * p->cols * 3;
    (void)error;
    if (samples)
        memcpy(p->samples + p->count, samples, (size_t)values);
    for (int64_t i = 0; !samples && i < values; i++)
        p->samples[p->count + i] = (uint8_t)lroundf((fminf(1, fmaxf(-1, rgb[i])) + 1) * 127.5F);
    p->count += values;
    return GD_OK;
}

typedef gd_canvas *(*painter)(const gd_engine *engine, uint64_t seed);

static picture painted(const gd_backend *backend, painter paint)
{
    gd_error error;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    gd_engine *engine = NULL;
    const gd_objective nothing = {.count = 0};
    const gd_device_options options = {.precision = GD_PRECISION_FP32};
    assert_non_null(net);
    check_ok(gd_engine_create(backend, &options, net, &nothing, NULL, &engine, &error), error);
    gd_canvas *canvas = paint(engine, 7);
    const int64_t rows = canvas->partition->rows, cols = canvas->partition->cols;
    picture p = {calloc((size_t)(rows * cols * 3), 1), 0, cols};
    assert_non_null(p.samples);
    check_ok(gd_bands_out(comm, engine, canvas, 8, keep, &p, &error), error);
    assert_int_equal(p.count, rows * cols * 3);
    gd_canvas_free(canvas);
    gd_engine_free(engine);
    gd_net_free(net);
    return p;
}

static void check_paint(painter paint)
{
    picture ours = painted(&gd_backend_cuda, paint), wanted = painted(&gd_backend_cpu, paint);
    assert_int_equal(ours.count, wanted.count);
    for (int64_t i = 0; i < wanted.count; i++)
        assert_in_range(ours.samples[i] - wanted.samples[i] + 1, 0, 2);
    free(ours.samples);
    free(wanted.samples);
}

static void noise_is_there(void **state)
{
    (void)state;
    check_paint(noise);
}

static void a_resampled_canvas_is_there(void **state)
{
    (void)state;
    check_paint(resampled);
}

static void an_updated_canvas_is_there(void **state)
{
    (void)state;
    check_paint(updated);
}

static void detail_is_there(void **state)
{
    (void)state;
    check_paint(enlarged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_there),
        cmocka_unit_test(a_resampled_canvas_is_there),
        cmocka_unit_test(an_updated_canvas_is_there),
        cmocka_unit_test(detail_is_there),
    };
    gd_error error;
    if (gd_comm_start(NULL, NULL, &comm, &error) != GD_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gd_comm_finish(comm);
    return failed;
}
