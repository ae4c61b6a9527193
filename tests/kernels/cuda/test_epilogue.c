/* Who does which part of an epilogue: every set of parts, both ways, against what cuDNN's engines and our
 * kernels can do. */
#include "check.h"
#include "kernels/cuda/convolution/epilogue.h"

enum {
    FORWARD = GD_EPILOGUE_SUM | GD_EPILOGUE_BIAS | GD_EPILOGUE_RELU | GD_EPILOGUE_MASK_OUT,
    BACKWARD = GD_EPILOGUE_SUM | GD_EPILOGUE_MASK_IN,
    ALL = FORWARD | BACKWARD
};

/* Every part is done once, by the way or behind it. */
static void check_graph(bool backward, unsigned parts, unsigned fusible)
{
    gd_epilogue epilogue;
    const bool possible = (parts & ~(unsigned)(backward ? BACKWARD : FORWARD)) == 0;
    assert_int_equal(gd_epilogue_find(backward, parts, GD_WAY_GRAPH, &epilogue), possible);
    assert_int_equal(epilogue.way, possible ? GD_WAY_GRAPH : 0);
    assert_int_equal(epilogue.fused, possible ? parts & fusible : 0);
    assert_int_equal(epilogue.after, possible ? parts & ~fusible : 0);
}

static void test_graph(void **state)
{
    (void)state;
    for (unsigned parts = 0; parts <= ALL; parts++) {
        check_graph(false, parts, FORWARD & ~(unsigned)GD_EPILOGUE_MASK_OUT);
        check_graph(true, parts, 0);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_graph), cmocka_unit_test(test_nothing_allowed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
