/* Ranked channels: their words, and the numbers that means make of them. */
#include "check.h"
#include "options/flag_values.h"
#include "options/layers.h"
#include "options/layers/ranks.h"

#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 12 };

static const double means[CHANNELS] = {3, 0, 7, 7, 1, 0, 9, 2, 7, 0, 5, 4};

/* What -ml becomes. */
static void settled(const char *text, char *found, size_t bytes)
{
    gd_options given, made;
    gd_error error;
    gd_options_default(&given);
    gd_layers_read(text, &given);
    assert_string_equal(given.layers_wrong, "");
    made = given;
    made.chosen = (gd_chosen_layers){.layer_count = 0};
    for (int32_t i = 0; i < given.chosen.layer_count; i++) {
        const bool ranked = gd_ranks_of(&given.chosen, &given.chosen.layers[i]);
        check_ok(gd_ranks_settle(&given.chosen, i, ranked ? means : NULL, CHANNELS, &made.chosen, &error),
                 error);
    }
    assert_false(gd_ranks_wanted(&made.chosen));
    assert_true(gd_print_layers(&made, found, bytes));
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"mixed4:strong1", "mixed4:6"},
        {"mixed4:strong3", "mixed4:2-3,6"}, /* the lower numbers of equals */
        {"mixed4:strong4", "mixed4:2-3,6,8"},
        {"mixed4:weak2", "mixed4:1,5"},
        {"mixed4:weak2=-2", "mixed4:1=-2,5=-2"},
        {"mixed4:weak2,strong2=2,6", "mixed4:1,2-3=2,5-6"}, /* of those that are not named */
        {"mixed4:strong12", "mixed4:0-11"},
        {"mixed4:strong11,weak1=3", "mixed4:0-8,9=3,10-11"},
        {"mixed3@l2=2,mixed4@mean=0.5:strong2,mixed5:7,3", "mixed3@l2=2,mixed4@mean=0.5:2,6,mixed5:3,7"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char found[256];
        settled(rows[i][0], found, sizeof found);
        assert_string_equal(found, rows[i][1]);
    }
}

/* The words are printed as they were given. */
static void test_words(void **state)
{
    (void)state;
    static const char *const good[] = {"mixed4:strong8", "mixed4:119,strong8=2,7-9,weak3=-1,mixed5"};
    static const char *const wrong[] = {"mixed4:strong",  "mixed4:strong0",  "mixed4:weak-3",
                                        "mixed4:weaker8", "mixed4:strong8x", "mixed4:strong 8",
                                        "strong8"};
    gd_options o;
    char text[256];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        gd_options_default(&o);
        gd_layers_read(good[i], &o);
        assert_true(gd_ranks_wanted(&o.chosen) && gd_print_layers(&o, text, sizeof text));
        assert_string_equal(text, good[i]);
    }
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    assert_non_null(net);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        gd_options_default(&o);
        gd_layers_read(wrong[i], &o);
        if (gd_layers_resolve(&o, net))
            fail_msg("-ml %s is taken", wrong[i]);
    }
    gd_net_free(net);
}

/* Every other channel has a weight of its own, so that there are too many runs. */
static void test_too_many(void **state)
{
    (void)state;
    enum { MANY = 2 * GD_CHANNEL_RUNS_MAX + 2 };
    double *of = calloc(MANY, sizeof *of);
    gd_chosen_layers from = {.layers = {{.name = "mixed4", .weight = 1, .run_count = 1}},
                             .layer_count = 1,
                             .channel_runs = {{GD_CHANNELS_STRONG, GD_CHANNEL_RUNS_MAX + 1, 1}},
                             .channel_run_count = 1};
    gd_chosen_layers to = {.layer_count = 0};
    gd_error error;
    assert_non_null(of);
    for (int32_t c = 0; c < MANY; c += 2)
        of[c] = 1;
    assert_int_equal(gd_ranks_settle(&from, 0, of, MANY, &to, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "ranked channels of mixed4 make more than 256 ranges"));
    free(of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_too_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
