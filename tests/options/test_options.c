/* Every flag, and what its value becomes. */
#include "check.h"
#include "command_line.h"

#include "options/enum_names.h"
#include "options/flag_values.h"
#include "options/layers.h"
#include "options/options.h"
#include "options/options_format.h"
#include "options/options_parse.h"
#include "options/special_values.h"
#include "text/placeholder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void defaults(void **state)
{
    (void)state;
    gd_options o = good("");
    assert_int_equal(o.action, GD_ACTION_RENDER);
    assert_string_equal(o.input, "random_noise");
    assert_true(gd_options_noise(&o));
    assert_string_equal(o.output, "");
    assert_int_equal(o.output_choice, GD_OUTPUT_BY_SIZE);
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
    assert_int_equal(o.chosen.layer_count, 0);
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
    assert_int_equal(o.chosen.layer_count, 2);
    assert_string_equal(o.chosen.layers[0].name, "mixed3");
    assert_true(o.chosen.layers[0].weight == 0.5 && o.chosen.layers[1].weight == 1);
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
    assert_true(gd_placeholder("%03d.jpg", &width) == 4 && width == 3);
    assert_true(gd_placeholder("%d.jpg", &width) == 2 && width == 0);
    assert_int_equal(gd_placeholder("%00d", &width), 0);
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
    assert_true(o.layer_first == 1 && o.chosen.layer_count == 0);
}

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

/* --compat has a word for each row of the table of rules. */
static void all_rules_have_a_word(void **state)
{
    (void)state;
    for (int i = 0; i < GD_COMPAT_COUNT; i++) {
        const char *text = gd_enum_text(gd_compat_names, i);
        assert_true(*text);
        assert_int_equal(gd_enum_find(gd_compat_names, text)->value, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_rules_have_a_word),
        cmocka_unit_test(defaults),
        cmocka_unit_test(steps_of_compat),
        cmocka_unit_test(short_flags),
        cmocka_unit_test(long_flags),
        cmocka_unit_test(octaves_by_size),
        cmocka_unit_test(flags_of_files),
        cmocka_unit_test(previews),
        cmocka_unit_test(other_ways),
        cmocka_unit_test(checkpoints),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
