/* The table of which way does which part of an epilogue. */
#include "kernels/cuda/convolution/epilogue.h"

#include <stddef.h>

enum {
    SUM = GD_EPILOGUE_SUM,
    BIAS = GD_EPILOGUE_BIAS,
    RELU = GD_EPILOGUE_RELU,
    MASK_OUT = GD_EPILOGUE_MASK_OUT,
    MASK_IN = GD_EPILOGUE_MASK_IN,
};

/* Ways in order of preference. cuBLASLt adds to what is there in both directions (beta = 1), and its
 * epilogues write masks of a ReLU (RELU_AUX) or apply them (DRELU). Engines that cuDNN compiles at run time
 * take a whole chain of operations, where a device and a timing allowed them. Those that are compiled in
 * advance take bias, sum and ReLU forward, and nothing backward; they neither write nor read masks. */
static const struct {
    gd_conv_way way;
    bool backward;
    unsigned fused; /* what the way can do itself */
    unsigned after; /* what a kernel of ours can do behind it */
} ways_of[] = {
    {GD_WAY_PRODUCT_MASKED, false, SUM | BIAS | RELU | MASK_OUT, 0},
    {GD_WAY_PRODUCT_MASKED, true, SUM | MASK_IN, 0},
    {GD_WAY_PRODUCT, false, SUM | BIAS | RELU, MASK_OUT},
    {GD_WAY_PRODUCT, true, SUM, MASK_IN},
    {GD_WAY_COMPILED, false, SUM | BIAS | RELU | MASK_OUT, 0},
    {GD_WAY_COMPILED, true, SUM | MASK_IN, 0},
    {GD_WAY_GRAPH, false, SUM | BIAS | RELU, MASK_OUT},
    {GD_WAY_GRAPH, true, 0, SUM | MASK_IN},
};

bool gd_epilogue_find(bool backward, unsigned parts, unsigned ways, gd_epilogue *epilogue)
{
    *epilogue = (gd_epilogue){0};
    for (size_t w = 0; w < sizeof ways_of / sizeof *ways_of; w++) {
        const unsigned rest = parts & ~ways_of[w].fused;
        if (ways_of[w].backward != backward || !(ways_of[w].way & ways) || rest & ~ways_of[w].after)
            continue;
        *epilogue = (gd_epilogue){ways_of[w].way, parts & ways_of[w].fused, rest};
        return true;
    }
    return false;
}
