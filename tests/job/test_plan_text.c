/* The text of a plan: its lines, by numbers that are put in here. */
#include "check.h"
#include "net/objective.h"
#include "options/flag_values.h"

#include "job/plan_text.h"
#include "net/net.h"
#include "options/flag_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t gib = UINT64_C(1) << 30;

static gd_net *net;
static gd_engine *engine;

static int open_engine(void **state)
{
    (void)state;
    gd_error error;
    net = gd_net_create(GD_INCEPTION_V3);
    const gd_device_options options = {.precision = GD_PRECISION_AUTO};
    const gd_objective objective = {.terms = {{.node = net->layers[0].node, .weight = 1}}, .count = 1};
    return gd_engine_create(&gd_backend_reference, &options, net, &objective, NULL, &engine, &error) == GD_OK
               ? 0
               : -1;
}

static int close_engine(void **state)
{
    (void)state;
    gd_engine_free(engine);
    gd_net_free(net);
    return 0;
}

/* A report, and what it points to. */
typedef struct scene {
    gd_decision d;
    gd_plan plan;
    gd_plan_octave octave;
    gd_plan_shape shapes[4];
    gd_plan_report report;
} scene;

/* 6000 x 4000 pixels on two ranks, from dream.tif's settings. */
static scene *new_scene(void)
{
    scene *s = calloc(1, sizeof *s);
    assert_non_null(s);
    gd_options_default(&s->d.options);
    s->d.options.tile = (gd_schedule){512, 512, GD_CURVE_LINEAR};
    s->d.settings = (gd_settings){.base_rows = 4000,
                                  .base_cols = 6000,
                                  .octave_first = 0,
                                  .octave_end = 1,
                                  .tile = {512, 512, GD_CURVE_LINEAR},
                                  .backend = GD_BACKEND_REFERENCE,
                                  .precision = GD_PRECISION_FP64,
                                  .transport = GD_TRANSPORT_MPI};
    s->d.objective.count = 2;
    s->d.files.kind = GD_FILE_TIFF;
    strcpy(s->d.files.output, "dream.tif");
    strcpy(s->d.files.checkpoint, "/f/dream.tif.checkpoint.h5");
    for (int i = 0; i < 4; i++)
        s->shapes[i] =
            (gd_plan_shape){.window = gd_window_shape_whole(512 + i, 640), .arena_bytes = 64 << 20};
    s->octave = (gd_plan_octave){.octave = 0,
                                 .rows = 4000,
                                 .cols = 6000,
                                 .parts = 1,
                                 .steps = 20,
                                 .ranks = 2,
                                 .tile = 512,
                                 .halo = 128,
                                 .tiles = 96,
                                 .uneven = 1.04,
                                 .shapes = {s->shapes, 4, 4},
                                 .sent_bytes = 20 * 2500000,
                                 .flop = 20 * 1.5e12};
    s->plan = (gd_plan){.ranks = 2,
                        .threads = 3,
                        .octaves = &s->octave,
                        .octave_count = 1,
                        .shapes = {s->shapes, 4, 4},
                        .bytes = {[GD_FOR_PLANES] = gib / 2, [GD_FOR_TENSORS] = gib},
                        .sent_bytes = 50000000,
                        .flop = 30e12};
    s->report = (gd_plan_report){.plan = &s->plan,
                                 .engine = engine,
                                 .decision = &s->d,
                                 .memory = {.budget = gd_budget_given(3 * gib),
                                            .fit = {.fits = true, .memory_bytes = 2 * gib},
                                            .folder = "/scratch"},
                                 .workspace = 3 << 20};
    return s;
}

/* The text, until the next one. Ends the scene. */
static const char *text_of(scene *s)
{
    static char text[1 << 16];
    memset(text, 0, sizeof text);
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    gd_plan_print(&s->report, out);
    fclose(out);
    free(s);
    return text;
}

static void has(const char *text, const char *line)
{
    char whole[2 * GD_PATH_MAX];
    snprintf(whole, sizeof whole, "\n%s\n", line);
    if (!strstr(text, whole))
        fail_msg("no line '%s' in\n%s", line, text);
}

/* Whether the line of defaults has these words. */
static bool is_default(const char *text, const char *words)
{
    const char *line = strstr(text, "\nBy default: ");
    return line && strstr(line, words);
}

static void head_and_octaves(void **state)
{
    (void)state;
    char line[512];
    const char *text = text_of(new_scene());
    snprintf(line, sizeof line, "6000 x 4000 pixels to dream.tif, on 2 ranks of %s",
             engine->backend->describe(engine->device));
    has(text, line);
    snprintf(line, sizeof line,
             "Inception V3, 2 layers, reach %d px, stride %d px; tiles of 512 px; 20 steps in each octave",
             engine->reach, engine->stride);
    has(text, line);
    has(text, "     0       6000x4000     512    128      96      2      1.04          2.50        1.500  "
              "640x512 640x513 640x514 +1");
    has(text, "Layout of the largest canvas: 384 blocks of 256 x 256 pixels along a Hilbert curve, 192 or so "
              "on each "
              "of 2 ranks");
    has(text, "Total: 30.0 TFLOP, 50.0 MB between ranks");
}

static void time_measured_or_not(void **state)
{
    (void)state;
    scene *s = new_scene();
    s->report.estimate = (gd_estimate){.seconds = 7200, .rate = 0.5e12, .measured = 2};
    const char *text = text_of(s);
    const char *start = "Time: about 2.0 h of computing, measured on windows of 2 sizes "
                        "(0.500 TFLOP/s, 3 at a "
                        "time on each rank); reading, communication and writing are extra\n";
    assert_int_equal(strncmp(text, start, strlen(start)), 0);
    text = text_of(new_scene());
    assert_non_null(strstr(text, "Time: not estimated, since the speed of this device is not known"));
    s = new_scene();
    s->plan.flop = 0;
    text = text_of(s);
    assert_non_null(strstr(text, "Time: not estimated, since the picture is only resized"));
}

static void memory_and_scratch(void **state)
{
    (void)state;
    const char *text = text_of(new_scene());
    has(text, "  planes                     0.500 GiB  canvas and gradient, or old and new canvas");
    has(text,
        "  tensors                    1.000 GiB  204.8 bytes a pixel of a window of 640 x 512; the largest "
        "workspace is 3.0 MiB");
    has(text, "  all                        2.000 GiB  at once, at most");
    has(text, "  memory                 3.00 GiB a rank, as given");
    assert_null(strstr(text, "refused"));
    scene *s = new_scene();
    s->report.memory.fit =
        (gd_fit){.fits = true, .scratch = true, .slots = 384, .cached = 100, .scratch_bytes = gib};
    text = text_of(s);
    assert_non_null(
        strstr(text, "of the planes, 100 of 384 blocks of 256 x 256 pixels; the rest is in the scratch\n"));
    has(text, "  scratch                    1.000 GiB  of a rank, in /scratch");
}

static void files(void **state)
{
    (void)state;
    scene *s = new_scene();
    s->d.input_waiting = gib;
    strcpy(s->d.input_folder, "/in");
    const char *text = text_of(s);
    /* Two of 6000 x 4000 float32 RGB. */
    has(text, "  checkpoints                0.536 GiB  space for two, minus the existing one");
    has(text, "  input                      1.000 GiB  for turning it upright while it is read, in /in");
}

static void endings(void **state)
{
    (void)state;
    scene *s = new_scene();
    strcpy(s->report.refusal.message, "a rank needs more; use less");
    s->plan.ranks = 5;
    const char *text = text_of(s);
    has(text, "No octave has tiles for more than 2 of the 5 ranks: use a smaller -ts, or fewer ranks");
    assert_non_null(strstr(text, "\nThis would be refused: a rank needs more; use less\n"));
    s = new_scene();
    s->report.halo =
        (gd_halo_report){.rows = 40, .cols = 60, .halo = 8, .exact = 16, .ratio = 1.1, .exact_ratio = 1.3};
    has(text_of(s),
        "On 60 x 40 pixels, the halo of 8 pixels takes 1.10 of the work without one; an exact one, of "
        "16 pixels, would take 1.30");
    s = new_scene();
    s->plan.device.total_bytes = gib;
    s->plan.need.total_bytes = 2 * gib;
    text = text_of(s);
    assert_non_null(strstr(text, "\nThis does not fit: use a smaller -ts, or -ts auto\n"));
    has(text, "  all                        2.000 GiB  of 1.000 GiB");
}

/* What was given or found out has a line, with its reason; what is the default does not. */
static void chosen(void **state)
{
    (void)state;
    scene *s = new_scene();
    gd_settings *settings = &s->d.settings;
    strcpy(settings->why[GD_SETTING_BACKEND], "there is no GPU");
    strcpy(settings->why[GD_SETTING_OCTAVES], "the first is the one nearest to 600 pixels");
    strcpy(settings->why[GD_SETTING_SIZE], "the print is 6000x4000 pixels");
    s->d.options.octaves_auto = true;
    s->d.options.seed = 7;
    strcpy(s->d.options.output, "dream");
    const char *text = text_of(s);
    has(text, "  backend                reference (there is no GPU)");
    has(text, "  precision              fp64");
    has(text, "  transport              mpi");
    has(text, "  octaves                0 to 0, ratio 1.2 (the first is the one nearest to 600 pixels)");
    has(text, "  tile                   512");
    has(text, "  seed                   7");
    has(text, "  picture size           6000 x 4000 (the print is 6000x4000 pixels)");
    has(text, "  picture                dream.tif, 8 bits, deflate, with a pyramid");
    assert_true(is_default(text, "network inceptionV3; steps 20; step size 0.01; halo auto"));
    assert_false(is_default(text, "seed"));
}

static void resumed(void **state)
{
    (void)state;
    scene *s = new_scene();
    strcpy(s->d.files.resume, "/f/old.h5");
    s->d.place = (gd_checkpoint_place){.octave = 0, .step = 4};
    const char *text = text_of(s);
    has(text, "Resumed from /f/old.h5, at step 5 of octave 0; the plan covers the rest");
}

static void durations(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {{40, "40.0 s"}, {720, "12 min"}, {12600, "3.5 h"}, {1036800, "12.0 days"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[32];
        gd_duration_text(rows[i].seconds, text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_and_octaves),
        cmocka_unit_test(time_measured_or_not),
        cmocka_unit_test(memory_and_scratch),
        cmocka_unit_test(files),
        cmocka_unit_test(endings),
        cmocka_unit_test(chosen),
        cmocka_unit_test(resumed),
        cmocka_unit_test(durations),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
