/* The plan of a render against the render: memory by purpose, and bytes sent, on any number of ranks. */
#include "base/apart/apart.h"
#include "base/minmax.h"
#include "check.h"
#include "dream/octave.h"
#include "image/writer.h"
#include "mpi/agree.h"
#include "mpi/exchange/exchange.h"
#include "net/objective.h"
#include "plan/counting.h"
#include "plan/fit.h"
#include "plan/plan.h"
#include "plan/plan_search.h"
#include "sequence/sequence.h"
#include "transfer/bands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What the cpu backend is dressed up as. */
static counting_memory counted;
static uint64_t pretended_bytes; /* of a device's own memory; 0: none */

static gd_memory *counted_memory(const gd_device *device)
{
    (void)device;
    return &counted.memory;
}

static void pretended_facts(const gd_device *device, gd_device_facts *facts)
{
    gd_backend_cpu.facts(device, facts);
    facts->total_bytes = pretended_bytes;
    facts->fixed_bytes = facts->assumed_bytes = pretended_bytes / 100;
}

static int32_t kept_side; /* windows with a longer side are computed without tensor cores; 0: none are */

static gd_status demote(gd_device *device, const gd_tape *tape, gd_demotion *demotion, gd_error *error)
{
    const bool large = kept_side > 0 && (tape->rows > kept_side || tape->cols > kept_side);
    (void)device;
    (void)error;
    *demotion = (gd_demotion){.demoted = large, .convolutions = 2, .demoted_flop = large, .flop = 4};
    return GD_OK;
}

static gd_backend backend;
static gd_comm *comm;
static gd_net *net;

static gd_engine *open_engine(const char *layer, bool weights)
{
    gd_error error;
    gd_engine *engine = NULL;
    const gd_device_options options = {.precision = GD_PRECISION_FP32};
    const gd_objective objective = {
        .terms = {{.node = net->layers[gd_net_find_layer(net, layer)].node, .weight = 1.0}}, .count = 1};
    backend = gd_backend_cpu;
    backend.memory = counted_memory;
    backend.facts = pretended_facts;
    backend.demotion = demote;
    check_ok(gd_engine_create(&backend, &options, net, &objective,
                              weights ? GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5" : NULL, &engine,
                              &error),
             error);
    return engine;
}

static gd_render_parameters parameters(int64_t rows, int64_t cols, int64_t tile)
{
    return (gd_render_parameters){.base_rows = rows,
                                  .base_cols = cols,
                                  .octave_scale = 1.4,
                                  .octave_first = -2,
                                  .octave_end = 2,
                                  .steps = 2,
                                  .tile = {(double)tile, (double)tile, GD_CURVE_LINEAR},
                                  .step_size = {0.02, 0.02, GD_CURVE_LINEAR},
                                  .halo_kind = GD_HALO_AUTO,
                                  .rules = gd_compat_rules_of(GD_COMPAT_NONE),
                                  .seed = 5,
                                  .final_resize = true,
                                  .threads = 1};
}

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
    const gd_status status = gd_bands_in(comm, canvas, read_grey, &cols, error);
    p->before = (double)gd_comm_bytes_sent(comm);
    return status;
}

static gd_status write_last(void *context, const gd_canvas *canvas, gd_written what, gd_error *error)
{
    passage *p = context;
    int64_t cols = canvas->partition->cols;
    assert_int_equal(what, GD_WRITTEN_RESULT);
    p->sent += (double)gd_comm_bytes_sent(comm) - p->before;
    const gd_status status = gd_bands_out(comm, p->engine, canvas, 8, write_nowhere, &cols, error);
    p->before = (double)gd_comm_bytes_sent(comm);
    return status;
}

/* A whole render, picture in and out. Returns what all ranks sent between the two. */
static uint64_t render(const gd_engine *engine, gd_render_parameters p)
{
    gd_error error;
    gd_canvas *canvas = NULL;
    passage way = {.engine = engine};
    p.hooks = (gd_render_hooks){.context = &way, .first = read_first, .write = write_last};
    check_ok(gd_sequence_render(comm, engine, &p, &canvas, &error), error);
    gd_canvas_free(canvas);
    int32_t ones[16];
    double all[16], sum = 0;
    for (int r = 0; r < gd_comm_size(comm); r++)
        ones[r] = 1;
    check_ok(gd_comm_gather_all(comm, &way.sent, ones, all, &error), error);
    for (int r = 0; r < gd_comm_size(comm); r++)
        sum += all[r];
    return (uint64_t)sum;
}

static uint64_t most_of_all_ranks(gd_purpose purpose)
{
    gd_error error;
    int32_t ones[16];
    double all[16], most = 0;
    const double mine = (double)counted.most[purpose];
    for (int r = 0; r < gd_comm_size(comm); r++)
        ones[r] = 1;
    check_ok(gd_comm_gather_all(comm, &mine, ones, all, &error), error);
    for (int r = 0; r < gd_comm_size(comm); r++)
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
    if (gd_comm_rank(comm) == 0) {
        check_ok(gd_writer_open("mask.png", &options, &writer, &error), error);
        for (int y = 0; y < SIDE; y++)
            check_ok(gd_writer_rows(writer, 1, row, &error), error);
        check_ok(gd_writer_finish(writer, &error), error);
        check_ok(gd_mask_read("mask.png", NULL, NULL, &mask, &error), error);
    }
    check_ok(gd_comm_broadcast(comm, &mask, sizeof mask, &error), error);
}

static gd_render_parameters case_parameters(int i)
{
    gd_render_parameters p = parameters(cases[i].rows, cases[i].cols, cases[i].tile);
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
    for (int i = gd_comm_size(comm) % every; i < CASES; i += every) {
        const gd_render_parameters p = case_parameters(i);
        gd_plan *plan = NULL;
        pretended_bytes = 0;
        counting_open(&counted);
        gd_engine *engine = open_engine("mixed0", true);
        check_ok(gd_plan_create(engine, &p, gd_comm_size(comm), &plan, &error), error);
        const uint64_t sent = render(engine, p);
        check_purpose(i, plan, GD_FOR_PLANES, 1.1);
        check_purpose(i, plan, GD_FOR_TENSORS, 1.1);
        check_purpose(i, plan, GD_FOR_WINDOWS, 1.1);
        check_purpose(i, plan, GD_FOR_MESSAGES, 1.1);
        assert_int_equal(plan->sent_bytes, sent);
        gd_plan_free(plan);
        gd_engine_free(engine);
        counting_close(&counted);
    }
}

/* The same within one allocation a purpose, of the planned size. */
static void what_was_planned_is_enough(void **state)
{
    (void)state;
    gd_error error;
    /* Half of the cases alone, the others on several ranks. */
    for (int i = gd_comm_size(comm) > 1; i < CASES; i += 2) {
        const gd_render_parameters p = case_parameters(i);
        pretended_bytes = UINT64_C(80) << 30;
        counting_open(&counted);
        gd_engine *engine = open_engine("mixed0", true);
        check_ok(gd_plan_reserve(comm, engine, &p, &error), error);
        assert_non_null(counted.region[GD_FOR_PLANES]);
        (void)render(engine, p);
        gd_engine_free(engine);
        counting_close(&counted);
    }
}

/* The same with planes in a scratch file of the planned size; on one rank less is too little. */
static void a_scratch_of_the_planned_size_is_enough(void **state)
{
    (void)state;
    gd_error error;
    for (int i = gd_comm_size(comm) % every; i < CASES; i += every) {
        const gd_render_parameters p = case_parameters(i);
        gd_plan *plan = NULL;
        gd_block_cache *cache = NULL;
        int64_t first = 0;
        pretended_bytes = 0;
        counting_open(&counted);
        gd_engine *engine = open_engine("mixed0", true);
        check_ok(gd_plan_create(engine, &p, gd_comm_size(comm), &plan, &error), error);
        check_ok(gd_block_cache_create(".", plan->need.plane_slots, GD_BLOCK_CACHE_LEAST, &cache, &error),
                 error);
        gd_engine_use_block_cache(engine, cache);
        (void)render(engine, p);
        check_ok(gd_block_cache_take(cache, plan->need.plane_slots, &first, &error),
                 error); /* all was given back */
        gd_block_cache_give(cache, first, plan->need.plane_slots);
        assert_int_equal(counted.most[GD_FOR_PLANES], 0);
        gd_plan_free(plan);
        gd_engine_free(engine);
        counting_close(&counted);
    }
}

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
    const gd_render_parameters p = parameters(1500, 2000, 2800);
    gd_plan *plan = NULL;
    pretended_bytes = UINT64_C(80) << 30;
    counting_open(&counted);
    gd_engine *engine = open_engine("mixed5", false);
    check_ok(gd_plan_create(engine, &p, gd_comm_size(comm), &plan, &error), error);
    counted.refused_above = plan->bytes[GD_FOR_TENSORS] - 1;
    assert_int_equal(gd_plan_reserve(comm, engine, &p, &error), GD_MEMORY);
    const char *named = strstr(error.message, "-ts ");
    if (!named || !strstr(error.message, "tensors"))
        fail_msg("\"%s\" does not say which -ts fits", error.message);
    const int64_t told = atoll(named + 4);
    assert_true(told >= 256 && told < 2800 && told % engine->stride == 0);
    /* The whole device: first what fits in it, then what does not. */
    check_ok(
        gd_plan_largest_tile(engine, &p, gd_comm_size(comm), plan->need.total_bytes, false, &tile, &error),
        error);
    assert_true(tile >= 2800);
    check_ok(gd_plan_largest_tile(engine, &p, gd_comm_size(comm), plan->need.total_bytes - 1, false, &tile,
                                  &error),
             error);
    assert_true(tile >= 256 && tile < 2800);
    /* A scratch leaves more to tensors, though tiles grow in jumps: for some budget they are larger with it.
     */
    pretended_bytes = 0;
    int64_t with_scratch = 0;
    const uint64_t ranks = (uint64_t)gd_comm_size(comm);
    for (uint64_t part = 6; part < 14 && with_scratch <= tile; part++) {
        const uint64_t budget = 2 * plan->need.total_bytes / (part + ranks);
        check_ok(gd_plan_largest_tile(engine, &p, (int32_t)ranks, budget, false, &tile, &error), error);
        check_ok(gd_plan_largest_tile(engine, &p, (int32_t)ranks, budget, true, &with_scratch, &error),
                 error);
        assert_true(with_scratch >= tile);
    }
    assert_true(with_scratch > tile);
    check_ok(gd_plan_largest_tile(engine, &p, gd_comm_size(comm), 1000, false, &tile, &error), error);
    assert_int_equal(tile, 0);
    gd_plan_free(plan);
    gd_engine_free(engine);
    counting_close(&counted);
}

static void auto_follows_the_device_alone(void **state)
{
    (void)state;
    gd_error error;
    int64_t last = 0;
    const gd_render_parameters p = parameters(20000, 30000, 512);
    counting_open(&counted);
    gd_engine *engine = open_engine("mixed5", false);
    for (uint64_t gib = 2; gib <= 32; gib *= 4) {
        int64_t tile = 0;
        pretended_bytes = gib << 30;
        check_ok(gd_plan_auto_tile(engine, &p, &tile, &error), error);
        assert_true(tile > last && tile % engine->stride == 0);
        last = tile;
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long)tile);
        check_ok(gd_comm_same(comm, "the tile of -ts auto", text, &error), error);
    }
    int64_t tile = 0;
    kept_side = 1500; /* a window has a halo on two sides */
    check_ok(gd_plan_auto_tile(engine, &p, &tile, &error), error);
    assert_true(tile > 900 && tile < 1500 && tile < last);
    kept_side = 100; /* even the smallest has to do without */
    check_ok(gd_plan_auto_tile(engine, &p, &tile, &error), error);
    assert_int_equal(tile, last);
    kept_side = 0;
    const gd_render_parameters small = parameters(200, 300, 512);
    check_ok(gd_plan_auto_tile(engine, &small, &tile, &error), error);
    assert_int_equal(tile, 432); /* the largest canvas is 420 wide */
    pretended_bytes = 0;
    check_ok(gd_plan_auto_tile(engine, &p, &tile, &error), error);
    assert_int_equal(tile, 2048);
    pretended_bytes = 1 << 20;
    assert_int_equal(gd_plan_auto_tile(engine, &p, &tile, &error), GD_USAGE);
    gd_engine_free(engine);
    counting_close(&counted);
}

static void large_plans_take_little_time(void **state)
{
    (void)state;
    gd_error error;
    gd_plan *plan = NULL;
    gd_render_parameters p = parameters(25000, 40000, 2048);
    p.octave_first = -5;
    p.octave_end = 1;
    p.steps = 80;
    counting_open(&counted);
    gd_engine *engine = open_engine("mixed5", false);
    const clock_t start = clock();
    check_ok(gd_plan_create(engine, &p, 64, &plan, &error), error);
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("planned in %.2f s; %.1f GB sent in all, %.3g FLOP\n", seconds, 1e-9 * (double)plan->sent_bytes,
           plan->flop);
    assert_true(seconds < 20);
    gd_plan_free(plan);
    gd_engine_free(engine);
    counting_close(&counted);
}

/* A million steps, on one rank all alike, and on several by some that stand for them; tiles of every size are
 * looked at. */
static void many_steps_take_little_time(void **state)
{
    (void)state;
    gd_error error;
    counting_open(&counted);
    gd_engine *engine = open_engine("mixed3", false);
    for (int32_t ranks = 1; ranks <= 3; ranks += 2) {
        for (int64_t tile = 128; tile <= 320; tile += 192) {
            gd_render_parameters p = parameters(400, 640, 128);
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
    counting_close(&counted);
}

static int start(void **state)
{
    (void)state;
    gd_error error;
    net = gd_net_create(GD_INCEPTION_V3);
    return net && gd_comm_start(NULL, NULL, &comm, &error) == GD_OK ? 0 : 1;
}

static int stop(void **state)
{
    (void)state;
    gd_net_free(net);
    gd_comm_finish(comm);
    return 0;
}

int main(int argc, char **argv)
{
    gd_apart_start();
    every = argc > 1 && strcmp(argv[1], "few") == 0 ? 3 : 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_render_takes_what_was_planned),
        cmocka_unit_test(what_was_planned_is_enough),
        cmocka_unit_test(a_scratch_of_the_planned_size_is_enough),
        cmocka_unit_test(a_budget_decides_where_planes_go),
        cmocka_unit_test(a_tiny_picture_has_no_use_for_a_scratch_file),
        cmocka_unit_test(a_refusal_names_the_tile_that_fits),
        cmocka_unit_test(auto_follows_the_device_alone),
        cmocka_unit_test(large_plans_take_little_time),
        cmocka_unit_test(many_steps_take_little_time),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
