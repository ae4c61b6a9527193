/* --proof: where its parts lie, and that they are the poster's own pixels where a part sees all that the
 * poster sees. On any number of ranks. */
#include "base/apart/apart.h"
#include "check.h"
#include "dream/render.h"
#include "net/objective.h"
#include "pixels.h"
#include "proof/proof.h"
#include "proof/proof_places.h"
#include "transfer/bands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static gd_comm *comm;
static gd_net *net;
static gd_engine *engine;

static gd_render_parameters parameters(int64_t rows, int64_t cols, double scale, int32_t first, int32_t end)
{
    return (gd_render_parameters){.base_rows = rows,
                                  .base_cols = cols,
                                  .octave_scale = scale,
                                  .octave_first = first,
                                  .octave_end = end,
                                  .tile = {2048, 2048, GD_CURVE_LINEAR},
                                  .step_size = {0.02, 0.04, GD_CURVE_LINEAR},
                                  .rules = gd_compat_rules_of(GD_COMPAT_NONE),
                                  .seed = 11,
                                  .input = GD_SOURCE_DIR "/tests/images/chelsea.png",
                                  .final_resize = true,
                                  .threads = 1};
}

static void is_inside(gd_rect part, gd_rect whole)
{
    const gd_rect both = gd_rect_intersect(part, whole);
    if (memcmp(&both, &part, sizeof both) != 0)
        fail_msg("%lldx%lld at %lld %lld is not inside of %lldx%lld at %lld %lld", (long long)part.cols,
                 (long long)part.rows, (long long)part.x, (long long)part.y, (long long)whole.cols,
                 (long long)whole.rows, (long long)whole.x, (long long)whole.y);
}

static void support_is_inside(int64_t from, int64_t to, int64_t first, int64_t count, int64_t begin,
                              int64_t end)
{
    gd_error error;
    gd_resampler *r = NULL;
    int64_t low, high;
    check_ok(gd_resampler_create(GD_RESAMPLE_LANCZOS3, from, to, &r, &error), error);
    gd_resampler_support(r, first, count, &low, &high);
    gd_resampler_free(r);
    if (low < begin || high > end)
        fail_msg("%lld to %lld: [%lld, %lld) needs [%lld, %lld), and has [%lld, %lld)", (long long)from,
                 (long long)to, (long long)first, (long long)(first + count), (long long)low, (long long)high,
                 (long long)begin, (long long)end);
}

/* All that a crop goes through. */
static void check_crop(const gd_proof_geometry *geometry, int32_t cell, gd_rect *parts)
{
    gd_proof_parts(geometry, gd_proof_crop(geometry, cell), parts);
    for (int32_t i = geometry->shared; i <= geometry->octaves; i++) {
        const gd_proof_level *l = &geometry->levels[i];
        is_inside(parts[i], (gd_rect){0, 0, l->rows, l->cols});
        assert_true(parts[i].rows == l->part_rows && parts[i].cols == l->part_cols);
        if (i == 0)
            continue;
        support_is_inside(l[-1].rows, l->rows, parts[i].y, parts[i].rows, parts[i - 1].y,
                          parts[i - 1].y + parts[i - 1].rows);
        support_is_inside(l[-1].cols, l->cols, parts[i].x, parts[i].cols, parts[i - 1].x,
                          parts[i - 1].x + parts[i - 1].cols);
    }
}

/* At most a third of the picture's work, or crops are small; and no smaller than that asks. */
static void check_share(const gd_proof_geometry *geometry)
{
    double picture = 0,
           proof = geometry->shared == 0 ? (double)(geometry->whole_rows * geometry->whole_cols) : 0;
    for (int32_t i = 0; i < geometry->octaves; i++) {
        const gd_proof_level *l = &geometry->levels[i];
        picture += (double)l->rows * (double)l->cols;
        proof += (double)l->part_rows * (double)l->part_cols * (i < geometry->shared ? 1 : 3);
    }
    assert_float_equal(gd_proof_share(geometry), proof / picture, 1e-12);
    assert_true(geometry->side >= GD_PROOF_LEAST && geometry->side <= GD_PROOF_SIDE);
    if (geometry->side > GD_PROOF_LEAST)
        assert_true(3 * proof <= picture);
}

static void check_way(gd_render_parameters p)
{
    enum { CELLS = GD_PROOF_CELLS * GD_PROOF_CELLS };
    gd_error error;
    gd_proof_geometry geometry;
    check_ok(gd_proof_geometry_create(engine, &p, &geometry, &error), error);
    gd_rect *parts = calloc((size_t)geometry.octaves + 1, sizeof *parts);
    assert_non_null(parts);
    for (int32_t i = 0; i < CELLS; i++) {
        if (i % 4 == 0)
            check_crop(&geometry, i, parts);
        for (int32_t j = 0; j < i; j++)
            assert_true(
                gd_rect_empty(gd_rect_intersect(gd_proof_crop(&geometry, i), gd_proof_crop(&geometry, j))));
    }
    const gd_proof_level *last = &geometry.levels[geometry.octaves];
    assert_true(last->part_rows == fmin((double)geometry.side, floor((double)last->rows / 3)));
    assert_true(last->part_cols == fmin((double)geometry.side, floor((double)last->cols / 3)));
    check_share(&geometry);
    if (geometry.levels[0].rows >= net->smallest_input && geometry.levels[0].cols >= net->smallest_input)
        assert_true(geometry.whole_rows >= net->smallest_input && geometry.whole_cols >= net->smallest_input);
    for (int32_t i = 0; i < geometry.octaves; i++)
        assert_true((i < geometry.shared) ==
                    (geometry.levels[i].rows <= 1024 && geometry.levels[i].cols <= 1024));
    free(parts);
    gd_proof_geometry_free(&geometry);
}

/* Sizes, scales, and ways to end: larger than the picture, as large, smaller, and left so. */
static void every_part_holds_what_the_next_one_needs(void **state)
{
    static const int64_t sizes[][2] = {{25000, 40000}, {40000, 25000}, {1100, 1500}, {1025, 1025},
                                       {200, 300},     {75, 80},       {76, 9000},   {3333, 1027}};
    static const double scales[] = {1.01, 1.2, 3};
    (void)state;
    if (gd_comm_rank(comm) != 0)
        return;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t j = 0; j < sizeof scales / sizeof *scales; j++) {
            for (int32_t end = -1; end <= 2; end++) {
                gd_render_parameters p = parameters(sizes[i][0], sizes[i][1], scales[j], end - 4, end);
                check_way(p);
                p.final_resize = false;
                check_way(p);
            }
        }
    }
}

/* The side of a crop is the largest multiple of 64 that a third of the work has room for. */
static void crops_shrink_with_the_picture(void **state)
{
    static const int64_t sides[][2] = {{12000, 1024}, {3000, 512}, {700, 128}};
    gd_error error;
    gd_proof_geometry geometry;
    (void)state;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        const gd_render_parameters p = parameters(sides[i][0], sides[i][0], 1.2, -6, 1);
        check_ok(gd_proof_geometry_create(engine, &p, &geometry, &error), error);
        assert_int_equal(geometry.side, sides[i][1]);
        gd_proof_geometry_free(&geometry);
    }
}

static void parts_stay_small(void **state)
{
    gd_error error;
    gd_proof_geometry geometry;
    const gd_render_parameters p = parameters(25000, 40000, 1.2, -23, 1);
    (void)state;
    check_ok(gd_proof_geometry_create(engine, &p, &geometry, &error), error);
    assert_int_equal(geometry.shared, 3); /* 604, 724, 869 pixels */
    assert_int_equal(geometry.whole_cols, 869);
    for (int32_t i = geometry.shared; i < geometry.octaves;
         i++) { /* a crop, and the halo of mixed0 on both sides */
        assert_int_equal(geometry.levels[i].part_cols, fmin(1024 + 2 * 64, (double)geometry.levels[i].cols));
        assert_int_equal(geometry.levels[i].part_rows, fmin(1024 + 2 * 64, (double)geometry.levels[i].rows));
    }
    gd_proof_geometry_free(&geometry);
}

/* The poster itself; [rows, cols, 3] on rank 0. */
static float *render(const gd_render_parameters *p, bool noise)
{
    gd_error error;
    gd_canvas *canvas = NULL;
    gd_render_parameters q = *p;
    q.input = noise ? NULL : p->input;
    check_ok(gd_render(comm, engine, &q, &canvas, &error), error);
    float *pixels = gd_pixels_of(comm, engine, canvas);
    gd_canvas_free(canvas);
    return pixels;
}

static void compare(const float *poster, int64_t cols, const float *crop, gd_rect at)
{
    for (int64_t y = 0; gd_comm_rank(comm) == 0 && y < at.rows; y++)
        for (int64_t i = 0; i < at.cols * 3; i++)
            if (poster[((at.y + y) * cols + at.x) * 3 + i] != crop[y * at.cols * 3 + i])
                fail_msg("row %lld, value %lld: %g, not %g", (long long)y, (long long)i,
                         crop[y * at.cols * 3 + i], poster[((at.y + y) * cols + at.x) * 3 + i]);
}

/* The three crops, the same to the bit as these pixels of the poster. */
static void crops_are_of_the_poster(const gd_render_parameters *p, const gd_proof_geometry *geometry,
                                    bool noise, const gd_rect crops[GD_PROOF_CROPS])
{
    gd_error error;
    const gd_proof proof = {.comm = comm,
                            .engine = engine,
                            .parameters = p,
                            .input = noise ? NULL : p->input,
                            .geometry = geometry};
    gd_canvas *whole = NULL, *stages[GD_PROOF_CROPS];
    float *poster = render(p, noise);
    if (geometry->shared > 0)
        check_ok(gd_proof_whole(&proof, &whole, &error), error);
    check_ok(gd_proof_crops(&proof, whole, crops, stages, &error), error);
    for (int32_t i = 0; i < GD_PROOF_CROPS; i++) {
        float *crop = gd_pixels_of(comm, engine, stages[i]);
        compare(poster, geometry->levels[geometry->octaves].cols, crop, crops[i]);
        free(crop);
        gd_canvas_free(stages[i]);
    }
    gd_canvas_free(whole);
    free(poster);
}

/* Without steps a part sees all that the poster sees. */
static void not_dreaming(double scale, int32_t first, int32_t end, gd_detail_kind detail, bool noise,
                         bool resize)
{
    gd_error error;
    gd_proof_geometry geometry;
    gd_render_parameters p = parameters(700, 1190, scale, first, end);
    p.detail = detail;
    p.final_resize = resize;
    check_ok(gd_proof_geometry_create(engine, &p, &geometry, &error), error);
    assert_true(geometry.shared < geometry.octaves);
    const gd_rect crops[GD_PROOF_CROPS] = {gd_proof_crop(&geometry, 0), gd_proof_crop(&geometry, 5),
                                           gd_proof_crop(&geometry, 7)};
    crops_are_of_the_poster(&p, &geometry, noise, crops);
    gd_proof_geometry_free(&geometry);
}

static void pixels_are_the_poster_s(void **state)
{
    (void)state;
    not_dreaming(1.2, -3, 1, GD_DETAIL_NONE, false, true);
    not_dreaming(1.2, -3, 2, GD_DETAIL_FILE, false, true);
    not_dreaming(1.4, -2, 1, GD_DETAIL_NOISE, true, true);
    not_dreaming(1.2, 0, 2, GD_DETAIL_NONE, true, true);
    not_dreaming(1.2, -1, 1, GD_DETAIL_FILE, false, true);
    not_dreaming(1.1, -2, 0, GD_DETAIL_FILE, false, true);
    not_dreaming(1.3, -2, 1, GD_DETAIL_FILE, false, false);
}

/* Parts that are the whole canvas in every octave give the poster itself, dreamt. */
static void dreaming(gd_detail_kind detail, bool noise, int32_t shared)
{
    enum { OCTAVES = 3 };
    gd_error error;
    gd_proof_geometry geometry;
    gd_render_parameters p = parameters(131, 178, 1.2, -1, 2);
    const gd_rect all = {0, 0, 131, 178};
    p.detail = detail;
    p.steps = 2;
    check_ok(gd_proof_geometry_create(engine, &p, &geometry, &error), error);
    assert_int_equal(geometry.octaves, OCTAVES);
    geometry.shared = shared;
    for (int32_t i = 0; i <= OCTAVES; i++) {
        geometry.levels[i].part_rows = geometry.levels[i].rows;
        geometry.levels[i].part_cols = geometry.levels[i].cols;
    }
    crops_are_of_the_poster(&p, &geometry, noise, (gd_rect[]){all, all, all});
    gd_proof_geometry_free(&geometry);
}

static void the_dream_is_the_poster_s(void **state)
{
    (void)state;
    dreaming(GD_DETAIL_NONE, false, 0);
    dreaming(GD_DETAIL_NONE, false, 2);
    dreaming(GD_DETAIL_FILE, false, 1);
    dreaming(GD_DETAIL_NOISE, true, 1);
    dreaming(GD_DETAIL_FILE, false, 3);
}

/* The mean square of what a step changes, on rank 0. */
static double change_of(gd_canvas *before, gd_canvas *after)
{
    float *a = gd_pixels_of(comm, engine, before), *b = gd_pixels_of(comm, engine, after);
    const int64_t count = before->partition->rows * before->partition->cols * 3;
    double sum = 0;
    for (int64_t i = 0; gd_comm_rank(comm) == 0 && i < count; i++)
        sum += (double)(b[i] - a[i]) * (b[i] - a[i]);
    free(a);
    free(b);
    return sum / (double)count;
}

static void one_deviation_is_of_all_parts(void **state)
{
    const double step = 0.01;
    gd_error error;
    gd_proof_geometry geometry;
    gd_canvas *before[GD_PROOF_CROPS], *after[GD_PROOF_CROPS];
    gd_render_parameters p = parameters(700, 1190, 1.2, 0, 1);
    double change[GD_PROOF_CROPS];
    (void)state;
    p.step_size = (gd_schedule){step, step, GD_CURVE_LINEAR};
    check_ok(gd_proof_geometry_create(engine, &p, &geometry, &error), error);
    for (int32_t i = 0; i < 2; i++)
        geometry.levels[i].part_rows = geometry.levels[i].part_cols = 160;
    const gd_rect crops[GD_PROOF_CROPS] = {gd_proof_crop(&geometry, 0), gd_proof_crop(&geometry, 4),
                                           gd_proof_crop(&geometry, 8)};
    const gd_proof proof = {
        .comm = comm, .engine = engine, .parameters = &p, .input = p.input, .geometry = &geometry};
    check_ok(gd_proof_crops(&proof, NULL, crops, before, &error), error);
    p.steps = 1;
    check_ok(gd_proof_crops(&proof, NULL, crops, after, &error), error);
    for (int32_t i = 0; i < GD_PROOF_CROPS; i++) {
        change[i] = change_of(before[i], after[i]) / (step * step);
        gd_canvas_free(before[i]);
        gd_canvas_free(after[i]);
    }
    if (gd_comm_rank(comm) == 0) {
        const double all = (change[0] + change[1] + change[2]) / 3;
        const double most = fmax(change[0], fmax(change[1], change[2]));
        const double least = fmin(change[0], fmin(change[1], change[2]));
        if (fabs(all - 1) > 0.01 || most < 1.2 * least)
            fail_msg("changes of %g, %g and %g", change[0], change[1], change[2]);
    }
    gd_proof_geometry_free(&geometry);
}

/* Cells of a picture that is plain elsewhere. */
enum { LOUD = 5, SOFT = 6 };

static gd_status paint(void *context, int64_t count, float *rgb, gd_error *error)
{
    enum { SIDE = 300 };
    int64_t *row = context;
    (void)error;
    for (int64_t y = 0; y < count; y++, ++*row) {
        for (int64_t x = 0; x < SIDE; x++) {
            const int64_t cell = *row / 100 * 3 + x / 100;
            const float swing = cell == LOUD ? 1.0F : cell == SOFT ? 0.0F : 0.1F * (1 + 0.05F * (float)cell);
            for (int c = 0; c < 3; c++)
                rgb[(y * SIDE + x) * 3 + c] = x % 2 ? swing : -swing;
        }
    }
    return GD_OK;
}

static void places_go_by_contrast(void **state)
{
    gd_error error;
    gd_proof_geometry geometry;
    gd_canvas *whole = NULL;
    gd_rect crops[GD_PROOF_CROPS];
    int64_t row = 0;
    const gd_render_parameters p = parameters(3000, 3000, 1.2, 0, 1);
    (void)state;
    check_ok(gd_proof_geometry_create(engine, &p, &geometry, &error), error);
    const gd_proof proof = {.comm = comm, .engine = engine, .parameters = &p, .geometry = &geometry};
    check_ok(gd_canvas_create(gd_engine_store(engine), 300, 300, gd_comm_size(comm), gd_comm_rank(comm),
                              &whole, &error),
             error);
    check_ok(gd_bands_in(comm, whole, paint, &row, &error), error);
    check_ok(gd_proof_places(&proof, whole, crops, &error), error);
    static const int32_t cells[GD_PROOF_CROPS] = {LOUD, 3, SOFT}; /* in order: 5, 8, 7, 4, 3, 2, 1, 0, 6 */
    for (int32_t i = 0; i < GD_PROOF_CROPS; i++) {
        const gd_rect crop = gd_proof_crop(&geometry, cells[i]);
        assert_memory_equal(&crops[i], &crop, sizeof crop);
        assert_true(crop.y / 1000 == cells[i] / 3 && crop.x / 1000 == cells[i] % 3);
    }
    gd_canvas_free(whole);
    gd_proof_geometry_free(&geometry);
}

static int start(void **state)
{
    (void)state;
    gd_error error;
    gd_objective objective = {.count = 1};
    const gd_device_options options = {.precision = GD_PRECISION_FP32};
    net = gd_net_create(GD_INCEPTION_V3);
    if (!net || gd_comm_start(NULL, NULL, &comm, &error) != GD_OK)
        return 1;
    objective.terms[0] = (gd_term){.node = net->layers[gd_net_find_layer(net, "mixed0")].node, .weight = 1.0};
    if (gd_engine_create(&gd_backend_cpu, &options, net, &objective,
                         GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5", &engine, &error) == GD_OK)
        return 0;
    fprintf(stderr, "%s\n", error.message);
    return 1;
}

static int stop(void **state)
{
    (void)state;
    gd_engine_free(engine);
    gd_net_free(net);
    gd_comm_finish(comm);
    return 0;
}

int main(void)
{
    gd_apart_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_holds_what_the_next_one_needs),
        cmocka_unit_test(crops_shrink_with_the_picture),
        cmocka_unit_test(parts_stay_small),
        cmocka_unit_test(pixels_are_the_poster_s),
        cmocka_unit_test(the_dream_is_the_poster_s),
        cmocka_unit_test(one_deviation_is_of_all_parts),
        cmocka_unit_test(places_go_by_contrast),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
