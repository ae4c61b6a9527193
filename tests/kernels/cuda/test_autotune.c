/* The record of choices, and choices by time: the times are made up, the plans are real. */
#include "check.h"
#include "kernels/cuda/convolution/autotune.h"
#include "kernels/cuda/convolution/autotune_cache.h"
#include "kernels/cuda/convolution/convolution_search.h"
#include "kernels/cuda/convolution/cudnn_handle.h"
#include "kernels/cuda/device/properties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 16 };

static const char device[] = "NVIDIA H100 80GB HBM3";

static const gd_conv_shape shape = {.type = GD_CUDA_F16,
                                    .bias = true,
                                    .relu = true,
                                    .in = 64,
                                    .in_rows = 73,
                                    .in_cols = 73,
                                    .in_pitch = 64,
                                    .out = 80,
                                    .out_rows = 73,
                                    .out_cols = 73,
                                    .out_pitch = 80,
                                    .in_line = 73,
                                    .out_line = 73,
                                    .kernel_rows = 1,
                                    .kernel_cols = 1,
                                    .stride = 1};

static gd_conv_shape with_rows(int32_t rows)
{
    gd_conv_shape other = shape;
    other.in_rows = other.out_rows = rows;
    return other;
}

static gd_conv_choice some_choice(int64_t engine)
{
    return (gd_conv_choice){
        .engine = engine, .workspace = 8 * engine, .knob_count = 1, .knobs = {2}, .values = {-1}};
}

static gd_cudnn *open_h100(void)
{
    gd_properties properties;
    gd_cudnn *cudnn;
    gd_error error;
    check_ok(gd_properties_read("h100", &properties, &error), error);
    check_ok(gd_cudnn_open(properties.json, NULL, &cudnn, &error), error);
    gd_properties_free(&properties);
    return cudnn;
}

static void add(gd_choices *choices, int32_t rows, int64_t engine)
{
    gd_error error;
    const gd_conv_shape at = with_rows(rows);
    const gd_conv_choice choice = some_choice(engine);
    check_ok(gd_choices_add(choices, &at, &choice, &error), error);
}

static int64_t engine_at(const gd_choices *choices, int32_t rows)
{
    const gd_conv_shape at = with_rows(rows);
    const gd_conv_choice *choice = gd_choices_find(choices, &at);
    return choice ? choice->engine : -1;
}

static void the_record_finds_what_was_added(void **state)
{
    (void)state;
    gd_choices choices = {0};
    for (int32_t i = 0; i < 300; i++)
        add(&choices, 10 + i * 7 % 300, i);
    for (int32_t i = 0; i < 300; i++)
        assert_int_equal(engine_at(&choices, 10 + i * 7 % 300), i);
    assert_int_equal(engine_at(&choices, 9), -1);
    add(&choices, 10, 555);
    assert_int_equal(engine_at(&choices, 10), 555);
    assert_int_equal(choices.count, 300);
    gd_choices_free(&choices);
    assert_int_equal(engine_at(&choices, 10), -1);
}

/* However it came about, the same record has the same text and checksum. */
static void the_record_survives_as_text(void **state)
{
    (void)state;
    gd_choices one = {0}, other = {0}, read = {0};
    char sum_one[GD_CHOICES_CHECKSUM], sum_other[GD_CHOICES_CHECKSUM], *text_one, *text_other;
    gd_error error;
    for (int32_t i = 0; i < 100; i++) {
        add(&one, 10 + i, i);
        add(&other, 109 - i, 99 - i);
    }
    check_ok(gd_choices_text(&one, &text_one, &error), error);
    check_ok(gd_choices_text(&other, &text_other, &error), error);
    assert_string_equal(text_one, text_other);
    check_ok(gd_choices_parse(text_one, &read, &error), error);
    assert_int_equal(read.count, 100);
    assert_int_equal(engine_at(&read, 57), 47);
    gd_choices_checksum(&one, sum_one);
    gd_choices_checksum(&read, sum_other);
    assert_string_equal(sum_one, sum_other);
    add(&other, 10, 1);
    gd_choices_checksum(&other, sum_other);
    assert_string_not_equal(sum_one, sum_other);
    free(text_one);
    free(text_other);
    gd_choices_free(&one);
    gd_choices_free(&other);
    gd_choices_free(&read);
}

static void damaged_records_are_refused_by_line(void **state)
{
    (void)state;
    static const char good[] = "forward x: engine 1 knobs none workspace 0 tc 0\n";
    static const struct {
        const char *second, *words;
    } damaged[] = {{"back y engine 1 knobs none workspace 0 tc 0\n", "line 2"},
                   {"back y: engine 1 knobs none workspace 0\n", "line 2"},
                   {"back y: engine 1 knobs none workspace 0 tc 0", "cut off"},
                   {": engine 1 knobs none workspace 0 tc 0\n", "line 2"},
                   {"\n", "line 2"},
                   {"forward x: engine 2 knobs none workspace 0 tc 0\n", "repeats forward x"}};
    for (size_t d = 0; d < sizeof damaged / sizeof *damaged; d++) {
        char text[512];
        gd_choices read = {0};
        gd_error error;
        snprintf(text, sizeof text, "%s%s", good, damaged[d].second);
        assert_int_equal(gd_choices_parse(text, &read, &error), GD_USAGE);
        assert_non_null(strstr(error.message, damaged[d].words));
        assert_int_equal(read.count, 0);
        assert_null(read.entries);
    }
}

static void endless_lines_are_refused(void **state)
{
    (void)state;
    char text[4000];
    gd_choices read = {0};
    gd_error error;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(gd_choices_parse(text, &read, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "line 1"));
    assert_non_null(strstr(error.message, "too long"));
}

/* Times as they are given out, one after the other. */
typedef struct clock_of_test {
    const double *seconds;
    int32_t count, asked;
    int32_t fails_at; /* -1: never */
} clock_of_test;

static gd_status tell_time(void *context, gd_cudnn *cudnn, const gd_conv_plan *plan,
                           const gd_conv_buffers *buffers, double *seconds, gd_error *error)
{
    (void)buffers;
    clock_of_test *clock = context;
    assert_non_null(cudnn);
    assert_non_null(plan);
    if (clock->asked == clock->fails_at)
        return gd_fail(error, GD_BACKEND, "the clock stands still");
    *seconds = clock->asked < clock->count ? clock->seconds[clock->asked] : 1;
    clock->asked++;
    return GD_OK;
}

static const gd_conv_buffers roomy = {.workspace_bytes = 1 << 30};

/* Which of the candidates is picked for these times. */
static int32_t picked(const double *seconds, int32_t count)
{
    gd_cudnn *cudnn = open_h100();
    gd_conv_choice candidates[ROOM], choice;
    gd_choices known = {0};
    gd_error error;
    clock_of_test clock = {seconds, count, 0, -1};
    int32_t offered, place = 0;
    check_ok(gd_conv_candidates(cudnn, &shape, roomy.workspace_bytes, candidates, ROOM, &offered, &error),
             error);
    check_ok(gd_autotune(cudnn, &shape, &roomy, tell_time, &clock, &known, &choice, &error), error);
    assert_int_equal(clock.asked, offered);
    while (memcmp(&candidates[place], &choice, sizeof choice) != 0)
        assert_in_range(++place, 0, offered - 1);
    assert_memory_equal(gd_choices_find(&known, &shape), &choice, sizeof choice);
    gd_choices_free(&known);
    gd_cudnn_close(cudnn);
    return place;
}

static void the_fastest_is_picked_and_ties_go_to_the_first(void **state)
{
    (void)state;
    assert_int_equal(picked((const double[]){3, 2, 1.5}, 3), 3); /* the others take 1 */
    assert_int_equal(picked((const double[]){3, 0.5, 2}, 3), 1);
    assert_int_equal(picked((const double[]){0.5, 0.495, 0.491}, 3), 0);
    assert_int_equal(picked((const double[]){0.51, 0.495, 0.49}, 3), 1);
}

/* Two ranks whose clocks say the opposite: each would choose differently, but what rank 0 sends, the other
 * adopts. */
static void what_is_known_is_not_timed_again(void **state)
{
    (void)state;
    gd_cudnn *cudnn = open_h100();
    gd_choices first = {0}, second = {0};
    gd_conv_choice chosen, adopted, own;
    gd_error error;
    char *text;
    clock_of_test one = {(const double[]){0.1, 0.2, 0.3}, 3, 0, -1},
                  opposite = {(const double[]){0.3, 0.2, 0.1}, 3, 0, -1};
    check_ok(gd_autotune(cudnn, &shape, &roomy, tell_time, &one, &first, &chosen, &error), error);
    check_ok(gd_choices_text(&first, &text, &error), error);
    check_ok(gd_autotune(cudnn, &shape, &roomy, tell_time, &opposite, &second, &own, &error), error);
    assert_memory_not_equal(&own, &chosen, sizeof own);
    gd_choices_free(&second);
    check_ok(gd_choices_parse(text, &second, &error), error);
    opposite.asked = 0;
    check_ok(gd_autotune(cudnn, &shape, &roomy, tell_time, &opposite, &second, &adopted, &error), error);
    assert_int_equal(opposite.asked, 0);
    assert_memory_equal(&adopted, &chosen, sizeof adopted);
    free(text);
    gd_choices_free(&first);
    gd_choices_free(&second);
    gd_cudnn_close(cudnn);
}

/* A choice that the device cannot do, or that needs more than there is, is timed afresh and replaced. */
static void stale_choices_are_dropped(void **state)
{
    (void)state;
    gd_cudnn *cudnn = open_h100();
    const gd_conv_choice stale[] = {{.engine = 4321}, {.engine = 0, .workspace = (int64_t)1 << 40}};
    for (size_t s = 0; s < 2; s++) {
        gd_choices known = {0};
        gd_conv_choice choice;
        gd_error error;
        clock_of_test clock = {NULL, 0, 0, -1};
        check_ok(gd_choices_add(&known, &shape, &stale[s], &error), error);
        check_ok(gd_autotune(cudnn, &shape, &roomy, tell_time, &clock, &known, &choice, &error), error);
        assert_true(clock.asked > 0);
        assert_memory_not_equal(&choice, &stale[s], sizeof choice);
        assert_memory_equal(gd_choices_find(&known, &shape), &choice, sizeof choice);
        gd_choices_free(&known);
    }
    gd_cudnn_close(cudnn);
}

static void a_clock_that_fails_ends_it(void **state)
{
    (void)state;
    gd_cudnn *cudnn = open_h100();
    gd_choices known = {0};
    gd_conv_choice choice;
    gd_error error;
    clock_of_test clock = {NULL, 0, 0, 2};
    assert_int_equal(gd_autotune(cudnn, &shape, &roomy, tell_time, &clock, &known, &choice, &error),
                     GD_BACKEND);
    assert_string_equal(error.message, "the clock stands still");
    assert_int_equal(known.count, 0);
    gd_cudnn_close(cudnn);
}

static int point_cache_to_folder(void **state)
{
    static char folder[] = "/tmp/gigadream-cache-XXXXXX";
    *state = mkdtemp(folder);
    return !*state || setenv("XDG_CACHE_HOME", folder, 1) != 0;
}

static int remove_folder(void **state)
{
    char path[4096];
    if (gd_autotune_path(device, path, sizeof path) && access(path, F_OK) == 0 && unlink(path) != 0)
        return 1;
    snprintf(path, sizeof path, "%s/gigadream", (const char *)*state);
    return rmdir(path) != 0 || rmdir(*state) != 0;
}

static void the_cache_comes_back(void **state)
{
    (void)state;
    gd_choices saved = {0}, loaded = {0};
    char before[GD_CHOICES_CHECKSUM], after[GD_CHOICES_CHECKSUM];
    gd_error error;
    gd_autotune_load(device, &loaded, &error);
    assert_int_equal(loaded.count, 0);
    assert_string_equal(error.message, "");
    for (int32_t i = 0; i < 20; i++)
        add(&saved, 10 + i, i);
    check_ok(gd_autotune_save(device, &saved, &error), error);
    gd_autotune_load(device, &loaded, &error);
    assert_string_equal(error.message, "");
    gd_choices_checksum(&saved, before);
    gd_choices_checksum(&loaded, after);
    assert_string_equal(before, after);
    gd_choices_free(&saved);
    gd_choices_free(&loaded);
}

static void change_byte(const char *path, long at)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, at < 0 ? SEEK_END : SEEK_SET), 0);
    assert_int_equal(fputc('~', file), '~');
    assert_int_equal(fclose(file), 0);
}

/* A changed byte in the header, in the record or in the checksum, or a missing end. */
static void damaged_caches_are_not_believed(void **state)
{
    (void)state;
    static const long places[] = {0, 40, 120, 300, -3};
    char path[4096];
    assert_true(gd_autotune_path(device, path, sizeof path));
    assert_non_null(strstr(path, "/gigadream/convolutions-NVIDIA-H100-80GB-HBM3-cudnn-"));
    for (size_t p = 0; p < sizeof places / sizeof *places + 1; p++) {
        gd_choices saved = {0}, loaded = {0};
        gd_error error;
        for (int32_t i = 0; i < 20; i++)
            add(&saved, 10 + i, i);
        check_ok(gd_autotune_save(device, &saved, &error), error);
        if (p < sizeof places / sizeof *places)
            change_byte(path, places[p]);
        else
            assert_int_equal(truncate(path, 500), 0);
        gd_autotune_load(device, &loaded, &error);
        assert_int_equal(loaded.count, 0);
        assert_non_null(strstr(error.message, path));
        gd_choices_free(&saved);
    }
}

static void a_cache_that_cannot_be_written_says_so(void **state)
{
    gd_choices empty = {0};
    gd_error error;
    assert_int_equal(setenv("XDG_CACHE_HOME", "/dev/null/nowhere", 1), 0);
    assert_int_equal(gd_autotune_save(device, &empty, &error), GD_IO);
    assert_non_null(strstr(error.message, "/dev/null/nowhere"));
    assert_int_equal(setenv("XDG_CACHE_HOME", *state, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_record_finds_what_was_added),
        cmocka_unit_test(the_record_survives_as_text),
        cmocka_unit_test(damaged_records_are_refused_by_line),
        cmocka_unit_test(endless_lines_are_refused),
        cmocka_unit_test(the_fastest_is_picked_and_ties_go_to_the_first),
        cmocka_unit_test(what_is_known_is_not_timed_again),
        cmocka_unit_test(stale_choices_are_dropped),
        cmocka_unit_test(a_clock_that_fails_ends_it),
        cmocka_unit_test(the_cache_comes_back),
        cmocka_unit_test(damaged_caches_are_not_believed),
        cmocka_unit_test(a_cache_that_cannot_be_written_says_so),
    };
    return cmocka_run_group_tests(tests, point_cache_to_folder, remove_folder);
}
