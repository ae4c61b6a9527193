/* Tapes compiled for GPUs that are not here: their memory, and what such a device refuses. */
#include "check.h"
#include "kernels/backend.h"
#include "net/lower/lower.h"
#include "net/objective.h"

#include <stdlib.h>
#include <string.h>

static const gd_backend *const cuda = &gd_backend_cuda;

static gd_device *describe(const char *name, gd_precision precision)
{
    gd_error error = {{0}};
    gd_device *device = NULL;
    check_ok(cuda->open(&(gd_device_options){.precision = precision, .described = name}, &device, &error),
             error);
    return device;
}

static gd_tape *lower(gd_architecture architecture, const char *layer, int32_t extent)
{
    gd_error error = {{0}};
    gd_tape *tape = NULL;
    gd_net *net = gd_net_create(architecture);
    assert_non_null(net);
    gd_objective objective = {.count = 1};
    objective.terms[0] = (gd_term){.node = net->layers[gd_net_find_layer(net, layer)].node, .weight = 1.0};
    check_ok(
        gd_tape_lower(net, &objective, extent, extent, &(gd_lower_options){.dense = true}, &tape, &error),
        error);
    gd_net_free(net);
    return tape;
}

/* Bytes of arena for a pixel of the window. */
static double measure(const char *name, gd_precision precision, gd_architecture architecture,
                      const char *layer, int32_t extent)
{
    gd_error error = {{0}};
    gd_program *program = NULL;
    gd_tape *tape = lower(architecture, layer, extent);
    gd_device *device = describe(name, precision);
    check_ok(cuda->compile(device, tape, &program, &error), error);
    const double bytes = (double)cuda->arena_bytes(program) / ((double)extent * extent);
    print_message("%s, %s, %d px: %.1f bytes a pixel, filters %.1f MiB\n", cuda->describe(device), layer,
                  extent, bytes, (double)cuda->filter_bytes(device, tape) / (1 << 20));
    cuda->free(program);
    cuda->close(device);
    gd_tape_free(tape);
    return bytes;
}

/* bf16 on the cpu backend takes 66.9 bytes a pixel to mixed5 at 2048 px, where no workspace is needed and
 * pictures have 3 channels in planes. */
static void test_bytes(void **state)
{
    (void)state;
    static const char *const devices[] = {"a100", "rtx4090", "h100", "h200", "b200"};
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        const double bytes = measure(devices[i], GD_PRECISION_BF16, GD_INCEPTION_V3, "mixed5", 2048);
        assert_true(bytes > 40 && bytes < 70);
    }
    const double half = measure("h100", GD_PRECISION_FP16, GD_INCEPTION_V3, "mixed5", 2048),
                 single = measure("h100", GD_PRECISION_FP32, GD_INCEPTION_V3, "mixed5", 2048),
                 tf32 = measure("h100", GD_PRECISION_TF32, GD_INCEPTION_V3, "mixed5", 2048);
    assert_true(half > 40 && half < 70);
    assert_true(single > 80 && single < 140);
    assert_true(tf32 > 80 && tf32 < 140);
    assert_true(measure("h100", GD_PRECISION_BF16, GD_INCEPTION_RESNET_V2, "block17_20_mixed", 2048) < 200);
}

static void test_facts(void **state)
{
    (void)state;
    gd_device *device = describe("h100", GD_PRECISION_AUTO);
    gd_device_facts facts;
    cuda->facts(device, &facts);
    assert_non_null(strstr(facts.name, "H100"));
    assert_string_equal(facts.identity, "");
    assert_true(facts.total_bytes > (uint64_t)79 << 30 && facts.total_bytes < (uint64_t)81 << 30);
    assert_true(facts.fixed_bytes > 0 && facts.fixed_bytes < (uint64_t)4 << 30);
    assert_int_equal(cuda->precision(device), GD_PRECISION_BF16);
    assert_int_equal(cuda->side_by_side(device, 64), 1);
    assert_non_null(strstr(cuda->describe(device), "cuda bf16, NVIDIA H100"));
    cuda->close(device);
}

static void check_refusal(gd_status status, const gd_error *error, gd_status wanted, const char *words)
{
    assert_int_equal(status, wanted);
    if (!strstr(error->message, words))
        fail_msg("\"%s\" says nothing of \"%s\"", error->message, words);
}

/* It can be measured, and nothing else. */
static void test_refusals(void **state)
{
    (void)state;
    gd_error error = {{0}};
    gd_program *program = NULL;
    gd_tape *tape = lower(GD_INCEPTION_V3, "mixed0", 299);
    gd_device *device = describe("b200", GD_PRECISION_BF16);
    check_ok(cuda->compile(device, tape, &program, &error), error);
    check_refusal(cuda->run(program, NULL, 0, tape->op_count, NULL, NULL, &error), &error, GD_INTERNAL,
                  "only described");
    check_refusal(cuda->finish(device, &error), &error, GD_INTERNAL, "only described");
    check_refusal(cuda->load(device, tape, NULL, &error), &error, GD_INTERNAL, "only described");
    cuda->free(program);
    cuda->close(device);
    check_refusal(cuda->open(&(gd_device_options){.described = "abacus"}, &device, &error), &error, GD_USAGE,
                  "abacus");
    check_refusal(cuda->open(&(gd_device_options){.precision = GD_PRECISION_FP64, .described = "h100"},
                             &device, &error),
                  &error, GD_USAGE, "fp64");
    gd_tape_free(tape);
}

/* A picture is stored with 8 channels, and no tensor may reach 2^31 of them. */
static void test_too_large(void **state)
{
    (void)state;
    gd_error error = {{0}};
    gd_program *program = NULL;
    gd_tensor picture = {.channels = 3, .rows = 1 << 14, .cols = 1 << 14, .last_op = 1};
    gd_op op = {.kind = GD_OP_INPUT, .dst = {0, 0, 3}, .filter = -1};
    gd_tape tape = {
        .rows = 1 << 14, .cols = 1 << 14, .tensors = &picture, .tensor_count = 1, .ops = &op, .op_count = 1};
    gd_device *device = describe("h100", GD_PRECISION_BF16);
    check_refusal(cuda->compile(device, &tape, &program, &error), &error, GD_USAGE, "16384 x 16384");
    assert_null(program);
    cuda->close(device);
}

/* What one device decides, another one of its kind adopts; then only what is in the record can be compiled.
 */
static void test_record(void **state)
{
    (void)state;
    gd_error error = {{0}};
    gd_tape *small = lower(GD_INCEPTION_V3, "mixed0", 299), *large = lower(GD_INCEPTION_V3, "mixed0", 331);
    gd_device *first = describe("h100", GD_PRECISION_BF16), *second = describe("h100", GD_PRECISION_BF16);
    gd_program *program = NULL;
    char before[256];
    snprintf(before, sizeof before, "%s", cuda->describe(first));
    assert_string_equal(cuda->decided(first), "");
    check_ok(cuda->decide(first, small, false, &error), error);
    assert_string_not_equal(cuda->describe(first), before);
    check_ok(cuda->adopt(second, cuda->decided(first), &error), error);
    assert_string_equal(cuda->decided(first), cuda->decided(second));
    assert_string_equal(cuda->describe(first), cuda->describe(second));
    check_ok(cuda->compile(second, small, &program, &error), error);
    cuda->free(program);
    check_refusal(cuda->compile(second, large, &program, &error), &error, GD_BACKEND,
                  "no engine was decided");
    check_ok(cuda->decide(first, large, true, &error), error); /* nothing here to time: as cuDNN has it */
    assert_string_not_equal(cuda->describe(first), cuda->describe(second));
    check_ok(cuda->adopt(second, cuda->decided(first), &error), error);
    check_ok(cuda->compile(second, large, &program, &error), error);
    cuda->free(program);
    assert_int_equal(cuda->adopt(second, "nonsense", &error), GD_USAGE);
    assert_string_equal(cuda->decided(first), cuda->decided(second));
    cuda->close(first);
    cuda->close(second);
    gd_tape_free(small);
    gd_tape_free(large);
}

/* A record in which the first choice is off tensor cores, whatever cuDNN would choose. */
static char *demote_first(const char *record)
{
    char *text = strdup(record);
    assert_non_null(text);
    char *at = strstr(text, " tc 1");
    assert_non_null(at);
    at[4] = '0';
    return text;
}

static void test_demotion(void **state)
{
    (void)state;
    gd_error error = {{0}};
    gd_demotion found, worst = {0};
    char text[GD_DEMOTION_WORDS];
    gd_tape *tape = lower(GD_INCEPTION_V3, "mixed0", 299);
    gd_device *device = describe("h200", GD_PRECISION_BF16), *single = describe("h200", GD_PRECISION_FP32);
    check_ok(cuda->demotion(device, tape, &found, &error), error);
    assert_int_equal(found.demoted, 0);
    assert_true(found.convolutions >= 16 && found.flop > 1e9);
    assert_false(gd_demotion_text(&found, 299, 299, text));
    assert_string_equal(text, "");
    assert_false(gd_demotion_worse(&worst, &found));
    check_ok(cuda->decide(device, tape, false, &error), error);
    char *record = demote_first(cuda->decided(device));
    check_ok(cuda->adopt(device, record, &error), error);
    free(record);
    check_ok(cuda->demotion(device, tape, &found, &error), error);
    assert_true(found.demoted >= 1 && found.demoted < 8);
    assert_true(found.largest_flop > 0 && found.largest_flop <= found.demoted_flop);
    assert_true(found.demoted_flop < found.flop);
    assert_true(gd_demotion_text(&found, 299, 331, text));
    assert_non_null(strstr(text, " of a window of 331 x 299 pixels "));
    assert_non_null(strstr(text, found.demoted == 1 ? " is computed without" : " are computed without"));
    assert_non_null(strstr(text, "use a smaller -ts"));
    assert_true(gd_demotion_worse(&worst, &found));
    assert_false(gd_demotion_worse(&worst, &found));
    check_ok(cuda->demotion(single, tape, &found, &error), error); /* none is wanted there */
    assert_int_equal(found.demoted, 0);
    cuda->close(single);
    cuda->close(device);
    gd_tape_free(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),  cmocka_unit_test(test_refusals), cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_record), cmocka_unit_test(test_demotion), cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
