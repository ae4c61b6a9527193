/* Resuming: which options hold, what is refused and how it is named, and what a checkpoint may never allow.
 */
#include "check.h"

#include "job/resume.h"
#include "options/argv_split.h"
#include "options/options_format.h"
#include "options/options_parse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTLED                                                                                              \
    "gigadream -img in.jpg -img_max_dim 1024 -m inceptionV3 -ml 3 5 -or -4 2 -osc 1.2 -os 20 -ss 0.01 "      \
    "--seed 1 -ts 1536 --halo auto --backend cpu --precision bf16"

/* A checkpoint of two commands in memory. */
typedef struct saved {
    char program[32], command[GD_PATH_MAX + 512], settled[GD_PATH_MAX + 512], folder[GD_PATH_MAX];
    gd_checkpoint checkpoint;
} saved;

/* `flags`: as they were given at the start, beside -img in.jpg, which has its real name in it. */
static void save(saved *s, const char *flags, const char *settled)
{
    memset(s, 0, sizeof *s);
    assert_non_null(getcwd(s->folder, sizeof s->folder));
    snprintf(s->program, sizeof s->program, "%s", GD_VERSION);
    snprintf(s->command, sizeof s->command, "gigadream -img %.3000s/in.jpg %s", s->folder, flags);
    snprintf(s->settled, sizeof s->settled, "%s", settled);
    s->checkpoint.texts[GD_CHECKPOINT_PROGRAM] = s->program;
    s->checkpoint.texts[GD_CHECKPOINT_COMMAND] = s->command;
    s->checkpoint.texts[GD_CHECKPOINT_SETTLED] = s->settled;
    s->checkpoint.place = (gd_checkpoint_place){.base_rows = 683, .base_cols = 1024};
}

static gd_status resume(const saved *s, const char *command, gd_options *o, gd_settings_facts *facts,
                        gd_error *error)
{
    char text[1024];
    gd_argv_words words;
    snprintf(text, sizeof text, "gigadream %s", command);
    *facts = (gd_settings_facts){0};
    check_ok(gd_argv_words_split(text, &words, error), *error);
    check_ok(gd_options_parse(words.count, words.items, o, error), *error);
    const gd_status status =
        gd_resume_options(words.count, words.items, "c.h5", &s->checkpoint, o, facts, error);
    gd_argv_words_free(&words);
    return status;
}

static int make_saved(void **state)
{
    *state = malloc(sizeof(saved));
    return *state ? 0 : 1;
}

static int free_saved(void **state)
{
    free(*state);
    return 0;
}

#define with_checkpoint(test) cmocka_unit_test_setup_teardown(test, make_saved, free_saved)

static void the_same_command(void **state)
{
    saved *s = *state;
    gd_options o;
    gd_settings_facts facts;
    gd_error error;
    save(s, "-ml 3 5 -ts auto", SETTLED);
    check_ok(resume(s, "-img in.jpg -ml 3 5 -ts auto", &o, &facts, &error), error);
    assert_string_equal(o.input, "in.jpg"); /* as it was spelled */
    assert_true(o.tile_auto);               /* as it was given */
    assert_true(facts.continued && facts.base_rows == 683 && facts.base_cols == 1024);
    assert_true(facts.tile.start == 1536 && facts.backend == GD_BACKEND_CPU &&
                facts.precision == GD_PRECISION_BF16);
}

/* --resume alone: everything as it was; a flag beside it changes what may change. */
static void by_name(void **state)
{
    saved *s = *state;
    gd_options o;
    gd_settings_facts facts;
    gd_error error;
    save(s, "-ml 3 5 -img_out out.tif", SETTLED);
    check_ok(resume(s, "--resume c.h5", &o, &facts, &error), error);
    assert_true(o.layer_first == 3 && o.layer_end == 5 && strcmp(o.output, "out.tif") == 0);
    assert_string_equal(o.input, "in.jpg");
    check_ok(resume(s, "--resume c.h5 -os 30 --bits 16 -img_out other.png", &o, &facts, &error), error);
    assert_true(o.steps == 30 && o.bits == 16 && strcmp(o.output, "other.png") == 0);
}

static void permissions_are_not_saved(void **state)
{
    saved *s = *state;
    gd_options o;
    gd_settings_facts facts;
    gd_error error;
    save(s, "-ml 3 5 --overwrite --trust --quiet", SETTLED " --overwrite --trust --quiet");
    check_ok(resume(s, "--resume c.h5", &o, &facts, &error), error);
    assert_false(o.overwrite || o.trust || o.restart || o.quiet);
    check_ok(resume(s, "-img in.jpg -ml 3 5", &o, &facts, &error), error);
    assert_false(o.overwrite || o.trust || o.restart || o.quiet);
    check_ok(resume(s, "--resume c.h5 --overwrite --quiet", &o, &facts, &error), error);
    assert_true(o.overwrite && o.quiet && !o.trust);
}

/* Layers that were asked for at the start are in the checkpoint, and are not asked for again. */
static void layers_that_were_asked_for(void **state)
{
    saved *s = *state;
    gd_options o;
    gd_settings_facts facts;
    gd_error error;
    save(s, "-ml mixed3=0.5,mixed5", SETTLED);
    check_ok(resume(s, "-img in.jpg", &o, &facts, &error), error);
    assert_int_equal(o.chosen.layer_count, 2);
    assert_true(o.chosen.layers[0].weight == 0.5 && strcmp(o.chosen.layers[1].name, "mixed5") == 0);
}

static void refusals(void **state)
{
    static const char *const rows[][3] = {
        {"", "-img in.jpg -ml 3 6",
         "the checkpoint c.h5 has other parameters: -ml was \"3 5\" and is \"3 6\"; "
         "leave them as they were, or start again with --restart"},
        {"", "--resume c.h5 -ss 0.02 --seed 9",
         "-ss was \"0.01\" and is \"0.02\", --seed was \"1\" and is \"9\"; leave them as they were, or start "
         "again with --restart instead of --resume"},
        {"--keep-detail", "-img in.jpg -ml 3 5", "--keep-detail was \"on\" and is \"not given\""},
        {"", "--resume c.h5 -os 10",
         "-os: the checkpoint c.h5 has -or -4 2 -os 20, which may be increased but not reduced"},
        {"", "--resume c.h5 -or -4 1",
         "-or: the checkpoint c.h5 has -or -4 2 -os 20, which may be increased but not reduced"},
        {"-ss 0.02:0.01", "--resume c.h5 -os 30",
         "-os cannot be increased here, because -ss depends on the total number of steps; leave it at -or -4 "
         "2 -os 20, or"},
        {"-ts 512:1024", "--resume c.h5 -or -4 3", "-or cannot be increased here, because -ts depends"},
        {"--replay r.log", "--resume c.h5 -os 30", "-os cannot be increased here, because --replay depends"},
        {"", "--resume c.h5 -save_input",
         "-save_input: the input is copied at the start, and the render of the checkpoint c.h5 is past "
         "that; "
         "leave it out, or"},
    };
    saved *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gd_options o;
        gd_settings_facts facts;
        gd_error error = {""};
        char flags[256];
        snprintf(flags, sizeof flags, "-ml 3 5 %s", rows[i][0]);
        save(s, flags, SETTLED);
        assert_int_equal(resume(s, rows[i][1], &o, &facts, &error), GD_USAGE);
        if (!strstr(error.message, rows[i][2]))
            fail_msg("%s: '%s' lacks '%s'", rows[i][1], error.message, rows[i][2]);
        assert_false(facts.continued);
    }
}

/* What does not change the picture's content may differ. */
static void free_to_change(void **state)
{
    static const char *const commands[] = {
        "-img in.jpg -ml 3 5 --threads 2 --log l --preview p.jpg",
        "-img in.jpg -ml 3 5 --compression lzw --bits 16 --dpi 72",
        "-img in.jpg -ml 3 5 --memory 3G --scratch /tmp --transport mpi",
        "-img in.jpg -ml 3 5 --checkpoint-every octave",
        "-img in.jpg -ml 3 5 --weights w.h5",
        "-img in.jpg -ml 3 5 -os 40 -or -4 3",
    };
    saved *s = *state;
    save(s, "-ml 3 5", SETTLED);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        gd_options o;
        gd_settings_facts facts;
        gd_error error;
        check_ok(resume(s, commands[i], &o, &facts, &error), error);
    }
}

/* Checkpoints of before have the precision of --compat in their command. */
static void precision_of_compat(void **state)
{
    saved *s = *state;
    gd_options o;
    gd_settings_facts facts;
    gd_error error;
    save(s, "-ml 3 5 --compat tensorflow --precision fp32 -os 80",
         "gigadream -img in.jpg -ml 3 5 --compat tensorflow -os 80 -ts 512 --backend cpu --precision fp32");
    check_ok(resume(s, "-img in.jpg -ml 3 5 --compat tensorflow", &o, &facts, &error), error);
}

static void damaged_or_of_another_version(void **state)
{
    saved *s = *state;
    gd_options o;
    gd_settings_facts facts;
    gd_error error = {""};
    save(s, "-ml 3 5", SETTLED);
    strcpy(s->program, "0.0.1");
    assert_int_equal(resume(s, "--resume c.h5", &o, &facts, &error), GD_USAGE);
    assert_non_null(
        strstr(error.message, "the checkpoint c.h5 was written by gigadream 0.0.1, and this is "));
    save(s, "-ml 3 5 --nonsense", SETTLED);
    assert_int_equal(resume(s, "--resume c.h5", &o, &facts, &error), GD_USAGE);
    assert_non_null(
        strstr(error.message, "the checkpoint c.h5 has a command that is refused here: --nonsense"));
}

static void numerics(void **state)
{
    (void)state;
    char was[] = "gigadream 1; cpu bf16, oneDNN 2.6, avx512; weights 0123";
    gd_checkpoint c = {.texts = {[GD_CHECKPOINT_NUMERICS] = was}};
    gd_decision *d = calloc(1, sizeof *d);
    gd_error error = {""};
    assert_non_null(d);
    strcpy(d->files.resume, "c.h5");
    check_ok(gd_resume_check(&c, d, was, &error), error);
    assert_int_equal(gd_resume_check(&c, d, "gigadream 1; cpu bf16, oneDNN 2.6, sse41; weights 0123", &error),
                     GD_USAGE);
    assert_string_equal(error.message,
                        "the checkpoint c.h5 was computed with \"avx512\", and here it would continue with "
                        "\"sse41\"; resume it where that is the same, or start again with --restart");
    assert_int_equal(
        gd_resume_check(&c, d, "gigadream 1; cpu bf16, oneDNN 2.6, avx512; weights 4567", &error), GD_USAGE);
    assert_non_null(
        strstr(error.message, "\"weights 0123\", and here it would continue with \"weights 4567\""));
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_checkpoint(the_same_command),
        with_checkpoint(by_name),
        with_checkpoint(permissions_are_not_saved),
        with_checkpoint(layers_that_were_asked_for),
        with_checkpoint(refusals),
        with_checkpoint(free_to_change),
        with_checkpoint(precision_of_compat),
        with_checkpoint(damaged_or_of_another_version),
        cmocka_unit_test(numerics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
