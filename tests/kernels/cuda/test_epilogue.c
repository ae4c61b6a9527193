/* Who does which part of an epilogue: every set of parts, both ways, against what cuDNN's engines, cuBLASLt's
 * epilogues and our kernels can do. */
#include "check.h"
#include "kernels/cuda/convolution/epilogue.h"

enum {
    FORWARD = GD_EPILOGUE_SUM | GD_EPILOGUE_BIAS | GD_EPILOGUE_RELU | GD_EPILOGUE_MASK_OUT,
    BACKWARD = GD_EPILOGUE_SUM | GD_EPILOGUE_MASK_IN,
    ALL = FORWARD | BACKWARD
};

/* Every part is done once, by the way or behind it. */
static void check_way(gd_conv_way way, bool backward, unsigned parts, unsigned fusible)
{
    gd_epilogue epilogue;
    const bool possible = (parts & ~(unsigned)(backward ? BACKWARD : FORWARD)) == 0;
    assert_int_equal(gd_epilogue_find(backward, parts, way, &epilogue), possible);
    assert_int_equal(epilogue.way, possible ? way : 0);
    assert_int_equal(epilogue.fused, possible ? parts & fusible : 0);
    assert_int_equal(epilogue.after, possible ? parts & ~fusible : 0);
}

static void test_ways(void **state)
{
    (void)state;
    for (unsigned parts = 0; parts <= ALL; parts++) {
        check_way(GD_WAY_GRAPH, false, parts, FORWARD & ~(unsigned)GD_EPILOGUE_MASK_OUT);
        check_way(GD_WAY_GRAPH, true, parts, 0);
        check_way(GD_WAY_PRODUCT, false, parts, FORWARD & ~(unsigned)GD_EPILOGUE_MASK_OUT);
        check_way(GD_WAY_PRODUCT, true, parts, GD_EPILOGUE_SUM);
        check_way(GD_WAY_PRODUCT_MASKED, false, parts, FORWARD);
        check_way(GD_WAY_PRODUCT_MASKED, true, parts, BACKWARD);
        check_way(GD_WAY_COMPILED, false, parts, FORWARD);
        check_way(GD_WAY_COMPILED, true, parts, BACKWARD);
    }
}

/* Products before graphs, those with masks first. */
static void test_order(void **state)
{
    (void)state;
    gd_epilogue epilogue;
    for (int backward = 0; backward < 2; backward++) {
        const unsigned parts = backward ? BACKWARD : FORWARD;
        assert_true(gd_epilogue_find(backward, parts, GD_WAY_GRAPH | GD_WAY_PRODUCT, &epilogue));
        assert_int_equal(epilogue.way, GD_WAY_PRODUCT);
        assert_true(gd_epilogue_find(backward, parts, GD_WAY_GRAPH | GD_WAY_PRODUCT | GD_WAY_PRODUCT_MASKED,
                                     &epilogue));
        assert_int_equal(epilogue.way, GD_WAY_PRODUCT_MASKED);
    }
}

static void test_nothing_allowed(void **state)
{
    (void)state;
    gd_epilogue epilogue;
    assert_false(gd_epilogue_find(false, GD_EPILOGUE_BIAS, 0, &epilogue));
    assert_false(gd_epilogue_find(true, 0, 0, &epilogue));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ways), cmocka_unit_test(test_order),
                                       cmocka_unit_test(test_nothing_allowed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
