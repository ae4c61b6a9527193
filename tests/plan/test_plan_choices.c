/* What plans decide: where planes go, and which tiles fit; and how long plans of large renders take. */
#include "base/apart/apart.h"
#include "check.h"
#include "mpi/agree.h"
#include "plan/fit.h"
#include "plan/plan.h"
#include "plan/plan_scene.h"
#include "plan/plan_search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void a_budget_decides_where_planes_go(void **state)
{
    (void)state;
    const gd_need need = {.total_bytes = 1000 << 20, .beside_bytes = 300 << 20, .plane_slots = 950};
    gd_fit fit = gd_fit_need(&need, 1000 << 20);
    assert_true(fit.fits && !fit.scratch && fit.memory_bytes == need.total_bytes && fit.scratch_bytes == 0);
    for (uint64_t mib = 330; mib < 1000; mib += 67) {
        fit = gd_fit_need(&need, mib << 20);
        assert_true(fit.fits && fit.scratch && fit.slots == 950 && fit.cached >= GD_BLOCK_CACHE_LEAST);
        assert_true(fit.memory_bytes <= mib << 20 && fit.memory_bytes + GD_SLOT_BYTES > mib << 20);
        assert_int_equal(fit.scratch_bytes, 950 * GD_SLOT_BYTES);
    }
    fit = gd_fit_need(&need, (999 << 20) + 900 * 64);
    assert_true(fit.fits && fit.cached < 950);
    assert_false(gd_fit_need(&need, 320 << 20).fits);
    assert_false(gd_fit_need(&need, 0).fits);
    const gd_need few = {.total_bytes = 1000 << 20, .beside_bytes = 300 << 20, .plane_slots = 40};
    assert_int_equal(gd_fit_need(&few, 900 << 20).cached, 40); /* no more than there are */
}

/* The smallest cache would take more than the planes do. */
static void a_tiny_picture_has_no_use_for_a_scratch_file(void **state)
{
    (void)state;
    const gd_need tiny = {.total_bytes = 52 << 20, .beside_bytes = 50 << 20, .plane_slots = 4};
    const gd_fit fit = gd_fit_need(&tiny, 51 << 20);
    assert_true(!fit.fits && !fit.scratch && fit.slots == 0 && fit.cached == 0 && fit.scratch_bytes == 0);
    assert_int_equal(fit.memory_bytes, tiny.total_bytes);
    const gd_need larger = {.total_bytes = 80 << 20, .beside_bytes = 50 << 20, .plane_slots = 40};
    const gd_fit refused = gd_fit_need(&larger, 51 << 20);
    assert_true(!refused.fits && refused.scratch && refused.cached == GD_BLOCK_CACHE_LEAST);
    assert_true(refused.memory_bytes < larger.total_bytes);
}

static void a_refusal_names_the_tile_that_fits(void **state)
{
    (void)state;
    gd_error error = {0};
    int64_t tile = 0;
    const gd_render_parameters p = plan_scene_parameters(1500, 2000, 2800);
    gd_plan *plan = NULL;
    plan_scene.pretended_bytes = UINT64_C(80) << 30;
    counting_open(&plan_scene.counted);
    gd_engine *engine = plan_scene_engine("mixed5", false);
    check_ok(gd_plan_create(engine, &p, gd_comm_size(plan_scene.comm), &plan, &error), error);
    plan_scene.counted.refused_above = plan->bytes[GD_FOR_TENSORS] - 1;
    assert_int_equal(gd_plan_reserve(plan_scene.comm, engine, &p, &error), GD_MEMORY);
    const char *named = strstr(error.message, "-ts ");
    if (!named || !strstr(error.message, "tensors"))
        fail_msg("\"%s\" does not say which -ts fits", error.message);
    const int64_t told = atoll(named + 4);
    assert_true(told >= 256 && told < 2800 && told % engine->stride == 0);
    /* The whole device: first what fits in it, then what does not. */
    check_ok(gd_plan_largest_tile(engine, &p, gd_comm_size(plan_scene.comm), plan->need.total_bytes, false,
                                  &tile, &error),
             error);
    assert_true(tile >= 2800);
    check_ok(gd_plan_largest_tile(engine, &p, gd_comm_size(plan_scene.comm), plan->need.total_bytes - 1,
                                  false, &tile, &error),
             error);
    assert_true(tile >= 256 && tile < 2800);
    /* A scratch leaves more to tensors, though tiles grow in jumps: for some budget they are larger with it.
     */
    plan_scene.pretended_bytes = 0;
    int64_t with_scratch = 0;
    const uint64_t ranks = (uint64_t)gd_comm_size(plan_scene.comm);
    for (uint64_t part = 6; part < 14 && with_scratch <= tile; part++) {
        const uint64_t budget = 2 * plan->need.total_bytes / (part + ranks);
        check_ok(gd_plan_largest_tile(engine, &p, (int32_t)ranks, budget, false, &tile, &error), error);
        check_ok(gd_plan_largest_tile(engine, &p, (int32_t)ranks, budget, true, &with_scratch, &error),
                 error);
        assert_true(with_scratch >= tile);
    }
    assert_true(with_scratch > tile);
    check_ok(gd_plan_largest_tile(engine, &p, gd_comm_size(plan_scene.comm), 1000, false, &tile, &error),
             error);
    assert_int_equal(tile, 0);
    gd_plan_free(plan);
    gd_engine_free(engine);
    counting_close(&plan_scene.counted);
}

static void auto_follows_the_device_alone(void **state)
{
    (void)state;
    gd_error error;
    int64_t last = 0;
    const gd_render_parameters p = plan_scene_parameters(20000, 30000, 512);
    counting_open(&plan_scene.counted);
    gd_engine *engine = plan_scene_engine("mixed5", false);
    for (uint64_t gib = 2; gib <= 32; gib *= 4) {
        int64_t tile = 0;
        plan_scene.pretended_bytes = gib << 30;
        check_ok(gd_plan_auto_tile(engine, &p, &tile, &error), error);
        assert_true(tile > last && tile % engine->stride == 0);
        last = tile;
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long)tile);
        check_ok(gd_comm_same(plan_scene.comm, "the tile of -ts auto", text, &error), error);
    }
    int64_t tile = 0;
    plan_scene.kept_side = 1500; /* a window has a halo on two sides */
    check_ok(gd_plan_auto_tile(engine, &p, &tile, &error), error);
    assert_true(tile > 900 && tile < 1500 && tile < last);
    plan_scene.kept_side = 100; /* even the smallest has to do without */
    check_ok(gd_plan_auto_tile(engine, &p, &tile, &error), error);
    assert_int_equal(tile, last);
    plan_scene.kept_side = 0;
    const gd_render_parameters small = plan_scene_parameters(200, 300, 512);
    check_ok(gd_plan_auto_tile(engine, &small, &tile, &error), error);
    assert_int_equal(tile, 432); /* the largest canvas is 420 wide */
    plan_scene.pretended_bytes = 0;
    check_ok(gd_plan_auto_tile(engine, &p, &tile, &error), error);
    assert_int_equal(tile, 2048);
    plan_scene.pretended_bytes = 1 << 20;
    assert_int_equal(gd_plan_auto_tile(engine, &p, &tile, &error), GD_USAGE);
    gd_engine_free(engine);
    counting_close(&plan_scene.counted);
}

static void large_plans_take_little_time(void **state)
{
    (void)state;
    gd_error error;
    gd_plan *plan = NULL;
    gd_render_parameters p = plan_scene_parameters(25000, 40000, 2048);
    p.octave_first = -5;
    p.octave_end = 1;
    p.steps = 80;
    counting_open(&plan_scene.counted);
    gd_engine *engine = plan_scene_engine("mixed5", false);
    const clock_t start = clock();
    check_ok(gd_plan_create(engine, &p, 64, &plan, &error), error);
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("planned in %.2f s; %.1f GB sent in all, %.3g FLOP\n", seconds, 1e-9 * (double)plan->sent_bytes,
           plan->flop);
    assert_true(seconds < 20);
    gd_plan_free(plan);
    gd_engine_free(engine);
    counting_close(&plan_scene.counted);
}

/* A million steps, on one rank all alike, and on several by some that stand for them; tiles of every size are
 * looked at. */
static void many_steps_take_little_time(void **state)
{
    (void)state;
    gd_error error;
    counting_open(&plan_scene.counted);
    gd_engine *engine = plan_scene_engine("mixed3", false);
    for (int32_t ranks = 1; ranks <= 3; ranks += 2) {
        for (int64_t tile = 128; tile <= 320; tile += 192) {
            gd_render_parameters p = plan_scene_parameters(400, 640, 128);
            gd_plan *few = NULL, *many = NULL;
            p.tile.end = (double)tile;
            p.steps = GD_PLAN_STEPS_WALKED;
            check_ok(gd_plan_create(engine, &p, ranks, &few, &error), error);
            const clock_t start = clock();
            p.steps *= 900;
            check_ok(gd_plan_create(engine, &p, ranks, &many, &error), error);
            const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
            const double flop = many->flop / few->flop / 900;
            const double sent = ((double)many->sent_bytes + 1) / ((double)few->sent_bytes + 1) / 900;
            printf("%d ranks, tiles to %d px: %.2f s, FLOP %.4f, sent %.4f, of %d steps\n", ranks, (int)tile,
                   seconds, flop, sent, p.steps);
            assert_true(seconds < 10);
            assert_true(fabs(flop - 1) < (tile == 128 ? 1e-9 : 0.01));
            assert_true(ranks == 1 || fabs(sent - 1) < 0.05);
            assert_int_equal(many->octaves[0].smallest_tile, few->octaves[0].smallest_tile);
            assert_int_equal(many->octaves[0].tile, few->octaves[0].tile);
            assert_int_equal(many->bytes[GD_FOR_TENSORS], few->bytes[GD_FOR_TENSORS]);
            assert_true(many->bytes[GD_FOR_MESSAGES] >= few->bytes[GD_FOR_MESSAGES]);
            gd_plan_free(few);
            gd_plan_free(many);
        }
    }
    gd_engine_free(engine);
    counting_close(&plan_scene.counted);
}

int main(void)
{
    gd_apart_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_budget_decides_where_planes_go),
        cmocka_unit_test(a_tiny_picture_has_no_use_for_a_scratch_file),
        cmocka_unit_test(a_refusal_names_the_tile_that_fits),
        cmocka_unit_test(auto_follows_the_device_alone),
        cmocka_unit_test(large_plans_take_little_time),
        cmocka_unit_test(many_steps_take_little_time),
    };
    return cmocka_run_group_tests(tests, plan_scene_open, plan_scene_close);
}
