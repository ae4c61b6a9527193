/* -ml: what it means, and what is said when it means nothing; and the prompt, through plain files. */
#include "check.h"
#include "net/objective.h"

#include "cli/prompt.h"
#include "options/flag_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gd_net *net;

/* The bundled weights, as they lie. */
static bool held[64];
static const gd_layers_available bundled = {held, true, true, "weights/fetch.sh"};
static const gd_layers_available plan = {held, true, false, "weights/fetch.sh"};
static const gd_layers_available nothing = {.needed = true, .fetch = "weights/fetch.sh"};

static int make_net(void **state)
{
    (void)state;
    net = gd_net_create(GD_INCEPTION_V3);
    for (int i = 0; i < 6; i++)
        held[i] = true;
    return net ? 0 : -1;
}

static int free_net(void **state)
{
    (void)state;
    gd_net_free(net);
    return 0;
}

/* Reads `text` as -ml, then asks: with `typed` on a terminal, or without one when it is NULL. */
static gd_status ask_of(const gd_layers_available *there, const char *text, const char *typed,
                        gd_options *options, char *shown, size_t bytes, gd_error *error)
{
    gd_options_default(options);
    gd_layers_read(text, options);
    memset(shown, 0, bytes);
    FILE *in = fmemopen((void *)(typed && *typed ? typed : "\n"), typed && *typed ? strlen(typed) : 1, "r");
    FILE *out = fmemopen(shown, bytes, "w");
    assert_true(in && out);
    gd_status status = gd_prompt_layers(options, net, there, typed != NULL, typed ? 1 : 4, in, out, error);
    fclose(in);
    fclose(out);
    return status;
}

static gd_status ask(const char *text, const char *typed, gd_options *options, char *shown, size_t bytes,
                     gd_error *error)
{
    return ask_of(&nothing, text, typed, options, shown, bytes, error);
}

static void good_ones(void **state)
{
    (void)state;
    gd_options o;
    gd_error error;
    char shown[8192];
    check_ok(ask("0 15", NULL, &o, shown, sizeof shown, &error), error);
    assert_int_equal(o.chosen.layer_count, 15);
    assert_string_equal(o.chosen.layers[14].name, "mixed10");
    check_ok(ask("mixed5=2,concatenate_1", NULL, &o, shown, sizeof shown, &error), error);
    assert_int_equal(o.chosen.layer_count, 2);
    gd_objective objective;
    o.compat = GD_COMPAT_TENSORFLOW;
    check_ok(gd_options_objective(&o, net, &objective, &error), error);
    assert_int_equal(objective.count, 2);
    assert_true(objective.terms[0].weight == 2 && objective.terms[1].weight == 1);
    assert_int_equal(objective.terms[0].node, net->layers[5].node);
    assert_int_equal(objective.terms[1].node, net->layers[13].node);
    assert_true(objective.own_units);
    assert_string_equal(shown, "");
}

static void refused_without_a_terminal(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"", "is missing"},
        {"3", "'3' is not two numbers A B; 3 4 takes layer 3 alone"},
        {"3-5", "'3-5' is not two numbers A B; 3 6 takes layers 3 to 5"},
        {"3,5", "'3,5' is not two numbers A B"},
        {"3 4 5", "'3 4 5' is not two numbers A B"},
        {"99999999999", "'99999999999' is not"},
        {"3 99", "3 99"},
        {"5 3", "5 3"},
        {"-1 3", "-1 3"},
        {"3 x", "'3 x'"},
        {"3.5 5", "3.5"},
        {"mixed99", "'mixed99'"},
        {"mixed3,mixed3", "twice"},
        {"mixed3=0", "'0'"},
        {"mixed3=nan", "'nan'"},
        {"mixed0=1e300", "'1e300' of mixed0 is not a number of 1e-06 to 1e+06"},
        {"mixed0=-1e7", "'-1e7'"},
        {"mixed0=9e-7", "'9e-7'"},
        {"mixed3=", "''"},
        {"=3", "''"},
        {"a_name_that_is_longer_than_any_layer_has", "a_name_that"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gd_options o;
        gd_error error = {""};
        char shown[8192];
        if (ask(texts[i][0], NULL, &o, shown, sizeof shown, &error) != GD_USAGE)
            fail_msg("-ml %s is not refused", texts[i][0]);
        if (!strstr(error.message, texts[i][1]) || !strstr(error.message, "0 <= A < B <= 15") ||
            !strstr(error.message, "mpirun -n 4 gigadream -ml 3 5"))
            fail_msg("-ml %s: '%s'", texts[i][0], error.message);
        assert_string_equal(shown, "");
    }
}

static void enter_takes_the_proposal(void **state)
{
    (void)state;
    gd_options o;
    gd_error error;
    char shown[8192];
    check_ok(ask("", "", &o, shown, sizeof shown, &error), error);
    assert_true(o.layer_first == 3 && o.layer_end == 5 && o.chosen.layer_count == 2);
    for (int32_t i = 0; i < net->layer_count; i++)
        assert_non_null(strstr(shown, net->layers[i].name));
    assert_non_null(strstr(shown, "[3 5]"));
    assert_non_null(strstr(shown, "  543 ")); /* the reach of mixed5 */
}

static void asks_again(void **state)
{
    (void)state;
    gd_options o;
    gd_error error;
    char shown[8192];
    check_ok(ask("7 99", "nonsense\n4 2\nmixed0, mixed1=3\n", &o, shown, sizeof shown, &error), error);
    assert_int_equal(o.chosen.layer_count, 2);
    assert_true(o.chosen.layers[1].weight == 3);
    assert_non_null(strstr(shown, "7 99 goes beyond"));
    assert_non_null(strstr(shown, "'nonsense'"));
    assert_non_null(strstr(shown, "4 2 contains no layer"));
}

/* What the weights that are here do not hold is asked for again, and the sentences say where they end. */
static void beyond_the_weights(void **state)
{
    (void)state;
    gd_options o;
    gd_error error;
    char shown[8192];
    check_ok(ask_of(&bundled, "", "3 9\nmixed3,mixed7\n3\n2 4\n", &o, shown, sizeof shown, &error), error);
    assert_true(o.layer_first == 2 && o.layer_end == 4);
    assert_non_null(strstr(shown, "mixed6 is not in the bundled weights: B is at most 6 with them"));
    assert_non_null(strstr(shown, "mixed7 is not in the bundled weights"));
    assert_non_null(strstr(shown, "'3' is not two numbers"));
    assert_non_null(strstr(shown, "B-1;\nB is at most 6 with the bundled weights.\n"));
    assert_non_null(strstr(shown, "the first half of a re-trained network"));
    assert_non_null(strstr(shown, "weights/fetch.sh downloads the originals"));
    assert_non_null(strstr(shown, "eyes"));
    check_ok(ask_of(&bundled, "3 9", "2 4\n", &o, shown, sizeof shown, &error), error);
    assert_true(o.layer_first == 2);
    assert_int_equal(ask_of(&bundled, "", NULL, &o, shown, sizeof shown, &error), GD_USAGE);
    assert_non_null(strstr(error.message,
                           "0 <= A < B <= 15, where B is at most 6 with the bundled weights, or "
                           "names from mixed0 to mixed5"));
    /* A plan needs no weights, and where there are none at all the next sentence says so. */
    check_ok(ask_of(&plan, "", "3 9\n", &o, shown, sizeof shown, &error), error);
    assert_int_equal(o.layer_end, 9);
    assert_null(strstr(shown, "at most 6"));
    check_ok(ask_of(&nothing, "", "3 9\n", &o, shown, sizeof shown, &error), error);
    assert_int_equal(o.layer_end, 9);
}

static void end_of_input(void **state)
{
    (void)state;
    gd_options o;
    gd_error error;
    char shown[8192];
    assert_int_equal(ask("", "nonsense\n", &o, shown, sizeof shown, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "gigadream -ml 3 5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_ones),
        cmocka_unit_test(refused_without_a_terminal),
        cmocka_unit_test(enter_takes_the_proposal),
        cmocka_unit_test(asks_again),
        cmocka_unit_test(beyond_the_weights),
        cmocka_unit_test(end_of_input),
    };
    return cmocka_run_group_tests(tests, make_net, free_net);
}
