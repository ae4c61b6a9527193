/* Every flag, and every sentence for a wrong one. */
#include "check.h"

#include "options/argv_split.h"
#include "options/enum_names.h"
#include "options/flag_values.h"
#include "options/layers.h"
#include "options/options.h"
#include "options/options_format.h"
#include "options/options_parse.h"
#include "options/preview.h"
#include "options/special_values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 64 };

/* Parses a command line, split at blanks; '' stands for an empty argument. */
static gd_status parse(const char *line, gd_options *options, gd_error *error)
{
    char copy[2048], *rest, *words[WORDS_MAX] = {"gigadream"};
    static char nothing[] = "";
    int count = 1;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *w = strtok_r(copy, " ", &rest); w && count < WORDS_MAX; w = strtok_r(NULL, " ", &rest))
        words[count++] = strcmp(w, "''") == 0 ? nothing : w;
    error->message[0] = '\0';
    return gd_options_parse(count, words, options, error);
}

static gd_options good(const char *line)
{
    gd_options options;
    gd_error error;
    if (parse(line, &options, &error) != GD_OK)
        fail_msg("[%s]: %s", line, error.message);
    return options;
}

static void defaults(void **state)
{
    (void)state;
    gd_options o = good("");
    assert_int_equal(o.action, GD_ACTION_RENDER);
    assert_string_equal(o.input, "random_noise");
    assert_true(gd_options_noise(&o));
    assert_string_equal(o.output, "noise_dream.tif");
    assert_int_equal(o.max_dim, 1024);
    assert_true(o.noise_rows == 0 && o.noise_cols == 0);
    assert_false(o.enlarge || o.save_input || o.compat != GD_COMPAT_NONE || o.quiet);
    assert_true(o.final_resize);
    assert_true(o.bits == 8 && o.pyramid && o.dpi == 0 && o.print_width == 0 && gd_options_dpi(&o) == 0);
    assert_true(o.compression == GD_COMPRESSION_DEFLATE && o.bigtiff == GD_BIGTIFF_AUTO);
    assert_true(o.tile.start == 0);
    assert_true(o.step_size.start == 0.01 && o.step_size.end == 0.01);
    assert_true(o.octave_scale == 1.2);
    assert_true(o.octave_first == -4 && o.octave_end == 2);
    assert_int_equal(o.steps, 20);
    assert_int_equal(o.architecture, GD_INCEPTION_V3);
    assert_int_equal(o.layer_count, 0);
    assert_true(o.layer_first == -1 && o.layer_end == -1);
    assert_int_equal(o.halo_kind, GD_HALO_AUTO);
    assert_int_equal(o.seed, 1);
    assert_int_equal(o.backend, GD_BACKEND_AUTO);
    assert_int_equal(o.precision, GD_PRECISION_AUTO);
    assert_int_equal(o.threads, 0);
    assert_string_equal(o.weights, "");
    assert_string_equal(o.log, "");
    assert_string_equal(o.replay, "");
}

/* The TensorFlow program's own, unless -os is given; and what a checkpoint says stays when flags come over
 * it. */
static void steps_of_compat(void **state)
{
    (void)state;
    char *flags[] = {"gigadream", "--quiet"};
    gd_error error;
    gd_options o = good("--compat tensorflow");
    assert_int_equal(o.steps, 80);
    o = good("-os 20 --compat tensorflow");
    assert_int_equal(o.steps, 20);
    check_ok(gd_options_parse_over(2, flags, &o, &error), error);
    assert_true(o.quiet && o.compat == GD_COMPAT_TENSORFLOW);
    assert_int_equal(o.steps, 20);
}

static void short_flags(void **state)
{
    (void)state;
    gd_options o =
        good("-img photo.jpg -img_out dream.png -img_max_dim 300 -save_input -ts 512 -ss 0.02 -osc 1.4 "
             "-or -6 -2 -os 0 -m inceptionResNet -ml 3 5");
    assert_string_equal(o.input, "photo.jpg");
    assert_string_equal(o.output, "dream.png");
    assert_int_equal(o.max_dim, 300);
    assert_true(o.save_input);
    assert_true(o.tile.start == 512 && o.tile.end == 512);
    assert_true(o.step_size.start == 0.02);
    assert_true(o.octave_scale == 1.4);
    assert_true(o.octave_first == -6 && o.octave_end == -2);
    assert_int_equal(o.steps, 0);
    assert_false(gd_options_need_network(&o));
    assert_int_equal(o.architecture, GD_INCEPTION_RESNET_V2);
    assert_true(o.layer_first == 3 && o.layer_end == 5);
}

static void long_flags(void **state)
{
    (void)state;
    gd_options o =
        good("--input=p.png --output d.tif --max-dim=99 --save-input --tile=64:128:cosine "
             "--step-size 0.1:0.01:exp --octave-scale=1.5 --octaves=-1 1 --steps=7 --model=inceptionV3 "
             "--layers mixed3=0.5,mixed5 --halo 32 --seed 18446744073709551615 --backend cpu "
             "--precision bf16 --threads 3 --weights official --no-final-resize --log l --replay r "
             "--quiet --enlarge");
    assert_string_equal(o.input, "p.png");
    assert_int_equal(o.max_dim, 99);
    assert_true(o.tile.start == 64 && o.tile.end == 128 && o.tile.curve == GD_CURVE_COSINE);
    assert_true(o.step_size.start == 0.1 && o.step_size.end == 0.01 && o.step_size.curve == GD_CURVE_EXP);
    assert_true(o.octave_first == -1 && o.octave_end == 1);
    assert_int_equal(o.steps, 7);
    assert_int_equal(o.layer_count, 2);
    assert_string_equal(o.layers[0].name, "mixed3");
    assert_true(o.layers[0].weight == 0.5 && o.layers[1].weight == 1);
    assert_true(o.halo_kind == GD_HALO_PIXELS && o.halo == 32);
    assert_true(o.seed == UINT64_MAX);
    assert_int_equal(o.backend, GD_BACKEND_CPU);
    assert_int_equal(o.precision, GD_PRECISION_BF16);
    assert_int_equal(o.threads, 3);
    assert_string_equal(o.weights, "official");
    assert_false(o.final_resize);
    assert_string_equal(o.log, "l");
    assert_string_equal(o.replay, "r");
    assert_true(o.quiet && o.enlarge);
}

static void octaves_by_size(void **state)
{
    (void)state;
    gd_options o = good("");
    assert_false(o.octaves_auto || o.keep_detail);
    o = good("-or auto -os 3 --keep-detail");
    assert_true(o.octaves_auto && o.keep_detail && o.steps == 3);
    char text[4096];
    assert_int_equal(gd_options_command(&o, text, sizeof text), GD_OK);
    assert_string_equal(text, "gigadream -or auto -os 3 --keep-detail");
    o = good("--octaves=auto -or -2 1");
    assert_true(!o.octaves_auto && o.octave_first == -2 && o.octave_end == 1);
}

static void flags_of_files(void **state)
{
    (void)state;
    gd_options o = good("--print 1000x700mm --bits 16 --compression lzw --pyramid off --bigtiff never");
    assert_true(fabs(o.print_width - 100) < 1e-9 && fabs(o.print_height - 70) < 1e-9);
    assert_true(o.dpi == 0 && gd_options_dpi(&o) == 300);
    assert_true(o.bits == 16 && !o.pyramid);
    assert_true(o.compression == GD_COMPRESSION_LZW && o.bigtiff == GD_BIGTIFF_NEVER);
    o = good("--print=36x24in --dpi 150.5 -img_out a.png --bits 16");
    assert_true(fabs(o.print_width - 91.44) < 1e-9 && gd_options_dpi(&o) == 150.5);
    o = good("--dpi 72 --bits 8 -img_out a.jpg");
    assert_true(gd_options_dpi(&o) == 72 && o.print_width == 0);
}

static void previews(void **state)
{
    (void)state;
    gd_options o = good("--preview f_%03d.jpg,300 --preview-every 4 -or -1 2 -os 10");
    assert_true(strcmp(o.preview, "f_%03d.jpg") == 0 && o.preview_pixels == 300 && o.preview_every == 4);
    o = good("--preview a,b.png -os 10");
    assert_true(strcmp(o.preview, "a,b.png") == 0 && o.preview_pixels == 1024 && o.preview_every == 0);
    int width = 0;
    assert_true(gd_preview_place("%03d.jpg", &width) == 4 && width == 3);
    assert_true(gd_preview_place("%d.jpg", &width) == 2 && width == 0);
    assert_int_equal(gd_preview_place("%00d", &width), 0);
    assert_int_equal(good("-os 10").preview[0], '\0');
}

static void other_ways(void **state)
{
    (void)state;
    gd_options o = good("--size 320x200 --halo exact");
    assert_true(o.noise_cols == 320 && o.noise_rows == 200);
    assert_int_equal(o.halo_kind, GD_HALO_EXACT);
    o = good("--compat tensorflow --halo 0");
    assert_true(o.compat == GD_COMPAT_TENSORFLOW &&
                o.precision == GD_PRECISION_AUTO); /* see tests/job/test_settings.c */
    assert_int_equal(good("--compat tensorflow --backend reference").precision, GD_PRECISION_AUTO);
    assert_int_equal(good("--dump-tape").action, GD_ACTION_DUMP_TAPE);
    assert_int_equal(good("--dry-run").action, GD_ACTION_DRY_RUN);
    assert_string_equal(good("--dry-run --device h100").device, "h100");
    assert_int_equal(good("--dry-run --ranks 64").ranks, 64);
    assert_true(good("--proof").proof && !good("").proof && good("--proof").action == GD_ACTION_RENDER);
    assert_int_equal(good("--proof --dry-run").action, GD_ACTION_DRY_RUN);
    assert_int_equal(good("--device-info --nonsense").action, GD_ACTION_DEVICE_INFO);
    assert_true(good("--autotune").autotune && good("--share-gpu").share_gpu);
    assert_int_equal(good("--transport nccl").transport, GD_TRANSPORT_NCCL);
    assert_int_equal(good("--precision tf32").precision, GD_PRECISION_TF32);
    assert_int_equal(good("-h").action, GD_ACTION_HELP);
    assert_int_equal(good("-os 5 --help --nonsense").action, GD_ACTION_HELP);
    assert_int_equal(good("--version").action, GD_ACTION_VERSION);
    assert_string_equal(good("-img a -img b").input, "b");
    assert_int_equal(good("--ts 64 -tile 128").tile.start, 128);
    assert_true(good("-ts 64 -ts auto").tile_auto);
    assert_true(good("-ts 64 -ts auto").tile.start == 0);
    assert_false(good("-ts auto -ts 64").tile_auto);
    assert_string_equal(good("-img -odd.jpg").input, "-odd.jpg");
    o = good("-ml mixed0,mixed1 -ml 1 2");
    assert_true(o.layer_first == 1 && o.layer_count == 0);
}

/* A command line, and what its sentence must hold. */
static const char *const wrong[][3] = {
    {"-ts 0", "-ts 0", "512"},
    {"-ts -5", "-ts -5", "512"},
    {"-ts 12.5", "-ts 12.5", "whole number"},
    {"-ts 512:0", "-ts 512:0", "whole number"},
    {"-ts 512x", "-ts 512x", "not a finite number"},
    {"-ts 1e12", "-ts 1e12", "100000000"},
    {"-ts nan", "-ts nan", "not a finite number"},
    {"-ts", "-ts", "missing; write -ts auto|N"},
    {"-ts -ss 0.1", "-ts", "missing"},
    {"-ts ''", "-ts", "not a finite number"},
    {"--tile= -ss 1", "--tile", "not a finite number"},
    {"-osc 1", "-osc 1", "above 1"},
    {"-osc 0.5", "-osc 0.5", "above 1"},
    {"-osc -2", "-osc -2", "above 1"},
    {"-osc nan", "-osc nan", "not a finite number"},
    {"-osc inf", "-osc inf", "not a finite number"},
    {"-osc 1e999", "-osc 1e999", "not a finite number"},
    {"-osc 1.2abc", "-osc 1.2abc", "not a finite number"},
    {"-osc 1e9", "-osc 1e9", "at most 100"},
    {"-os -1", "-os -1", "out of range"},
    {"-os 3.5", "-os 3.5", "not a whole number"},
    {"-os 99999999999999999999", "-os 99999999999999999999", "out of range"},
    {"-os", "-os", "missing"},
    {"-or 2 -4", "-or 2 -4", "-or 2 3"},
    {"-or 2 2", "-or 2 2", "B above A"},
    {"-or 1", "-or", "-or A B"},
    {"-or", "-or", "-or A B"},
    {"-or 1 -os 3", "-or", "-or A B"},
    {"-or a 3", "-or a", "not a whole number"},
    {"-or 1 3x", "-or 3x", "not a whole number"},
    {"-or 1 9999", "-or 9999", "out of range"},
    {"-or nan 2", "-or nan", "not a whole number"},
    {"-ss 0", "-ss 0", "0.001 to 0.1"},
    {"-ss -0.1", "-ss -0.1", "0.001 to 0.1"},
    {"-ss nan", "-ss nan", "not a finite number"},
    {"-ss 1e30", "-ss 1e30", "at most 1000"},
    {"-ss 0.1:0:exp", "-ss 0.1:0:exp", "linear or cosine"},
    {"-ss 0.1:0.2:sine", "-ss 0.1:0.2:sine", "linear, cosine or exp"},
    {"-img_max_dim 0", "-img_max_dim 0", "from 1"},
    {"-img_max_dim 10k", "-img_max_dim 10k", "not a whole number"},
    {"-img ''", "-img", "empty"},
    {"-img", "-img", "-img PATH"},
    {"-img_out ''", "-img_out", "empty"},
    {"-img_out folder/", "-img_out folder/", "folder/output.tif"},
    {"-m inceptionv3", "-m inceptionv3", "inceptionV3 or inceptionResNet"},
    {"--size 10", "--size 10", "1920x1080"},
    {"--size 10x", "--size 10x", "1920x1080"},
    {"--size x10", "--size x10", "1920x1080"},
    {"--size 1x2x3", "--size 1x2x3", "1920x1080"},
    {"--size 0x10", "--size 0", "from 1"},
    {"--print 100x70", "--print 100x70", "100x70cm"},
    {"--print 100cm", "--print 100cm", "100x70cm"},
    {"--print x70cm", "--print x70cm", "100x70cm"},
    {"--print 0x70cm", "--print 0x70cm", "from 0.1"},
    {"--print 100x70cm -img_max_dim 5", "--print", "-img_max_dim"},
    {"--print 100x70cm --size 5x5", "--print", "--size"},
    {"--print 100x70cm --no-final-resize", "--print", "--no-final-resize"},
    {"--dpi 0", "--dpi 0", "from 1"},
    {"--dpi fine", "--dpi fine", "such as 300"},
    {"--bits 12", "--bits 12", "8 or 16"},
    {"--bits 16 -img_out a.jpg", "--bits 16", "8 bits a channel"},
    {"--bits 16 --compression jpeg", "--compression jpeg", "8 bits a channel"},
    {"--compression zip", "--compression zip", "deflate, lzw, zstd, jpeg or none"},
    {"--compression lzw -img_out a.png", "--compression", "a.png"},
    {"--pyramid on -img_out a.jpg", "--pyramid", "a.jpg"},
    {"--pyramid yes", "--pyramid yes", "on or off"},
    {"--bigtiff 1", "--bigtiff 1", "auto, always or never"},
    {"--bigtiff never -img_out a.png", "--bigtiff", "name a .tif"},
    {"--preview a.tif", "--preview a.tif", ".jpg or .png"},
    {"--preview a.jpg,15", "--preview a.jpg,15", "from 16"},
    {"--preview a.jpg,5000", "--preview a.jpg,5000", "to 4096"},
    {"--preview a%s.jpg", "--preview a%s.jpg", "%03d"},
    {"--preview a%d%d.jpg", "--preview a%d%d.jpg", "%03d"},
    {"--preview a%012d.jpg", "--preview a%012d.jpg", "%03d"},
    {"--memory 2", "--memory 2", "2GiB"},
    {"--memory 2 GiB", "--memory 2", "2GiB"},
    {"--memory -1G", "--memory -1G", "2GiB"},
    {"--preview a.jpg --preview-every 0", "--preview-every 0", "from 1"},
    {"--preview-every 3", "--preview-every 3", "--preview FILE"},
    {"--halo some", "--halo some", "auto, exact"},
    {"--halo -1", "--halo -1", "auto, exact"},
    {"--compat torch", "--compat torch", "give tensorflow"},
    {"--seed -1", "--seed -1", "from 0"},
    {"--seed 18446744073709551616", "--seed 18446744073709551616", "from 0"},
    {"--seed 1.5", "--seed 1.5", "whole number"},
    {"--backend gpu", "--backend gpu", "auto, cuda, cpu or reference"},
    {"--transport ucx", "--transport ucx", "auto, mpi or nccl"},
    {"--precision fp64", "--precision fp64", "auto, bf16, fp16, tf32 or fp32"},
    {"--threads 0", "--threads 0", "from 1"},
    {"--weights ''", "--weights", "empty"},
    {"--log", "--log", "--log FILE"},
    {"--replay ''", "--replay", "empty"},
    {"--quiet=yes", "--quiet=yes", "takes no value"},
    {"--checkpoint-every 0min", "--checkpoint-every 0min", "10min"},
    {"--checkpoint-every 10", "--checkpoint-every 10", "octave"},
    {"--checkpoint-every steps", "--checkpoint-every steps", "100steps"},
    {"--resume a --proof", "--resume a", "--proof"},
    {"--resume a --restart", "--restart", "one of them"},
    {"-save_input=1", "-save_input=1", "takes no value"},
    {"photo.jpg", "photo.jpg", "-img photo.jpg"},
    {"-img a b", "'b'", "-img b"},
    {"-", "'-'", "-img"},
    {"--", "'--'", "-img"},
    {"''", "''", "-img PATH"},
    {"-octave 3", "-octave", "--octaves"},
    {"--tiles 3", "--tiles", "--tile"},
    {"--max 3", "--max", "--max-dim"},
    {"-IMG 3", "-IMG", "-img"},
    {"--sede=3", "--sede", "--seed"},
    {"--img-out x", "--img-out", "-img_out"},
    {"-img a --size 10x10", "--size", "-img_max_dim"},
    {"--size 10x10 -img_max_dim 5", "--size", "one of them"},
    {"--enlarge", "--enlarge", "random_noise"},
    {"--backend reference --precision bf16", "--precision bf16", "--backend reference"},
    {"--backend reference --precision fp32", "--precision fp32", "--backend reference"},
    {"--backend reference --precision fp16", "--precision fp16", "--backend reference"},
    {"--compat tensorflow --precision bf16", "--precision bf16", "--compat"},
    {"--compat tensorflow --precision tf32", "--precision tf32", "--compat"},
    {"--compat tensorflow -ts auto", "-ts auto", "--compat"},
    {"--backend cpu --precision fp16", "--precision fp16", "--backend cpu"},
    {"--device h100", "--device h100", "--dry-run"},
    {"--ranks 8", "--ranks 8", "--dry-run"},
    {"--dry-run --device h100 --backend cpu", "--device h100", "--backend cpu"},
    {"--compat tensorflow --keep-detail", "--keep-detail", "--compat"},
    {"-or auto 1", "-or auto 1", "write -or auto, or two"},
    {"-or 1 auto", "auto", "whole number"},
    {"--compat tensorflow --halo 64", "--halo", "--compat"},
    {"--halo exact --compat tensorflow", "--halo", "--compat"},
};

static void wrong_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        gd_options options;
        gd_error error;
        if (parse(wrong[i][0], &options, &error) != GD_USAGE)
            fail_msg("[%s] is not refused", wrong[i][0]);
        for (int j = 1; j < 3; j++)
            if (!strstr(error.message, wrong[i][j]))
                fail_msg("[%s]: '%s' lacks '%s'", wrong[i][0], error.message, wrong[i][j]);
        if (strchr(error.message, '\n') || error.message[strlen(error.message) - 1] == '.')
            fail_msg("[%s]: '%s' is no single sentence without a final point", wrong[i][0], error.message);
    }
}

static void each_value_flag_wants_its_value(void **state)
{
    (void)state;
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        char line[128];
        gd_options options;
        gd_error error;
        snprintf(line, sizeof line, "--%s", gd_flags[i].long_name);
        bool ml = i == GD_FLAG_LAYERS, noise = i == GD_FLAG_ENLARGE;
        gd_status expected = (gd_flag_values(&gd_flags[i]) > 0 && !ml) || noise ? GD_USAGE : GD_OK;
        if (parse(line, &options, &error) != expected)
            fail_msg("%s alone: '%s'", line, error.message);
    }
}

static void long_names_are_refused(void **state)
{
    (void)state;
    static char name[GD_PATH_MAX + 8];
    char program[] = "gigadream", flag[] = "-img";
    char *words[] = {program, flag, name};
    gd_options options;
    gd_error error;
    memset(name, 'a', GD_PATH_MAX);
    assert_int_equal(gd_options_parse(3, words, &options, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "longer than"));
}

/* The text of a picture gives, parsed again, the same parameters. */
static void checkpoints(void **state)
{
    (void)state;
    gd_options o = good("-os 3");
    assert_true(o.every == GD_EVERY_SECONDS && o.every_count == 600 && !o.checkpoint[0] && !o.restart);
    o = good("--checkpoint c.h5 --checkpoint-every 2h --restart");
    assert_true(o.every == GD_EVERY_SECONDS && o.every_count == 7200 && o.restart);
    assert_string_equal(o.checkpoint, "c.h5");
    assert_string_equal(good("--resume r.h5").resume, "r.h5");
    static const char *const every[] = {"90s", "7min", "100steps", "octave"};
    for (size_t i = 0; i < sizeof every / sizeof *every; i++) {
        char line[64], text[32], command[256];
        snprintf(line, sizeof line, "--checkpoint-every %s", every[i]);
        o = good(line);
        assert_true(gd_print_every(&o, text, sizeof text));
        assert_string_equal(text, every[i]);
        assert_int_equal(gd_options_command(&o, command, sizeof command), GD_OK);
        assert_non_null(strstr(command, line));
    }
}

static void memory(void **state)
{
    (void)state;
    char command[256];
    gd_options o = good("--memory 1.5g --scratch /tmp/x");
    assert_true(o.memory == UINT64_C(3) << 29);
    assert_string_equal(o.scratch, "/tmp/x");
    assert_int_equal(gd_options_command(&o, command, sizeof command), GD_OK);
    assert_string_equal(command, "gigadream --memory 1536MiB --scratch /tmp/x");
    assert_true(good("-os 3").memory == 0);
}

static void add_difference(void *context, const char *flag, const char *first, const char *second)
{
    char *text = context;
    const size_t length = strlen(text);
    snprintf(text + length, 512 - length, "%s%s: %s, %s", length ? "; " : "", flag, first, second);
}

static void difference_of(const char *a, const char *b, const char *expected)
{
    char found[512] = "";
    gd_argv_words words[3];
    gd_error error;
    check_ok(gd_argv_words_split(a, &words[0], &error), error);
    check_ok(gd_argv_words_split(b, &words[1], &error), error);
    check_ok(gd_argv_words_split("p -img_max_dim 1024 --precision auto", &words[2], &error), error);
    gd_argv_words_differences(&words[0], &words[1], &words[2], add_difference, found);
    assert_string_equal(found, expected);
    for (int i = 0; i < 3; i++)
        gd_argv_words_free(&words[i]);
}

static void words_and_differences(void **state)
{
    (void)state;
    gd_argv_words words;
    gd_error error;
    check_ok(gd_argv_words_split("  gigadream -img 'it'\\''s one.jpg' -or -4 2 ''", &words, &error), error);
    assert_int_equal(words.count, 7);
    assert_string_equal(words.items[2], "it's one.jpg");
    assert_string_equal(words.items[4], "-4");
    assert_string_equal(words.items[6], "");
    assert_null(words.items[7]);
    gd_argv_words_free(&words);
    difference_of("p -os 3 -or -4 2", "p -or -4 2 -os 3", "");
    difference_of("p -os 3 -or -4 2 -ss 1", "p -os 3 -or -4 1 -ss 1", "-or: -4 2, -4 1");
    difference_of("p -os 3 -or -4 2 -ss 1", "p -os 4 -or -4 2 -ss 2 --enlarge",
                  "--enlarge: not given, on; -os: 3, 4; -ss: 1, 2");
    difference_of("p --seed 2 -os 3", "p -os 3", "--seed: 2, not given");
    difference_of("p --precision auto", "p --compat tensorflow --precision fp32",
                  "--compat: not given, tensorflow; --precision: auto, fp32");
    difference_of("p -img_max_dim 300", "p --print 9x9cm",
                  "--print: not given, 9x9cm; -img_max_dim: 300, not given");
    difference_of("p --print 9x9cm", "p -img_max_dim 1024", "--print: 9x9cm, not given");
    difference_of("p", "p -img_max_dim 1024", "-img_max_dim: not given, 1024");
}

static void text_round_trip(void **state)
{
    (void)state;
    gd_options o =
        good("-img it's.jpg -img_max_dim 300 --enlarge -ts 64:512:exp -ss 0.1:0.012345678901234567 -osc "
             "1.23456789012345678 -or -6 -2 -os 3 -ml mixed3=0.1,mixed5=-2 --halo 7 --seed "
             "12345678901234567890 --precision fp32 --no-final-resize --weights bundled");
    char text[8192];
    assert_int_equal(gd_options_text(&o, "a note", text, sizeof text), GD_OK);
    assert_non_null(strstr(text, "'it'\\''s.jpg'"));
    assert_non_null(strstr(text, " # a note"));
    char *quoted = strstr(text, "'it'\\''s.jpg'"), line[8192];
    *strstr(text, " # ") = '\0';
    snprintf(line, sizeof line, "%.*sit's.jpg%s", (int)(quoted - text) - 10, text + 10, quoted + 13);
    gd_options again = good(line);
    assert_memory_equal(&again, &o, sizeof o);
    assert_int_equal(gd_options_text(&o, NULL, text, 50), GD_USAGE);
    o = good("--print 70.5x33.25cm --dpi 123.4 --bits 16 --compression zstd --bigtiff always --pyramid off");
    assert_int_equal(gd_options_text(&o, NULL, text, sizeof text), GD_OK);
    again = good(text + strlen("gigadream "));
    assert_memory_equal(&again, &o, sizeof o);
}

static void command_holds_what_was_given(void **state)
{
    (void)state;
    gd_options o = good("-img a.jpg -img_out b.tif -save_input -ts 512 -ml 3 5 --size 4x4 -img random_noise");
    char text[512];
    assert_int_equal(gd_options_command(&o, text, sizeof text), GD_OK);
    assert_string_equal(text, "gigadream --size 4x4 -img_out b.tif -save_input -ml 3 5 -ts 512");
}

/* --compat takes the names of the table of rules. */
static void compat_words_are_the_tables(void **state)
{
    (void)state;
    int found = 0;
    for (const gd_enum_name *word = gd_compat_names; word->text; word++) {
        assert_int_equal(gd_compat_find(word->text), word->value);
        found += word->value != GD_COMPAT_NONE;
    }
    assert_int_equal(found, GD_COMPAT_COUNT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compat_words_are_the_tables),
        cmocka_unit_test(defaults),
        cmocka_unit_test(steps_of_compat),
        cmocka_unit_test(short_flags),
        cmocka_unit_test(long_flags),
        cmocka_unit_test(octaves_by_size),
        cmocka_unit_test(flags_of_files),
        cmocka_unit_test(previews),
        cmocka_unit_test(other_ways),
        cmocka_unit_test(wrong_values),
        cmocka_unit_test(each_value_flag_wants_its_value),
        cmocka_unit_test(long_names_are_refused),
        cmocka_unit_test(checkpoints),
        cmocka_unit_test(memory),
        cmocka_unit_test(words_and_differences),
        cmocka_unit_test(text_round_trip),
        cmocka_unit_test(command_holds_what_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
