/* What a rank needs against what it may take: in memory, with a scratch file, or refused with what would fit.
 */
#include "check.h"
#include "net/objective.h"

#include "base/size.h"
#include "job/memory_check.h"
#include "net/net.h"
#include "options/flag_values.h"
#include "plan/plan.h"
#include "plan/plan_search.h"
#include "tiling/compat_rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gd_net *net;
static gd_backend backend; /* the processor, with the memory of a GPU when gpu_bytes is not 0 */
static uint64_t gpu_bytes;
static gd_engine *engine;

static void pretended_facts(const gd_device *device, gd_device_facts *facts)
{
    gd_backend_cpu.facts(device, facts);
    facts->total_bytes = gpu_bytes;
    facts->fixed_bytes = gpu_bytes / 100;
}

static int open_engine(void **state)
{
    (void)state;
    gd_error error;
    net = gd_net_create(GD_INCEPTION_V3);
    const gd_device_options options = {.precision = GD_PRECISION_FP32};
    const gd_objective objective = {.terms = {{.node = net->layers[0].node, .weight = 1}}, .count = 1};
    backend = gd_backend_cpu;
    backend.facts = pretended_facts;
    return gd_engine_create(&backend, &options, net, &objective, NULL, &engine, &error) == GD_OK ? 0 : -1;
}

static int close_engine(void **state)
{
    (void)state;
    gd_engine_free(engine);
    gd_net_free(net);
    return 0;
}

static gd_render_parameters parameters(int64_t tile)
{
    return (gd_render_parameters){.base_rows = 2000,
                                  .base_cols = 3000,
                                  .octave_scale = 1.2,
                                  .octave_first = 0,
                                  .octave_end = 1,
                                  .steps = 2,
                                  .tile = {(double)tile, (double)tile, GD_CURVE_LINEAR},
                                  .step_size = {0.01, 0.01, GD_CURVE_LINEAR},
                                  .rules = gd_compat_rules_of(GD_COMPAT_NONE),
                                  .final_resize = true,
                                  .threads = 1};
}

static gd_need need_of(const gd_render_parameters *p)
{
    gd_plan *plan;
    gd_error error;
    check_ok(gd_plan_create(engine, p, 1, &plan, &error), error);
    const gd_need need = plan->need;
    gd_plan_free(plan);
    return need;
}

/* Finds and judges; *memory is what was found. `folder`: of --scratch; "": none was given. */
static gd_status judge(const gd_render_parameters *p, uint64_t bytes, const char *folder,
                       gd_memory_check *memory, gd_error *error)
{
    gd_options o;
    gd_options_default(&o);
    strcpy(o.scratch, folder);
    o.memory = bytes;
    const gd_need need = need_of(p);
    const gd_budget budget = gd_budget_given(bytes);
    const gd_status status = gd_memory_check_find(engine, &o, &need, &budget, memory, error);
    return status == GD_OK ? gd_memory_check_refuse(engine, p, 1, &need, memory, error) : status;
}

static void fits(void **state)
{
    (void)state;
    const gd_render_parameters p = parameters(512);
    const gd_need need = need_of(&p);
    gd_memory_check memory;
    gd_error error;
    check_ok(judge(&p, need.total_bytes, "", &memory, &error), error);
    assert_true(memory.fit.fits && !memory.fit.scratch);
    assert_int_equal(memory.fit.memory_bytes, need.total_bytes);
    assert_int_equal(memory.fit.scratch_bytes, 0);
}

static void goes_to_a_scratch(void **state)
{
    (void)state;
    const gd_render_parameters p = parameters(512);
    const gd_need need = need_of(&p);
    gd_memory_check memory;
    gd_error error;
    check_ok(judge(&p, need.total_bytes - 1, "/var/tmp", &memory, &error), error);
    assert_true(memory.fit.fits && memory.fit.scratch && !memory.folder_in_memory);
    assert_string_equal(memory.folder, "/var/tmp");
    assert_true(memory.fit.memory_bytes < need.total_bytes && memory.fit.cached < memory.fit.slots);
    /* Canvas and gradient of 2000 x 3000 pixels, in whole blocks. */
    assert_true(memory.fit.scratch_bytes >= UINT64_C(2) * 12 * 2000 * 3000);
}

/* The tile that the sentence names fits, and the next one does not. */
static void refused_with_the_tile(void **state)
{
    (void)state;
    const gd_render_parameters p = parameters(2048);
    const gd_render_parameters fitting = parameters(512);
    const uint64_t bytes = need_of(&fitting).total_bytes;
    gd_memory_check memory;
    gd_error error = {""};
    int tile = 0;
    assert_int_equal(judge(&p, bytes, "/dev/shm", &memory, &error), GD_USAGE);
    const char *remedy = strstr(error.message, "use -ts ");
    if (!remedy || sscanf(remedy, "use -ts %d, or more ranks on other hosts", &tile) != 1)
        fail_msg("%s", error.message);
    assert_non_null(strstr(error.message, "a rank, as given); use -ts"));
    assert_non_null(strstr(error.message,
                           "or --scratch DIR with a folder on a disk (/dev/shm is in memory), or "
                           "a larger --memory"));
    gd_render_parameters smaller = parameters(tile);
    check_ok(judge(&smaller, bytes, "/dev/shm", &memory, &error), error);
    smaller = parameters(tile + engine->stride);
    assert_int_equal(judge(&smaller, bytes, "/dev/shm", &memory, &error), GD_USAGE);
}

/* A resumed render keeps its tile: none is named. */
static void refused_when_resumed(void **state)
{
    (void)state;
    gd_render_parameters p = parameters(2048);
    gd_memory_check memory;
    gd_error error = {""};
    const uint64_t bytes = need_of(&p).total_bytes / 2;
    p.resumed = true;
    assert_int_equal(judge(&p, bytes, "/dev/shm", &memory, &error), GD_USAGE);
    assert_null(strstr(error.message, "-ts"));
    assert_non_null(strstr(error.message, "use more ranks on other hosts, or"));
}

static void not_even_with_a_scratch(void **state)
{
    (void)state;
    const gd_render_parameters p = parameters(512);
    gd_memory_check memory;
    gd_error error = {""};
    assert_int_equal(judge(&p, 1 << 20, "/var/tmp", &memory, &error), GD_USAGE);
    assert_false(memory.fit.fits);
    assert_non_null(strstr(error.message,
                           "of memory even with its planes in a scratch file, more than it may take "
                           "(1.00 MiB a rank, as given); use a larger --memory"));
}

/* The smallest cache of a scratch file is larger than the planes of a tiny picture. */
static void a_tiny_picture(void **state)
{
    (void)state;
    gd_render_parameters p = parameters(512);
    p.base_rows = p.base_cols = 100;
    gd_memory_check memory;
    gd_error error = {""};
    char wanted[120], amount[GD_AMOUNT_BYTES];
    const uint64_t bytes = need_of(&p).total_bytes;
    assert_int_equal(judge(&p, bytes - 1, "/var/tmp", &memory, &error), GD_USAGE);
    snprintf(wanted, sizeof wanted, "a rank needs %s of memory, more than it may take",
             gd_amount_text((double)bytes, amount));
    assert_non_null(strstr(error.message, wanted));
    check_ok(judge(&p, bytes, "/var/tmp", &memory, &error), error);
}

static void a_reader_that_takes_most(void **state)
{
    (void)state;
    gd_render_parameters p = parameters(256);
    gd_memory_check memory;
    gd_error error = {""};
    p.outside.reader = UINT64_C(8) << 30;
    assert_int_equal(judge(&p, UINT64_C(1) << 30, "/dev/shm", &memory, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "8.00 GiB of it to read the input"));
    assert_non_null(strstr(error.message, "save the input so that it can be read row by row"));
}

static void scratch_that_cannot_be(void **state)
{
    (void)state;
    const gd_render_parameters p = parameters(512);
    gd_memory_check memory;
    gd_error error = {""};
    assert_int_equal(judge(&p, 1 << 30, "/nonexistent", &memory, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "/nonexistent"));
}

static void on_a_gpu(void **state)
{
    (void)state;
    const gd_render_parameters p = parameters(2048);
    gd_memory_check memory;
    gd_error error = {""};
    int tile = 0;
    gpu_bytes = UINT64_C(80) << 30;
    const gd_render_parameters fitting = parameters(512);
    const uint64_t bytes = need_of(&fitting).total_bytes;
    assert_int_equal(judge(&p, bytes, "/var/tmp", &memory, &error), GD_USAGE);
    assert_string_equal(error.message,
                        "--scratch /var/tmp: planes are in GPU memory, which a disk cannot extend; "
                        "leave it out, and use more ranks or nodes");
    assert_int_equal(judge(&p, bytes, "", &memory, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "GiB of its GPU's memory, more than --memory; use -ts "));
    assert_int_equal(sscanf(strstr(error.message, "use -ts "), "use -ts %d", &tile), 1);
    const gd_render_parameters smaller = parameters(tile);
    check_ok(judge(&smaller, bytes, "", &memory, &error), error);
    assert_int_equal(judge(&p, 1 << 20, "", &memory, &error), GD_USAGE);
    assert_non_null(
        strstr(error.message, "more than --memory, and no -ts fits; use more ranks, or a larger --memory"));
    gpu_bytes = 0;
}

/* What lies beside the planes: as the parts say. */
static void beside_the_planes(void **state)
{
    (void)state;
    gd_decision *d = calloc(1, sizeof *d);
    assert_non_null(d);
    gd_options_default(&d->options);
    d->settings = (gd_settings){.base_rows = 500, .base_cols = 1000, .octave_end = 1};
    d->files.kind = GD_FILE_PNG;
    gd_outside outside = gd_memory_check_outside(d, 1, 1000000);
    assert_true(outside.base > 1000000 && outside.reader == 0 && outside.preview == 0);
    const uint64_t writer = outside.writer;
    d->input_rows = 2000; /* four source rows an output row: 2 * 3 * 4 + 1 taps */
    d->input_cols = 4000;
    d->input_held = 12345;
    d->profile_bytes = 1000;
    outside = gd_memory_check_outside(d, 1, 1000000);
    assert_int_equal(outside.reader, (25 * 1000 + 4000) * 12 + 12345);
    assert_int_equal(outside.writer, writer + 2 * 1000);
    strcpy(d->options.preview, "p.jpg");
    d->options.preview_pixels = 100;
    outside = gd_memory_check_outside(d, 1, 1000000);
    assert_true(outside.preview >= 50 * 100 * 12);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits),
        cmocka_unit_test(goes_to_a_scratch),
        cmocka_unit_test(refused_with_the_tile),
        cmocka_unit_test(refused_when_resumed),
        cmocka_unit_test(not_even_with_a_scratch),
        cmocka_unit_test(a_tiny_picture),
        cmocka_unit_test(a_reader_that_takes_most),
        cmocka_unit_test(scratch_that_cannot_be),
        cmocka_unit_test(on_a_gpu),
        cmocka_unit_test(beside_the_planes),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
