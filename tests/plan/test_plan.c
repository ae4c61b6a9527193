/* The plan of a render against the render: memory by purpose, and bytes sent, on any number of ranks. */
#include "base/apart/apart.h"
#include "base/minmax.h"
#include "check.h"
#include "image/writer.h"
#include "mpi/agree.h"
#include "plan/plan.h"
#include "plan/plan_scene.h"
#include "plan/plan_search.h"
#include "sequence/sequence.h"
#include "transfer/bands.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static gd_status read_grey(void *context, int64_t count, float *rgb, gd_error *error)
{
    (void)error;
    for (int64_t i = 0; i < count * *(int64_t *)context * 3; i++)
        rgb[i] = (float)((i * 7 + i / 91) % 200 - 100) / 100;
    return GD_OK;
}

static gd_status write_nowhere(void *context, int64_t count, const float *rgb, const void *samples,
                               gd_error *error)
{
    (void)error;
    (void)samples;
    for (int64_t i = 0; i < count * *(int64_t *)context * 3; i++)
        assert_true(isfinite(rgb[i]));
    return GD_OK;
}

/* What a render goes through. */
typedef struct passage {
    const gd_engine *engine;
    double before, sent; /* bytes that this rank had sent when its canvas was there; and since, until it is
                            written */
} passage;

static gd_status read_first(void *context, gd_canvas *canvas, gd_origin origin, gd_error *error)
{
    passage *p = context;
    int64_t cols = canvas->partition->cols;
    (void)origin;
    const gd_status status = gd_bands_in(plan_scene.comm, canvas, read_grey, &cols, error);
    p->before = (double)gd_comm_bytes_sent(plan_scene.comm);
    return status;
}

static gd_status write_last(void *context, const gd_canvas *canvas, gd_written what, gd_error *error)
{
    passage *p = context;
    int64_t cols = canvas->partition->cols;
    assert_int_equal(what, GD_WRITTEN_RESULT);
    p->sent += (double)gd_comm_bytes_sent(plan_scene.comm) - p->before;
    const gd_status status = gd_bands_out(plan_scene.comm, p->engine, canvas, 8, write_nowhere, &cols, error);
    p->before = (double)gd_comm_bytes_sent(plan_scene.comm);
    return status;
}

/* A whole render, picture in and out. Returns what all ranks sent between the two. */
static uint64_t render(const gd_engine *engine, gd_render_parameters p)
{
    gd_error error;
    gd_canvas *canvas = NULL;
    passage way = {.engine = engine};
    p.hooks = (gd_render_hooks){.context = &way, .first = read_first, .write = write_last};
    check_ok(gd_sequence_render(plan_scene.comm, engine, &p, &canvas, &error), error);
    gd_canvas_free(canvas);
    int32_t ones[16];
    double all[16], sum = 0;
    for (int r = 0; r < gd_comm_size(plan_scene.comm); r++)
        ones[r] = 1;
    check_ok(gd_comm_gather_all(plan_scene.comm, &way.sent, ones, all, &error), error);
    for (int r = 0; r < gd_comm_size(plan_scene.comm); r++)
        sum += all[r];
    return (uint64_t)sum;
}

static uint64_t most_of_all_ranks(gd_purpose purpose)
{
    gd_error error;
    int32_t ones[16];
    double all[16], most = 0;
    const double mine = (double)plan_scene.counted.most[purpose];
    for (int r = 0; r < gd_comm_size(plan_scene.comm); r++)
        ones[r] = 1;
    check_ok(gd_comm_gather_all(plan_scene.comm, &mine, ones, all, &error), error);
    for (int r = 0; r < gd_comm_size(plan_scene.comm); r++)
        most = all[r] > most ? all[r] : most;
    return (uint64_t)most;
}

/* Each with what tells it from the others. */
static const struct {
    int64_t rows, cols, tile, last_tile, halo;
    int32_t steps;
    bool final_resize;
    gd_compat compat;
    gd_detail_kind detail;
    bool resumed; /* in octave 0 */
} cases[] = {
    {300, 420, 128, 128, -1, 2, true, GD_COMPAT_NONE, GD_DETAIL_NONE, false}, /* as renders are */
    {300, 420, 1024, 1024, -1, 1, true, GD_COMPAT_NONE, GD_DETAIL_NONE,
     false}, /* one tile: most ranks idle */
    {310, 290, 160, 96, 32, 3, false, GD_COMPAT_NONE, GD_DETAIL_NONE,
     false}, /* tiles that shrink: waves of several shapes */
    {300, 420, 96, 96, -1, 2, true, GD_COMPAT_TENSORFLOW, GD_DETAIL_NONE,
     false}, /* tiles of the TensorFlow program */
    {300, 420, 96, 96, -1, 0, false, GD_COMPAT_NONE, GD_DETAIL_NONE, false}, /* no steps */
    {300, 420, 128, 128, -1, 1, true, GD_COMPAT_NONE, GD_DETAIL_FILE, false},
    {300, 420, 1024, 1024, -1, 1, false, GD_COMPAT_NONE, GD_DETAIL_FILE, false},
    {310, 290, 160, 96, 32, 2, true, GD_COMPAT_NONE, GD_DETAIL_NOISE, false},
    {300, 420, 96, 96, -1, 0, false, GD_COMPAT_NONE, GD_DETAIL_NOISE, false},
    {1100, 1100, 512, 512, 0, 2, true, GD_COMPAT_NONE, GD_DETAIL_NONE, true},
    {600, 800, 256, 256, 0, 2, true, GD_COMPAT_NONE, GD_DETAIL_FILE, true},
    {800, 800, 48, 48, 32, 2, false, GD_COMPAT_NONE, GD_DETAIL_NONE, true}, /* several waves a step */
    {600, 800, 128, 128, 0, 2, true, GD_COMPAT_NONE, GD_DETAIL_NONE,
     true}, /* this and the next: sequences, of a video */
    {310, 290, 160, 96, 32, 2, false, GD_COMPAT_NONE, GD_DETAIL_NONE, false},
    {300, 420, 96, 96, 32, 3, true, GD_COMPAT_NONE, GD_DETAIL_NONE,
     false}, /* this and the next with a mask */
    {600, 800, 128, 128, 0, 2, true, GD_COMPAT_NONE, GD_DETAIL_FILE, true},
};
enum { CASES = sizeof cases / sizeof *cases, MASKED = CASES - 2, MOVING = MASKED - 2 }; /* from there on */

static int every = 1; /* n-th case is tried: with "few" some, and others on several ranks */

static gd_mask mask;

/* A mask of chelsea.png's shape, in which three quarters of the columns are black. */
static void make_mask(void)
{
    enum { SIDE = 64 };
    gd_error error;
    gd_writer *writer = NULL;
    const gd_writer_options options = {.kind = GD_FILE_PNG, .rows = SIDE, .cols = SIDE, .bits = 8};
    float row[SIDE * 3];
    for (int i = 0; i < SIDE * 3; i++)
        row[i] = i / 3 < SIDE / 4 ? 1 : -1;
    if (gd_comm_rank(plan_scene.comm) == 0) {
        check_ok(gd_writer_open("mask.png", &options, &writer, &error), error);
        for (int y = 0; y < SIDE; y++)
            check_ok(gd_writer_rows(writer, 1, row, &error), error);
        check_ok(gd_writer_finish(writer, &error), error);
        check_ok(gd_mask_read("mask.png", NULL, NULL, &mask, &error), error);
    }
    check_ok(gd_comm_broadcast(plan_scene.comm, &mask, sizeof mask, &error), error);
}

static gd_render_parameters case_parameters(int i)
{
    gd_render_parameters p = plan_scene_parameters(cases[i].rows, cases[i].cols, cases[i].tile);
    p.tile.end = (double)cases[i].last_tile;
    p.steps = cases[i].steps;
    p.final_resize = cases[i].final_resize;
    p.rules = gd_compat_rules_of(cases[i].compat);
    p.detail = cases[i].detail;
    p.resumed = cases[i].resumed;
    p.resume_step = p.resumed;
    p.input = GD_SOURCE_DIR "/tests/images/chelsea.png";
    if (i >= MOVING && i < MASKED)
        p.frame = (gd_frame){.count = 3, .motion = {1.1, 20, 3, -4}};
    p.frame.inputs = i == MASKED - 1;
    if (i >= MASKED) {
        make_mask();
        p.masked = GD_DETAIL_FILE;
        p.mask = &mask;
        p.mask_path = "mask.png";
    }
    if (cases[i].halo >= 0) {
        p.halo_kind = GD_HALO_PIXELS;
        p.halo = cases[i].halo;
    }
    return p;
}

static void check_purpose(int i, const gd_plan *plan, gd_purpose purpose, double slack)
{
    const uint64_t most = most_of_all_ranks(purpose);
    uint64_t planned = plan->bytes[purpose];
    if (purpose == GD_FOR_WINDOWS) /* the picture comes and goes when there are no others */
        planned = gd_max_u64(planned, gd_max_u64(plan->read.band, plan->write.band));
    if (purpose == GD_FOR_MESSAGES)
        planned = gd_max_u64(planned, gd_max_u64(plan->read.messages, plan->write.messages));
    if (planned < most || (double)planned > slack * (double)most)
        fail_msg("case %d, %d ranks: %s: %llu bytes were planned, %llu taken", i, plan->ranks,
                 gd_purpose_name(purpose), (unsigned long long)planned, (unsigned long long)most);
}

static void a_render_takes_what_was_planned(void **state)
{
    (void)state;
    gd_error error;
    for (int i = gd_comm_size(plan_scene.comm) % every; i < CASES; i += every) {
        const gd_render_parameters p = case_parameters(i);
        gd_plan *plan = NULL;
        plan_scene.pretended_bytes = 0;
        counting_open(&plan_scene.counted);
        gd_engine *engine = plan_scene_engine("mixed0", true);
        check_ok(gd_plan_create(engine, &p, gd_comm_size(plan_scene.comm), &plan, &error), error);
        const uint64_t sent = render(engine, p);
        check_purpose(i, plan, GD_FOR_PLANES, 1.1);
        check_purpose(i, plan, GD_FOR_TENSORS, 1.1);
        check_purpose(i, plan, GD_FOR_WINDOWS, 1.1);
        check_purpose(i, plan, GD_FOR_MESSAGES, 1.1);
        assert_int_equal(plan->sent_bytes, sent);
        gd_plan_free(plan);
        gd_engine_free(engine);
        counting_close(&plan_scene.counted);
    }
}

/* The same within one allocation a purpose, of the planned size. */
static void what_was_planned_is_enough(void **state)
{
    (void)state;
    gd_error error;
    /* Half of the cases alone, the others on several ranks. */
    for (int i = gd_comm_size(plan_scene.comm) > 1; i < CASES; i += 2) {
        const gd_render_parameters p = case_parameters(i);
        plan_scene.pretended_bytes = UINT64_C(80) << 30;
        counting_open(&plan_scene.counted);
        gd_engine *engine = plan_scene_engine("mixed0", true);
        check_ok(gd_plan_reserve(plan_scene.comm, engine, &p, &error), error);
        assert_non_null(plan_scene.counted.region[GD_FOR_PLANES]);
        (void)render(engine, p);
        gd_engine_free(engine);
        counting_close(&plan_scene.counted);
    }
}

/* The same with planes in a scratch file of the planned size; on one rank less is too little. */
static void a_scratch_of_the_planned_size_is_enough(void **state)
{
    (void)state;
    gd_error error;
    for (int i = gd_comm_size(plan_scene.comm) % every; i < CASES; i += every) {
        const gd_render_parameters p = case_parameters(i);
        gd_plan *plan = NULL;
        gd_block_cache *cache = NULL;
        int64_t first = 0;
        plan_scene.pretended_bytes = 0;
        counting_open(&plan_scene.counted);
        gd_engine *engine = plan_scene_engine("mixed0", true);
        check_ok(gd_plan_create(engine, &p, gd_comm_size(plan_scene.comm), &plan, &error), error);
        check_ok(gd_block_cache_create(".", plan->need.plane_slots, GD_BLOCK_CACHE_LEAST, &cache, &error),
                 error);
        gd_engine_use_block_cache(engine, cache);
        (void)render(engine, p);
        check_ok(gd_block_cache_take(cache, plan->need.plane_slots, &first, &error),
                 error); /* all was given back */
        gd_block_cache_give(cache, first, plan->need.plane_slots);
        assert_int_equal(plan_scene.counted.most[GD_FOR_PLANES], 0);
        gd_plan_free(plan);
        gd_engine_free(engine);
        counting_close(&plan_scene.counted);
    }
}

int main(int argc, char **argv)
{
    gd_apart_start();
    every = argc > 1 && strcmp(argv[1], "few") == 0 ? 3 : 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_render_takes_what_was_planned),
        cmocka_unit_test(what_was_planned_is_enough),
        cmocka_unit_test(a_scratch_of_the_planned_size_is_enough),
    };
    return cmocka_run_group_tests(tests, plan_scene_open, plan_scene_close);
}
