/* When a checkpoint is due, what it holds of a command, and how a stop request ends a render. */
#include "check.h"

#include "job/checkpoint_policy.h"
#include "options/options_parse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of 3 octaves with 20 steps each. */
static gd_checkpoint_moment after(int32_t octave, int32_t step, double waited)
{
    return (gd_checkpoint_moment){
        .step = step, .before = 20 * octave + step, .all = 60, .kept = -1, .waited = waited};
}

static gd_options every(gd_every kind, int64_t count)
{
    gd_options o;
    gd_options_default(&o);
    o.every = kind;
    o.every_count = count;
    return o;
}

static void by_time(void **state)
{
    (void)state;
    const gd_options o = every(GD_EVERY_SECONDS, 600);
    gd_checkpoint_moment now = after(0, 5, 599.9);
    assert_false(gd_checkpoint_due(&o, &now));
    now.waited = 600;
    assert_true(gd_checkpoint_due(&o, &now));
    now = after(2, 19, 10);
    assert_false(gd_checkpoint_due(&o, &now));
}

/* Steps are counted over octaves. */
static void by_steps(void **state)
{
    (void)state;
    const gd_options o = every(GD_EVERY_STEPS, 15);
    for (int i = 0; i < 60; i++) {
        const gd_checkpoint_moment now = after(i / 20, i % 20, 1e6);
        assert_int_equal(gd_checkpoint_due(&o, &now), i == 14 || i == 29 || i == 44 || i == 59);
    }
}

static void by_octave(void **state)
{
    (void)state;
    const gd_options o = every(GD_EVERY_OCTAVE, 0);
    for (int i = 0; i < 60; i++) {
        const gd_checkpoint_moment now = after(i / 20, i % 20, 1e6);
        assert_int_equal(gd_checkpoint_due(&o, &now), i % 20 == 19);
    }
}

/* Before the picture is written, when at least a minute would be lost. */
static void after_the_last_step(void **state)
{
    (void)state;
    static const gd_every kinds[] = {GD_EVERY_SECONDS, GD_EVERY_STEPS, GD_EVERY_OCTAVE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const gd_options o = every(kinds[i], 1000000);
        gd_checkpoint_moment now = after(2, 20, 60);
        assert_true(gd_checkpoint_due(&o, &now));
        now.waited = 59;
        assert_false(gd_checkpoint_due(&o, &now));
        now = after(2, 20, 1e6);
        now.kept = 60; /* all is saved */
        assert_false(gd_checkpoint_due(&o, &now));
    }
    gd_options none = every(GD_EVERY_SECONDS, 1);
    none.steps = 0;
    const gd_checkpoint_moment now = {.kept = -1, .waited = 1e6};
    assert_false(gd_checkpoint_due(&none, &now));
}

/* The command can be given anywhere, and allows nothing; the settings are spelled as the user did. */
static void what_is_saved(void **state)
{
    (void)state;
    gd_options o;
    gd_error error;
    char *given = malloc(GD_CHECKPOINT_TEXT_MAX), *settled = malloc(GD_CHECKPOINT_TEXT_MAX), folder[4096];
    char expected[3 * 4096];
    const gd_settings s = {.octave_first = -3,
                           .octave_end = 1,
                           .tile = {1024, 1024, GD_CURVE_LINEAR},
                           .backend = GD_BACKEND_CPU,
                           .precision = GD_PRECISION_BF16};
    assert_true(given && settled && getcwd(folder, sizeof folder));
    gd_options_default(&o);
    strcpy(o.input, "in.jpg");
    strcpy(o.output, "out.tif");
    strcpy(o.resume, "old.h5");
    o.octaves_auto = o.tile_auto = o.overwrite = o.trust = o.restart = true;
    o.layer_first = 3;
    o.layer_end = 5;
    check_ok(gd_checkpoint_commands(&o, &s, given, settled, &error), error);
    snprintf(expected, sizeof expected,
             "gigadream -img %s/in.jpg -img_out %s/out.tif -ml 3 5 -or auto -ts auto", folder, folder);
    assert_string_equal(given, expected);
    assert_non_null(strstr(settled, " -img in.jpg "));
    assert_non_null(strstr(settled, " -or -3 1 "));
    assert_non_null(strstr(settled, " -ts 1024 "));
    assert_non_null(strstr(settled, " --backend cpu --precision bf16"));
    assert_null(strstr(settled, "-or auto"));
    assert_null(strstr(settled, "-ts auto"));
    free(given);
    free(settled);
}

static void is_sentence(gd_checkpoint_state state, gd_status status, const char *sentence)
{
    gd_error error = {""};
    state.checkpoint = "a.h5";
    assert_int_equal(gd_checkpoint_stopped(&state, &error), status);
    assert_string_equal(error.message, sentence);
}

static void stop_requests(void **state)
{
    (void)state;
    is_sentence((gd_checkpoint_state){.kept = -1, .all = 60}, GD_STOPPED,
                "stopped before the first step, with nothing to save; the same command starts again");
    is_sentence((gd_checkpoint_state){.there = true, .kept = 12, .done = 12, .all = 60}, GD_STOPPED,
                "stopped after 12 of 60 steps, which are saved; resume with the same command, or with "
                "--resume a.h5");
    is_sentence(
        (gd_checkpoint_state){.there = true, .kept = 10, .done = 12, .all = 60, .why = "the disk is full"},
        GD_STOPPED,
        "stopped after 12 of 60 steps, of which 2 are lost: a.h5 holds the first 10, and the disk is full");
    is_sentence((gd_checkpoint_state){.kept = -1, .done = 12, .all = 60, .why = "the disk is full"}, GD_IO,
                "stopped after 12 of 60 steps, which are lost, since the disk is full");
    is_sentence(
        (gd_checkpoint_state){.kept = 10, .done = 12, .all = 60, .why = "the disk is full"}, GD_IO,
        "stopped after 12 of 60 steps, which are lost: a.h5, which held the first 10, is gone, and the disk "
        "is full");
    is_sentence((gd_checkpoint_state){.kept = 12, .done = 12, .all = 60}, GD_IO,
                "stopped after 12 of 60 steps, which are lost: a.h5, which held the first 12, is gone");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_time),       cmocka_unit_test(by_steps),
        cmocka_unit_test(by_octave),     cmocka_unit_test(after_the_last_step),
        cmocka_unit_test(what_is_saved), cmocka_unit_test(stop_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
