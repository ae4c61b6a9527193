/* Algorithms of products as records: which are chosen, written, read, and refused by another device. */
#include "check.h"
#include "kernels/cuda/product/product_plan.h"
#include "kernels/cuda/product/product_search.h"
#include "kernels/cuda/product/product_text.h"
#include "standin/standin.h"

#include <cuda_runtime_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const gd_product_shape backward = {.type = GD_CUDA_BF16,
                                          .transposed = true,
                                          .rows = 768,
                                          .depth = 640,
                                          .lines = 1,
                                          .cols = 20449,
                                          .weight_pitch = 768,
                                          .source_pitch = 640,
                                          .result_pitch = 768,
                                          .sum = true,
                                          .mask = GD_PRODUCT_APPLIES_MASK,
                                          .mask_pitch = 768};

static gd_product_choice first_choice(const gd_products *products, const gd_product_shape *shape)
{
    gd_product_choice choice;
    gd_error error;
    int32_t count = 0;
    check_ok(gd_product_candidates(products, shape, &choice, 1, &count, &error), error);
    assert_int_equal(count, 1);
    return choice;
}

static int open_products(void **state)
{
    gd_products *products = NULL;
    gd_error error;
    check_ok(gd_products_open(&products, &error), error);
    *state = products;
    return 0;
}

static int close_products(void **state)
{
    gd_products_close(*state);
    return 0;
}

/* The stand-in offers sums in parts and in float16, and one without tensor cores ahead of others. */
static void test_candidates(void **state)
{
    enum { ROOM = 16 };
    gd_product_choice choices[ROOM];
    gd_product_shape half = backward;
    gd_error error;
    int32_t count = 0;
    half.type = GD_CUDA_F16;
    check_ok(gd_product_candidates(*state, &half, choices, ROOM, &count, &error), error);
    assert_int_equal(count, 3);
    for (int32_t c = 0; c < count; c++) {
        assert_int_equal(choices[c].splits, 1);
        assert_int_equal(choices[c].reduction, 0);
        assert_int_equal(choices[c].workspace, 0);
        assert_int_equal(choices[c].tensor_cores, c < 2);
    }
    assert_int_equal(choices[0].algorithm, 66);
    assert_int_equal(choices[2].algorithm, 0);
}

static void test_no_candidates(void **state)
{
    gd_product_choice choice;
    gd_error error;
    int32_t count = 1;
    gd_standin_inject("cublasLtMatmulAlgoGetHeuristic", 1);
    check_ok(gd_product_candidates(*state, &backward, &choice, 1, &count, &error), error);
    assert_int_equal(count, 0);
    gd_standin_inject("cublasLtMatmulPreferenceCreate", 1);
    assert_int_equal(gd_product_candidates(*state, &backward, &choice, 1, &count, &error), GD_BACKEND);
    assert_non_null(strstr(error.message,
                           "product bf16 768x640/768 transposed at 1x20449 from /640 to /768 sum applies "
                           "/768"));
    gd_standin_inject("cublasLtMatrixLayoutCreate", 2);
    assert_int_equal(gd_product_candidates(*state, &backward, &choice, 1, &count, &error), GD_BACKEND);
}

static void test_shape_text(void **state)
{
    (void)state;
    char text[GD_PRODUCT_TEXT_MAX];
    const gd_product_shape forward = {.type = GD_CUDA_F16,
                                      .rows = 64,
                                      .depth = 192,
                                      .lines = 283,
                                      .cols = 281,
                                      .weight_pitch = 192,
                                      .source_pitch = 192,
                                      .result_pitch = 256,
                                      .source_line = 285,
                                      .result_line = 283,
                                      .bias = true,
                                      .relu = true,
                                      .mask = GD_PRODUCT_WRITES_MASK,
                                      .mask_pitch = 256,
                                      .mask_line = 284};
    assert_true(gd_product_shape_text(&forward, text, sizeof text));
    assert_string_equal(
        text, "product fp16 64x192/192 at 283x281 from (285)/192 to (283)/256 bias relu writes (284)/256");
    assert_false(gd_product_shape_text(&forward, text, strlen(text)));
}

static void test_choice_text(void **state)
{
    const gd_product_choice choice = first_choice(*state, &backward);
    gd_product_choice read;
    char text[GD_PRODUCT_TEXT_MAX], damaged[GD_PRODUCT_TEXT_MAX + 1];
    assert_true(gd_product_choice_text(&choice, text, sizeof text));
    assert_false(gd_product_choice_text(&choice, damaged, strlen(text)));
    assert_true(strstr(text, "algorithm 66 tile 20 splits 1 reduction 0 ") == text);
    assert_true(gd_product_choice_parse(text, &read));
    assert_true(gd_product_choice_text(&read, damaged, sizeof damaged));
    assert_string_equal(text, damaged);
    assert_memory_equal(read.words, choice.words, sizeof read.words);
    for (size_t length = 0; length < strlen(text); length++) {
        memcpy(damaged, text, length);
        damaged[length] = '\0';
        assert_false(gd_product_choice_parse(damaged, &read));
    }
    snprintf(damaged, sizeof damaged, "%s0", text);
    assert_false(gd_product_choice_parse(damaged, &read));
    snprintf(damaged, sizeof damaged, "%s", text);
    damaged[strlen(damaged) - 1] = 'g';
    assert_false(gd_product_choice_parse(damaged, &read));
    assert_false(gd_product_choice_parse("algorithm 99999999999 tile 1 ", &read));
}

static void check_refused(const gd_products *products, const gd_product_shape *shape,
                          gd_product_choice choice, const char *cause)
{
    gd_product_plan *plan = NULL;
    gd_error error;
    assert_int_equal(gd_product_plan_create(products, shape, &choice, &plan, &error), GD_BACKEND);
    assert_null(plan);
    if (!strstr(error.message, cause) || !strstr(error.message, "algorithm 66 tile ") ||
        !strstr(error.message, "product bf16 "))
        fail_msg("\"%s\" instead of \"%s\"", error.message, cause);
}

static void test_refused(void **state)
{
    gd_product_choice choice = first_choice(*state, &backward), changed = choice;
    gd_product_shape narrow = backward;
    changed.version--;
    check_refused(*state, &backward, changed, "another version chose it");
    changed = choice;
    changed.words[3] ^= 1;
    check_refused(*state, &backward, changed, "it is no algorithm");
    changed = choice;
    changed.tile++;
    check_refused(*state, &backward, changed, "it is another algorithm here");
    changed = choice;
    changed.workspace = 1;
    check_refused(*state, &backward, changed, "it needs more workspace here");
    narrow.rows = 64;
    changed = first_choice(*state, &narrow);
    check_refused(*state, &backward, changed, "it is not for this product");
    gd_standin_inject("cublasLtMatmulAlgoCheck", 1);
    check_refused(*state, &backward, choice, "it is not for this product");
    gd_standin_inject("cublasLtMatmulDescCreate", 1);
    check_refused(*state, &backward, choice, "it cannot be described");
}

static void test_not_started(void **state)
{
    const gd_product_choice choice = first_choice(*state, &backward);
    gd_product_plan *plan = NULL;
    gd_error error;
    check_ok(gd_product_plan_create(*state, &backward, &choice, &plan, &error), error);
    gd_standin_inject("cublasLtMatmul", 1);
    assert_int_equal(gd_product_plan_run(*state, plan, NULL, NULL, NULL, NULL, NULL, NULL, &error),
                     GD_BACKEND);
    assert_non_null(strstr(error.message, "cuBLASLt did not start the product bf16 768x640"));
    gd_product_plan_free(plan);
}

static void test_handle(void **state)
{
    (void)state;
    gd_products *products = NULL;
    gd_error error;
    char version[32];
    assert_true(gd_products_built());
    gd_products_version(version, sizeof version);
    assert_true(version[0] >= '1' && version[0] <= '9');
    gd_standin_inject("cublasLtCreate", 1);
    assert_int_equal(gd_products_open(&products, &error), GD_BACKEND);
    assert_null(products);
    assert_non_null(strstr(error.message, "cuBLASLt cannot be opened"));
    gd_products_close(NULL);
    gd_product_plan_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_candidates), cmocka_unit_test(test_no_candidates),
        cmocka_unit_test(test_shape_text), cmocka_unit_test(test_choice_text),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_not_started),
        cmocka_unit_test(test_handle),
    };
    return cmocka_run_group_tests(tests, open_products, close_products);
}
