/* Choices of engines, as text and as plans, on GPUs that need not be here. */
#include "check.h"
#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/convolution_plan.h"
#include "kernels/cuda/convolution/convolution_search.h"
#include "kernels/cuda/convolution/convolution_text.h"
#include "kernels/cuda/convolution/cudnn_handle.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/device/properties.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 40 };

static const int64_t budget = (int64_t)1 << 30;

/* A part of a concat: 1x7, fused, written into a slice of 192 channels of 768. */
static const gd_conv_shape fused = {.type = GD_CUDA_BF16,
                                    .bias = true,
                                    .relu = true,
                                    .in = 128,
                                    .in_rows = 29,
                                    .in_cols = 31,
                                    .in_pitch = 128,
                                    .out = 192,
                                    .out_rows = 29,
                                    .out_cols = 31,
                                    .out_pitch = 768,
                                    .in_line = 31,
                                    .out_line = 31,
                                    .kernel_rows = 1,
                                    .kernel_cols = 7,
                                    .stride = 1,
                                    .pad_cols = 3,
                                    .post_cols = 3};

/* The first convolution's way back, whose first choice by the heuristics is not deterministic. */
static const gd_conv_shape stem = {.backward = true,
                                   .type = GD_CUDA_F32,
                                   .in = 8,
                                   .in_rows = 299,
                                   .in_cols = 299,
                                   .in_pitch = 8,
                                   .out = 32,
                                   .out_rows = 149,
                                   .out_cols = 149,
                                   .out_pitch = 32,
                                   .in_line = 299,
                                   .out_line = 149,
                                   .kernel_rows = 3,
                                   .kernel_cols = 3,
                                   .stride = 2};

static gd_cudnn *open_described(const char *device)
{
    gd_properties properties;
    gd_cudnn *cudnn;
    gd_error error;
    check_ok(gd_properties_read(device, &properties, &error), error);
    check_ok(gd_cudnn_open(properties.json, NULL, &cudnn, &error), error);
    gd_properties_free(&properties);
    return cudnn;
}

static int32_t candidates(gd_cudnn *cudnn, const gd_conv_shape *shape, int64_t most, gd_conv_choice *choices)
{
    int32_t count;
    gd_error error;
    check_ok(gd_conv_candidates(cudnn, shape, most, choices, ROOM, &count, &error), error);
    assert_in_range(count, 1, ROOM);
    return count;
}

static char *plan_text(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_choice *choice)
{
    gd_conv_plan *plan;
    char *json;
    gd_error error;
    check_ok(gd_conv_plan_create(cudnn, shape, choice, &plan, &error), error);
    check_ok(gd_conv_plan_json(plan, &json, &error), error);
    gd_conv_plan_free(plan);
    return json;
}

static void shapes_have_their_text(void **state)
{
    (void)state;
    char text[GD_CONV_TEXT_MAX];
    gd_conv_shape sum = fused;
    sum.sum = true;
    assert_true(gd_conv_shape_text(&fused, text, sizeof text));
    assert_string_equal(text, "forward bf16 1x7/1 p0,3 128@29x31/128 -> 192@29x31/768 bias relu");
    assert_true(gd_conv_shape_text(&sum, text, sizeof text));
    assert_string_equal(text, "forward bf16 1x7/1 p0,3 128@29x31/128 -> 192@29x31/768 sum bias relu");
    assert_true(gd_conv_shape_text(&stem, text, sizeof text));
    assert_string_equal(text, "back fp32 3x3/2 p0,0 8@299x299/8 -> 32@149x149/32");
    assert_false(gd_conv_shape_text(&stem, text, 20));
}

static void choices_survive_as_text(void **state)
{
    (void)state;
    const gd_conv_choice some = {.engine = 33,
                                 .workspace = 1024,
                                 .knob_count = 2,
                                 .knobs = {2, 12},
                                 .values = {4, -1},
                                 .tensor_cores = true};
    const gd_conv_choice none = {.engine = 0};
    char text[GD_CONV_TEXT_MAX];
    gd_conv_choice read;
    assert_true(gd_conv_choice_text(&some, text, sizeof text));
    assert_string_equal(text, "engine 33 knobs 2=4,12=-1 workspace 1024 tc 1");
    assert_true(gd_conv_choice_parse(text, &read));
    assert_memory_equal(&read, &some, sizeof read);
    assert_true(gd_conv_choice_text(&none, text, sizeof text));
    assert_string_equal(text, "engine 0 knobs none workspace 0 tc 0");
    assert_true(gd_conv_choice_parse(text, &read));
    assert_memory_equal(&read, &none, sizeof read);
    for (size_t bytes = 0; bytes < strlen(text) + 1; bytes++)
        assert_false(gd_conv_choice_text(&none, text, bytes));
}

/* The largest choice that there can be fits, too. */
static void the_longest_choice_fits(void **state)
{
    (void)state;
    gd_conv_choice longest = {.engine = 999, .workspace = budget * 100, .knob_count = GD_KNOBS_MAX}, read;
    char text[GD_CONV_TEXT_MAX];
    for (int32_t k = 0; k < GD_KNOBS_MAX; k++) {
        longest.knobs[k] = 10 + k;
        longest.values[k] = -123456789;
    }
    assert_true(gd_conv_choice_text(&longest, text, sizeof text));
    assert_true(gd_conv_choice_parse(text, &read));
    assert_memory_equal(&read, &longest, sizeof read);
}

static void damaged_choices_are_not_read(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        "",
        "engine",
        "engine x knobs none workspace 0 tc 0",
        " engine 1 knobs none workspace 0 tc 0",
        "engine 1 knobs workspace 0 tc 0",
        "engine 1 knobs 2= workspace 0 tc 0",
        "engine 1 knobs 2=3, workspace 0 tc 0",
        "engine 1 knobs none workspace -1 tc 0",
        "engine 1 knobs none workspace 0 tc 2",
        "engine 1 knobs none workspace 0 tc 0 ",
        "engine 1 knobs none workspace 1234567890123456789 tc 0",
        "engine 1 knobs "
        "1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,1=1,"
        "1=1,1=1,1=1 workspace 0 tc 0",
    };
    gd_conv_choice read;
    for (size_t d = 0; d < sizeof damaged / sizeof *damaged; d++)
        assert_false(gd_conv_choice_parse(damaged[d], &read));
}

/* Engine and knobs alone, through text, give the plan again, and neighbours in the list are different plans.
 */
static void a_choice_gives_its_plan_again(void **state)
{
    (void)state;
    gd_cudnn *cudnn = open_described("h100");
    const gd_conv_shape *const shapes[] = {&fused, &stem};
    for (size_t s = 0; s < 2; s++) {
        gd_conv_choice choices[ROOM], again;
        char text[GD_CONV_TEXT_MAX], *before = NULL;
        const int32_t count = candidates(cudnn, shapes[s], budget, choices);
        for (int32_t c = 0; c < count; c++) {
            assert_true(gd_conv_choice_text(&choices[c], text, sizeof text));
            assert_true(gd_conv_choice_parse(text, &again));
            char *one = plan_text(cudnn, shapes[s], &choices[c]);
            char *other = plan_text(cudnn, shapes[s], &again);
            assert_string_equal(one, other);
            assert_true(!before || strcmp(before, one) != 0);
            free(before);
            free(other);
            before = one;
        }
        free(before);
    }
    gd_cudnn_close(cudnn);
}

static void candidates_are_in_order(void **state)
{
    (void)state;
    gd_conv_choice choices[ROOM], again[ROOM];
    for (int32_t tf32 = 0; tf32 < 2; tf32++) {
        gd_cudnn *cudnn = open_described("a100");
        gd_conv_shape shape = stem;
        shape.tf32 = tf32;
        const int32_t count = candidates(cudnn, &shape, budget, choices);
        assert_int_equal(candidates(cudnn, &shape, budget, again), count);
        assert_memory_equal(choices, again, (size_t)count * sizeof *choices);
        assert_int_equal(choices[0].tensor_cores, tf32);
        for (int32_t c = 1; c < count; c++)
            assert_true(choices[c - 1].tensor_cores || !choices[c].tensor_cores);
        gd_cudnn_close(cudnn);
    }
}

/* With less room there are the same candidates, only fewer: also where the first ones that cuDNN names do not
 * fit the budget, so that a search for one has to ask it again. */
static void room_cuts_the_list(void **state)
{
    (void)state;
    gd_conv_shape rounded = stem;
    rounded.tf32 = true;
    const gd_conv_shape *const shapes[] = {&fused, &stem, &rounded};
    static const char *const devices[] = {"a100", "rtx4090", "h200"};
    static const int64_t budgets[] = {GD_CUDA_WORKSPACE, 1 << 20, 0};
    for (size_t i = 0; i < 27; i++) {
        gd_cudnn *cudnn = open_described(devices[i / 9]);
        gd_conv_choice choices[ROOM] = {0}, first = {0};
        int32_t count, single;
        gd_error error;
        const gd_conv_shape *shape = shapes[i % 9 / 3];
        check_ok(gd_conv_candidates(cudnn, shape, budgets[i % 3], choices, ROOM, &count, &error), error);
        check_ok(gd_conv_candidates(cudnn, shape, budgets[i % 3], &first, 1, &single, &error), error);
        assert_int_equal(single, 1);
        assert_memory_equal(&first, &choices[0], sizeof first);
        gd_cudnn_close(cudnn);
    }
}

static void budgets_are_kept(void **state)
{
    (void)state;
    gd_cudnn *cudnn = open_described("h100");
    gd_conv_choice choices[ROOM];
    gd_error error;
    int32_t count = candidates(cudnn, &stem, 0, choices);
    for (int32_t c = 0; c < count; c++)
        assert_int_equal(choices[c].workspace, 0);
    assert_int_equal(gd_conv_candidates(cudnn, &stem, -1, choices, ROOM, &count, &error), GD_BACKEND);
    assert_int_equal(count, 0);
    assert_non_null(strstr(error.message, "back fp32 3x3/2 p0,0 8@299x299/8 -> 32@149x149/32"));
    assert_non_null(strstr(error.message, "0 bytes of workspace"));
    gd_cudnn_close(cudnn);
}

static void senseless_shapes_are_refused(void **state)
{
    (void)state;
    gd_cudnn *cudnn = open_described("h100");
    gd_conv_shape shape = fused;
    gd_conv_choice choices[ROOM];
    gd_error error;
    int32_t count;
    shape.out_cols = 30; /* not what the convolution gives */
    assert_int_equal(gd_conv_candidates(cudnn, &shape, budget, choices, ROOM, &count, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, "128@29x31/128 -> 192@29x30(31)/768"));
    gd_cudnn_close(cudnn);
}

/* A plan of another kind of device, of an engine that there is not, or of one that needs more than it may. */
static void foreign_choices_are_refused_by_name(void **state)
{
    (void)state;
    gd_cudnn *h100 = open_described("h100"), *b200 = open_described("b200");
    gd_conv_choice choices[ROOM];
    gd_conv_plan *plan;
    gd_error error;
    candidates(b200, &fused, budget, choices);
    assert_int_equal(gd_conv_plan_create(h100, &fused, &choices[0], &plan, &error), GD_BACKEND);
    assert_null(plan);
    assert_non_null(strstr(error.message, "forward bf16 1x7/1"));
    char text[GD_CONV_TEXT_MAX];
    assert_true(gd_conv_choice_text(&choices[0], text, sizeof text));
    assert_non_null(strstr(error.message, text));

    const gd_conv_choice unknown = {.engine = 4321};
    assert_int_equal(gd_conv_plan_create(h100, &fused, &unknown, &plan, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, "engine 4321 knobs none"));

    candidates(h100, &fused, budget, choices);
    assert_true(choices[0].workspace > 0);
    choices[0].workspace--;
    assert_int_equal(gd_conv_plan_create(h100, &fused, &choices[0], &plan, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, "more workspace"));
    gd_cudnn_close(b200);
    gd_cudnn_close(h100);
}

/* Engine 25 adds with atomics: no text may bring it back. */
static void engines_with_bad_notes_are_refused(void **state)
{
    (void)state;
    gd_cudnn *h100 = open_described("h100");
    const gd_conv_choice atomics = {.engine = 25, .workspace = budget};
    gd_conv_plan *plan;
    gd_error error;
    assert_int_equal(gd_conv_plan_create(h100, &stem, &atomics, &plan, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, "its notes rule it out"));
    gd_cudnn_close(h100);
}

static void descriptions_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    gd_cudnn *cudnn;
    gd_error error;
    assert_int_equal(gd_cudnn_open("{\"deviceVer\": 900", NULL, &cudnn, &error), GD_BACKEND);
    assert_null(cudnn);
    assert_non_null(strstr(error.message, "description"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_have_their_text),
        cmocka_unit_test(choices_survive_as_text),
        cmocka_unit_test(the_longest_choice_fits),
        cmocka_unit_test(damaged_choices_are_not_read),
        cmocka_unit_test(a_choice_gives_its_plan_again),
        cmocka_unit_test(candidates_are_in_order),
        cmocka_unit_test(room_cuts_the_list),
        cmocka_unit_test(budgets_are_kept),
        cmocka_unit_test(senseless_shapes_are_refused),
        cmocka_unit_test(foreign_choices_are_refused_by_name),
        cmocka_unit_test(engines_with_bad_notes_are_refused),
        cmocka_unit_test(descriptions_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
