/* Every row of the table of flags: its default, its bounds, its words, and that what it prints it reads. */
#include "check.h"

#include "options/argv_split.h"
#include "options/flag_find.h"
#include "options/options_format.h"
#include "options/options_parse.h"
#include "options/parameter_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A value for each flag that has one, which is not its default. */
static const char *const samples[GD_FLAG_COUNT] = {
    [GD_FLAG_INPUT] = "it's a.jpg",
    [GD_FLAG_PRINT] = "70.5x33.25cm",
    [GD_FLAG_SIZE] = "640x400",
    [GD_FLAG_MAX_DIM] = "77",
    [GD_FLAG_DPI] = "123.4",
    [GD_FLAG_BITS] = "16",
    [GD_FLAG_COMPRESSION] = "zstd",
    [GD_FLAG_BIGTIFF] = "never",
    [GD_FLAG_PYRAMID] = "off",
    [GD_FLAG_OUTPUT] = "\xFF b.tif",
    [GD_FLAG_MODEL] = "inceptionResNet",
    [GD_FLAG_LAYERS] = "3 5",
    [GD_FLAG_OCTAVES] = "-6 -2",
    [GD_FLAG_OCTAVE_SCALE] = "1.2345678901234567",
    [GD_FLAG_STEPS] = "3",
    [GD_FLAG_STRENGTH] = "0.5",
    [GD_FLAG_MASK] = "mask.png",
    [GD_FLAG_OBJECTIVE] = "l2",
    [GD_FLAG_GUIDE] = "g,h.png",
    [GD_FLAG_STEP_SIZE] = "0.1:0.02:exp",
    [GD_FLAG_SMOOTH] = "2:0.5:linear",
    [GD_FLAG_TV] = "0.25",
    [GD_FLAG_NORMALIZE] = "laplacian",
    [GD_FLAG_LIKE] = "a.tif",
    [GD_FLAG_PRESET] = "eyes",
    [GD_FLAG_SEED] = "18446744073709551615",
    [GD_FLAG_FRAMES] = "7",
    [GD_FLAG_BLEND] = "0.25",
    [GD_FLAG_FLOW] = "flow_%d.flo",
    [GD_FLAG_ZOOM] = "1.25",
    [GD_FLAG_ROTATE] = "-2.5",
    [GD_FLAG_SHIFT] = "2.5,-1",
    [GD_FLAG_TILE] = "64:512:cosine",
    [GD_FLAG_HALO] = "7",
    [GD_FLAG_COMPAT] = "tensorflow",
    [GD_FLAG_BACKEND] = "reference",
    [GD_FLAG_PRECISION] = "tf32",
    [GD_FLAG_WEIGHTS] = "bundled",
    [GD_FLAG_REPLAY] = "r.jsonl",
    [GD_FLAG_THREADS] = "3",
    [GD_FLAG_MEMORY] = "300MiB",
    [GD_FLAG_SCRATCH] = "/tmp",
    [GD_FLAG_TRANSPORT] = "nccl",
    [GD_FLAG_PREVIEW] = "a b%03d.jpg,64",
    [GD_FLAG_PREVIEW_EVERY] = "4",
    [GD_FLAG_LOG] = "#l.jsonl",
    [GD_FLAG_WEB] = "page",
    [GD_FLAG_WEB_QUALITY] = "80",
    [GD_FLAG_SAVE_PARAMETERS] = "p",
    [GD_FLAG_SHEET] = "mixed4:0-7",
    [GD_FLAG_CHECKPOINT] = "c.h5",
    [GD_FLAG_CHECKPOINT_EVERY] = "100steps",
    [GD_FLAG_RESUME] = "c.h5",
    [GD_FLAG_RANKS] = "9",
    [GD_FLAG_DEVICE] = "h100",
};

/* Reads one flag with a value, or its two, over the defaults. */
static gd_status read_one(int id, const char *value, gd_options *o, gd_error *error)
{
    char copy[128] = "", name[GD_FLAG_NAME_MAX];
    const char *values[2] = {value ? copy : NULL, NULL};
    snprintf(copy, sizeof copy, "%s", value ? value : "");
    char *blank = gd_flag_values(&gd_flags[id]) == 2 ? strchr(copy, ' ') : NULL;
    if (blank) {
        *blank = '\0';
        values[1] = blank + 1;
    }
    gd_flag_name(&gd_flags[id], name);
    gd_options_default(o);
    return gd_flag_read(&gd_flags[id], name, values, o, error);
}

static void print_and_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const gd_flag *flag = &gd_flags[i];
        gd_options o, again;
        gd_error error = {""};
        char text[GD_OPTION_TEXT], usual[GD_OPTION_TEXT];
        if ((gd_flag_values(flag) > 0) != (samples[i] != NULL))
            fail_msg("--%s: the test has no value for it, or one too many", flag->long_name);
        gd_options_default(&again);
        assert_true(gd_flag_text(flag, &again, usual, sizeof usual));
        check_ok(read_one(i, samples[i], &o, &error), error);
        assert_true(gd_flag_text(flag, &o, text, sizeof text));
        if (strcmp(text, samples[i] ? samples[i] : "on") != 0 || strcmp(text, usual) == 0)
            fail_msg("--%s prints '%s', by default '%s'", flag->long_name, text, usual);
        check_ok(read_one(i, samples[i] ? text : NULL, &again, &error), error);
        assert_memory_equal(&o, &again, sizeof o);
    }
}

/* As a command, split and parsed again; and as a file of flags. */
static void commands_and_files(void **state)
{
    (void)state;
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        gd_options o, again;
        gd_error error = {""};
        gd_argv_words words;
        char text[1 << 14], path[] = "/tmp/gd_table_XXXXXX", at[64], program[] = "gigadream";
        bool given[GD_FLAG_COUNT] = {false};
        if (gd_flag_values(&gd_flags[i]) > 0 && !samples[i])
            continue; /* print_and_read_back fails */
        check_ok(read_one(i, samples[i], &o, &error), error);
        if (!(gd_flags[i].traits & GD_FLAG_UNSPELLED)) {
            assert_int_equal(gd_options_command(&o, text, sizeof text), GD_OK);
            check_ok(gd_argv_words_split(text, &words, &error), error);
            gd_options_default(&again);
            check_ok(gd_options_parse_flags(words.count, words.items, &again, given, &error), error);
            assert_memory_equal(&o, &again, sizeof o);
            gd_argv_words_free(&words);
        }
        if (gd_flags[i].traits & (GD_FLAG_ONCE | GD_FLAG_PERMISSION))
            continue;
        assert_int_equal(gd_options_parameters(&o, text, sizeof text), GD_OK);
        const int fd = mkstemp(path);
        assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
        close(fd);
        snprintf(at, sizeof at, "@%s", path);
        char *argv[] = {program, at, NULL};
        check_ok(gd_parameters_expand(2, argv, &words, &error), error);
        gd_options_default(&again);
        check_ok(gd_options_parse_flags(words.count, words.items, &again, given, &error), error);
        assert_memory_equal(&o, &again, sizeof o);
        gd_argv_words_free(&words);
        unlink(path);
    }
}

static void check_bound(int id, double value, bool fits)
{
    gd_options o;
    gd_error error = {""};
    char text[32];
    snprintf(text, sizeof text, "%.17g", value);
    const gd_status status = read_one(id, text, &o, &error);
    if ((status == GD_OK) != fits || (!fits && !strstr(error.message, text)))
        fail_msg("--%s %s: '%s'", gd_flags[id].long_name, text, error.message);
}

static void bounds(void **state)
{
    (void)state;
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const gd_flag *flag = &gd_flags[i];
        if (flag->kind != GD_VALUE_WHOLE && flag->kind != GD_VALUE_DOUBLE)
            continue;
        assert_true(flag->low < flag->high);
        check_bound(i, flag->low, true);
        check_bound(i, flag->high, true);
        check_bound(i, flag->low - 1, false);
        check_bound(i, flag->high + 1, false);
    }
}

/* A number without a remedy of its own. */
static void bounds_are_the_remedy(void **state)
{
    (void)state;
    gd_options o;
    gd_error error = {""};
    gd_flag flag = gd_flags[GD_FLAG_DPI];
    const char *large[] = {"10001", NULL}, *no_number[] = {"x", NULL};
    flag.wrong = NULL;
    gd_options_default(&o);
    assert_int_equal(gd_flag_read(&flag, "--dpi", large, &o, &error), GD_USAGE);
    assert_string_equal(error.message, "--dpi 10001: give a number from 1 to 10000");
    assert_int_equal(gd_flag_read(&flag, "--dpi", no_number, &o, &error), GD_USAGE);
    assert_string_equal(error.message, "--dpi x: not a finite number: give a number from 1 to 10000");
}

/* Each word sets its value; a derived one is refused; none is another's beginning by chance. */
static void words(void **state)
{
    (void)state;
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const gd_flag *flag = &gd_flags[i];
        for (const gd_enum_name *word = flag->kind == GD_VALUE_ENUM ? flag->names : NULL; word && word->text;
             word++) {
            gd_options o;
            gd_error error = {""};
            const gd_status status = read_one(i, word->text, &o, &error);
            if ((status == GD_OK) != (word->use != GD_NAME_DERIVED))
                fail_msg("--%s %s: '%s'", flag->long_name, word->text, error.message);
            if (status == GD_OK)
                assert_string_equal(gd_flag_choice_name(flag, &o), word->text);
        }
    }
}

/* What rows promise each other. */
static void rows_agree(void **state)
{
    (void)state;
    gd_options preset;
    gd_error error = {""};
    gd_options_default(&preset);
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const gd_flag *flag = &gd_flags[i];
        gd_options o;
        const bool own = flag->kind == GD_VALUE_OWN || flag->kind == GD_VALUE_OWN_PAIR;
        assert_true(flag->long_name && flag->meaning && flag->meaning[strlen(flag->meaning) - 1] != '.');
        assert_true(!own || (flag->read && flag->print));
        assert_true(flag->kind != GD_VALUE_ENUM || flag->names);
        /* A path is never of the look, and what is, stands in a picture's text. */
        assert_true(!(flag->traits & GD_FLAG_LOOK) || flag->kind != GD_VALUE_PATH);
        assert_true(!(flag->traits & GD_FLAG_LOOK) || (flag->traits & GD_FLAG_PIXELS));
        /* What is copied or reset has a field. */
        if (flag->traits & (GD_FLAG_LATE | GD_FLAG_PERMISSION))
            assert_true(flag->bytes > 0);
        if (flag->preset && flag->kind != GD_VALUE_SWITCH) {
            check_ok(read_one(i, flag->preset, &o, &error), error);
            assert_memory_equal(&o, &preset, sizeof o);
        }
    }
}

static void switches_are_turned_off(void **state)
{
    (void)state;
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        gd_options o, preset;
        gd_error error = {""};
        if (gd_flags[i].kind != GD_VALUE_SWITCH)
            continue;
        gd_options_default(&preset);
        check_ok(read_one(i, "on", &o, &error), error);
        assert_true(gd_flag_is_on(&gd_flags[i], &o));
        check_ok(read_one(i, "off", &o, &error), error);
        assert_memory_equal(&o, &preset, sizeof o);
    }
}

static void copied_and_reset(void **state)
{
    (void)state;
    gd_options o, preset;
    gd_options_default(&o);
    gd_options_default(&preset);
    o.overwrite = o.trust = o.quiet = true;
    o.bits = 16;
    gd_flags_reset(&o, GD_FLAG_PERMISSION);
    assert_true(!o.overwrite && !o.trust && !o.quiet && o.bits == 16);
    gd_flags_copy(&o, GD_FLAG_LATE, &preset);
    assert_int_equal(preset.bits, 16);
}

static void argv_is_split(void **state)
{
    (void)state;
    gd_argv_words words;
    gd_error error;
    check_ok(gd_argv_words_split("a\t'b  c'd \\' $'\\x41\\'' '' e# #f 'g'", &words, &error), error);
    static const char *const expected[] = {"a", "b  cd", "'", "A'", "", "e#"};
    assert_int_equal(words.count, 6);
    for (int i = 0; i < 6; i++)
        assert_string_equal(words.items[i], expected[i]);
    assert_string_equal(words.remark, "f 'g'");
    assert_false(words.open);
    gd_argv_words_free(&words);
    check_ok(gd_argv_words_split("a 'b", &words, &error), error);
    assert_true(words.open && words.count == 2);
    assert_string_equal(words.remark, "");
    gd_argv_words_free(&words);
    check_ok(gd_argv_words_split("", &words, &error), error);
    assert_int_equal(words.count, 0);
    gd_argv_words_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(print_and_read_back),
        cmocka_unit_test(commands_and_files),
        cmocka_unit_test(bounds),
        cmocka_unit_test(bounds_are_the_remedy),
        cmocka_unit_test(words),
        cmocka_unit_test(rows_agree),
        cmocka_unit_test(switches_are_turned_off),
        cmocka_unit_test(copied_and_reset),
        cmocka_unit_test(argv_is_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
