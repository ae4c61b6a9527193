/* Settings: what each value that was left open becomes, by facts that are injected here, and the reason. */
#include "check.h"
#include "net/objective.h"

#include "job/picture_size.h"
#include "job/settings.h"
#include "net/net.h"
#include "options/argv_split.h"
#include "options/layers.h"
#include "options/options_format.h"
#include "options/options_parse.h"

#include <stdlib.h>
#include <string.h>

static gd_net *net;
static gd_objective objective;

static int make_net(void **state)
{
    (void)state;
    gd_options o;
    gd_error error;
    net = gd_net_create(GD_INCEPTION_V3);
    gd_options_default(&o);
    gd_layers_read("3 5", &o);
    return net && gd_layers_resolve(&o, net) && gd_options_objective(&o, net, &objective, &error) == GD_OK
               ? 0
               : -1;
}

static int free_net(void **state)
{
    (void)state;
    gd_net_free(net);
    return 0;
}

/* The options of a command, without "gigadream". */
static gd_options options_of(const char *command)
{
    char text[1024];
    gd_options o;
    gd_error error;
    gd_argv_words words;
    snprintf(text, sizeof text, "gigadream %s", command);
    check_ok(gd_argv_words_split(text, &words, &error), error);
    check_ok(gd_options_parse(words.count, words.items, &o, &error), error);
    gd_argv_words_free(&words);
    return o;
}

/* What is known at the start, of an input of 3000 x 2000 pixels. */
static gd_settings_facts at_start(void)
{
    return (gd_settings_facts){.net = net, .objective = &objective, .input_rows = 2000, .input_cols = 3000};
}

static gd_status resolve(const char *command, const gd_settings_facts *facts, gd_settings *s, gd_error *error)
{
    const gd_options o = options_of(command);
    *s = (gd_settings){0};
    return gd_settings_resolve(&o, facts, s, error);
}

static gd_settings settled(const char *command, const gd_settings_facts *facts)
{
    gd_settings s;
    gd_error error;
    check_ok(resolve(command, facts, &s, &error), error);
    return s;
}

static void is_because(const gd_settings *s, gd_setting setting, const char *why)
{
    if (strcmp(s->why[setting], why) != 0)
        fail_msg("%s is '%s', not '%s'", gd_setting_name(setting), s->why[setting], why);
}

static void what_was_given_stays(void **state)
{
    (void)state;
    const gd_settings_facts facts = at_start();
    const gd_settings s =
        settled("-img a.jpg -or -2 1 -ts 512:1024 --backend cpu --precision bf16 --transport mpi", &facts);
    assert_true(s.base_rows == 683 && s.base_cols == 1024);
    assert_true(s.octave_first == -2 && s.octave_end == 1);
    assert_true(s.tile.start == 512 && s.tile.end == 1024);
    assert_int_equal(s.backend, GD_BACKEND_CPU);
    assert_int_equal(s.precision, GD_PRECISION_BF16);
    assert_int_equal(s.transport, GD_TRANSPORT_MPI);
    for (int i = 0; i < GD_SETTING_COUNT; i++) {
        is_because(&s, i, "");
        assert_false(s.remark[i]);
    }
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        int64_t rows, cols;
        const char *why;
    } rows[] = {
        {"-img a.jpg -img_max_dim 1500", 1000, 1500, ""},
        {"-img a.jpg -img_max_dim 5000", 2000, 3000,
         "a.jpg is 3000x2000, smaller than -img_max_dim 5000, and keeps its size; --enlarge makes it larger"},
        {"-img a.jpg -img_max_dim 6000 --enlarge", 4000, 6000, ""},
        {"-img a.jpg --print 10x10cm --dpi 254", 667, 1000,
         "the print is 1000x667 pixels: 10.0 x 6.7 cm at 254 dpi"},
        {"-img a.jpg --print 10x20cm --dpi 254", 1000, 1500, /* the paper is turned */
         "the print is 1500x1000 pixels: 15.0 x 10.0 cm at 254 dpi"},
        {"--size 320x200", 200, 320, ""},
        {"-img_max_dim 700", 700, 700, ""},
        {"--print 10x20cm", 2362, 1181, "the print is 1181x2362 pixels: 10.0 x 20.0 cm at 300 dpi"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const gd_options o = options_of(rows[i].command);
        gd_picture_size size;
        gd_picture_size_find(&o, 2000, 3000, &size);
        if (size.rows != rows[i].rows || size.cols != rows[i].cols || strcmp(size.why, rows[i].why) != 0)
            fail_msg("%s: %lld x %lld, '%s'", rows[i].command, (long long)size.cols, (long long)size.rows,
                     size.why);
        const gd_settings_facts facts = at_start();
        const gd_settings s = settled(rows[i].command, &facts);
        assert_true(s.base_rows == rows[i].rows && s.base_cols == rows[i].cols);
        is_because(&s, GD_SETTING_SIZE, rows[i].why);
        assert_true(s.remark[GD_SETTING_SIZE] == (rows[i].why[0] != '\0'));
    }
}

static void octaves(void **state)
{
    (void)state;
    const gd_settings_facts facts = at_start();
    /* 3000 px / 1.2^9 = 581, nearest to 600. */
    gd_settings s = settled("-img a.jpg -img_max_dim 3000 -or auto", &facts);
    assert_true(s.octave_first == -9 && s.octave_end == 1);
    is_because(&s, GD_SETTING_OCTAVES,
               "the first is the one nearest to 600 pixels, the size of Inception V3's own pictures");
    s = settled("--size 300x200 -or auto", &facts); /* small: never above the picture itself */
    assert_true(s.octave_first == 0 && s.octave_end == 1);
    /* 600 px wide would be 60 px high: the network needs 75. */
    s = settled("--size 2000x200 -or auto", &facts);
    assert_true(s.octave_first == -5 && s.octave_end == 1);
    is_because(&s, GD_SETTING_OCTAVES,
               "the first is the smallest with the 75 pixels that Inception V3 needs");
}

static void octaves_that_do_not_fit(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"--size 300x200 -or -9 1",
         "octave -9 would be 38 pixels on its shorter side, but Inception V3 needs 75; "
         "use -or -5 1"},
        {"--size 60x60 -or 0 1",
         "the picture is 60 pixels on its shorter side at octave 0, but Inception V3 needs "
         "75; use a larger --size"},
        {"-img a.jpg -img_max_dim 60 -or 0 1",
         "use a larger picture, or --enlarge with a larger -img_max_dim"},
        {"-img a.jpg --print 0.1x0.1cm -or 0 1", "use larger paper, or a larger --dpi"},
        {"--size 1000x1000 -or 0 200", "more than 2^31; lower the end of -or 0 200"},
    };
    const gd_settings_facts facts = at_start();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gd_settings s;
        gd_error error = {""};
        assert_int_equal(resolve(rows[i][0], &facts, &s, &error), GD_USAGE);
        if (!strstr(error.message, rows[i][1]))
            fail_msg("%s: '%s' lacks '%s'", rows[i][0], error.message, rows[i][1]);
    }
    settled("--size 60x60 -or 0 1 -os 0", &facts); /* nothing is dreamt */
}

static void tiles(void **state)
{
    (void)state;
    gd_settings_facts facts = at_start();
    gd_settings s = settled("", &facts);
    assert_true(s.tile.start == 2048 && s.tile.end == 2048);
    is_because(&s, GD_SETTING_TILE, "");
    s = settled("--compat tensorflow", &facts);
    assert_true(s.tile.start == 512 && s.tile.end == 512);
    s = settled("-ts 500:1000", &facts);
    assert_true(s.tile.start == 512 && s.tile.end == 1008);
    is_because(&s, GD_SETTING_TILE,
               "-ts 500 is rounded to 512: tiles are multiples of the network's stride, 16");
    assert_true(s.remark[GD_SETTING_TILE]);
    s = settled("-ts 500 --compat tensorflow", &facts); /* there tiles are as given */
    assert_true(s.tile.start == 500);
    gd_error error;
    assert_int_equal(resolve("-ts 70 --compat tensorflow", &facts, &s, &error), GD_USAGE);
    assert_string_equal(error.message,
                        "-ts 70 is below the 75 pixels that Inception V3 needs; use -ts 75 or more");
}

/* -ts auto, precision and transport wait for the device, and for nothing else. */
static void with_the_device(void **state)
{
    (void)state;
    const gd_options o = options_of("-ts auto");
    gd_settings_facts facts = at_start();
    gd_settings s = {0};
    gd_error error;
    facts.gpu = true;
    check_ok(gd_settings_resolve(&o, &facts, &s, &error), error);
    assert_int_equal(s.backend, GD_BACKEND_CUDA);
    is_because(&s, GD_SETTING_BACKEND, "there is a GPU");
    assert_true(s.tile.start == 0 && s.precision == GD_PRECISION_AUTO && s.transport == GD_TRANSPORT_AUTO);
    const gd_settings_facts device = {.device = true,
                                      .device_precision = GD_PRECISION_BF16,
                                      .device_tile = 1536,
                                      .device_transport = GD_TRANSPORT_NCCL};
    check_ok(gd_settings_resolve(&o, &device, &s, &error), error);
    assert_true(s.tile.start == 1536 && s.tile.end == 1536);
    assert_int_equal(s.precision, GD_PRECISION_BF16);
    assert_int_equal(s.transport, GD_TRANSPORT_NCCL);
    is_because(&s, GD_SETTING_TILE, "-ts auto: the largest that fits the device's memory well");
    is_because(&s, GD_SETTING_TRANSPORT, "each rank has a GPU of its own");
    assert_true(s.why[GD_SETTING_PRECISION][0]);
    gd_settings_facts unmeasured = device;
    gd_settings other = {.backend = GD_BACKEND_CPU};
    unmeasured.device_precision = GD_PRECISION_FP32;
    unmeasured.device_advice = "another may be faster";
    check_ok(gd_settings_resolve(&o, &unmeasured, &other, &error), error);
    assert_int_equal(other.precision, GD_PRECISION_FP32);
    is_because(&other, GD_SETTING_PRECISION, "another may be faster");
    /* A second time nothing changes. */
    gd_settings again = s;
    check_ok(gd_settings_resolve(&o, &device, &again, &error), error);
    assert_memory_equal(&again, &s, sizeof s);
}

static void the_only_precision(void **state)
{
    (void)state;
    const gd_options o = options_of("--backend reference");
    gd_settings_facts facts = at_start();
    gd_settings s = {0};
    gd_error error;
    check_ok(gd_settings_resolve(&o, &facts, &s, &error), error);
    const gd_settings_facts device = {
        .device = true, .device_precision = GD_PRECISION_FP64, .device_transport = GD_TRANSPORT_MPI};
    check_ok(gd_settings_resolve(&o, &device, &s, &error), error);
    assert_int_equal(s.precision, GD_PRECISION_FP64);
    is_because(&s, GD_SETTING_PRECISION, "the only one of that backend");
    is_because(&s, GD_SETTING_TRANSPORT, "NCCL needs several ranks, each with a GPU of its own");
}

static void backends(void **state)
{
    (void)state;
    gd_settings_facts facts = at_start();
    gd_settings s = settled("", &facts);
    assert_int_equal(s.backend, GD_BACKEND_CPU);
    is_because(&s, GD_SETTING_BACKEND, "the program is built without GPU support");
    assert_false(s.remark[GD_SETTING_BACKEND]);
    facts.no_gpu = "no driver; load it";
    s = settled("", &facts);
    assert_int_equal(s.backend, GD_BACKEND_CPU);
    is_because(&s, GD_SETTING_BACKEND, "no driver; load it");
    assert_true(s.remark[GD_SETTING_BACKEND]);
    s = settled("--dry-run --device h100", &facts);
    assert_int_equal(s.backend, GD_BACKEND_CUDA);
    is_because(&s, GD_SETTING_BACKEND, "--device names a GPU");
    facts.gpu = true;
    assert_int_equal(settled("--backend reference", &facts).backend, GD_BACKEND_REFERENCE);
}

static void precision_of_compat(void **state)
{
    (void)state;
    gd_settings_facts facts = at_start();
    gd_settings s = settled("--compat tensorflow", &facts);
    assert_int_equal(s.precision, GD_PRECISION_FP32);
    is_because(&s, GD_SETTING_PRECISION, "--compat: the TensorFlow program computes in it");
    s = settled("--compat tensorflow --backend reference", &facts);
    assert_int_equal(s.precision, GD_PRECISION_AUTO);
}

/* A resumed render keeps what it was begun with, whatever this host has. */
static void of_a_checkpoint(void **state)
{
    (void)state;
    gd_settings_facts facts = at_start();
    facts.continued = facts.gpu = true;
    facts.base_rows = 123;
    facts.base_cols = 456;
    facts.tile = (gd_schedule){1536, 1536, GD_CURVE_LINEAR};
    facts.backend = GD_BACKEND_CPU;
    facts.precision = GD_PRECISION_FP32;
    facts.chosen = options_of("-img a.jpg -ml mixed4:7,9").chosen;
    const gd_settings s = settled("-img a.jpg -ts auto -or 0 1 -ml mixed4:strong2", &facts);
    assert_true(s.chosen.layer_count == 1 && s.chosen.channel_runs[1].first == 9);
    assert_true(s.base_rows == 123 && s.base_cols == 456 && s.tile.start == 1536);
    assert_true(s.backend == GD_BACKEND_CPU && s.precision == GD_PRECISION_FP32);
    for (int i = 0; i < GD_SETTING_COUNT; i++)
        is_because(&s, i, i == GD_SETTING_OCTAVES || i == GD_SETTING_TRANSPORT ? "" : "as in the checkpoint");
}

/* What the picture's text has: nothing is left open, and reading it gives the same settings. */
static void complete_options(void **state)
{
    (void)state;
    gd_settings_facts facts = at_start();
    const gd_options o = options_of("-img a.jpg -img_max_dim 3000 -or auto -ts auto -ml 3 5");
    gd_options complete;
    gd_error error;
    gd_settings s = {0};
    char text[4096];
    check_ok(gd_settings_resolve(&o, &facts, &s, &error), error);
    const gd_settings_facts device = {.device = true,
                                      .device_precision = GD_PRECISION_BF16,
                                      .device_tile = 1024,
                                      .device_transport = GD_TRANSPORT_MPI};
    check_ok(gd_settings_resolve(&o, &device, &s, &error), error);
    gd_settings_complete(&o, &s, &complete);
    assert_int_equal(gd_options_text(&complete, "numerics", text, sizeof text), GD_OK);
    assert_string_equal(
        text,
        "gigadream -img a.jpg -img_max_dim 3000 --bits 8 -m inceptionV3 -ml 3 5 --objective mean -or -9 1 "
        "-osc 1.2 -os 20 -ss 0.01 --normalize deviation --strength 1 --seed 1 -ts 1024 --halo auto "
        "--backend cpu --precision bf16 # numerics");
    assert_null(strstr(text, "-or auto"));
    assert_true(o.octaves_auto && o.tile_auto); /* as given */
    gd_settings again = {0};
    check_ok(gd_settings_resolve(&complete, &facts, &again, &error), error);
    assert_true(again.octave_first == s.octave_first && again.octave_end == s.octave_end);
    assert_true(again.tile.start == s.tile.start && again.backend == s.backend);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_given_stays),
        cmocka_unit_test(sizes),
        cmocka_unit_test(octaves),
        cmocka_unit_test(octaves_that_do_not_fit),
        cmocka_unit_test(tiles),
        cmocka_unit_test(with_the_device),
        cmocka_unit_test(the_only_precision),
        cmocka_unit_test(backends),
        cmocka_unit_test(precision_of_compat),
        cmocka_unit_test(of_a_checkpoint),
        cmocka_unit_test(complete_options),
    };
    return cmocka_run_group_tests(tests, make_net, free_net);
}
