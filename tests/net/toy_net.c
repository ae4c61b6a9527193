/* The table of the made-up network. */
#include "net/toy_net.h"

#define CONV(number, from, out, size, step)                                                                  \
    .kind = GD_NODE_CONV, .inputs = {from}, .input_count = 1, .channels = out, .kernel_rows = size,          \
    .kernel_cols = size, .stride = step, .same = (step) == 1, .batch_norm = true, .relu = true,              \
    .conv_index = number
#define BRANCH(label, from, out)                                                                             \
    .kind = GD_NODE_CONV, .name = label, .inputs = {from}, .input_count = 1, .channels = out,                \
    .kernel_rows = 1, .kernel_cols = 1, .stride = 1, .same = true, .conv_index = -1
#define POOL(which, from, out, step)                                                                         \
    .kind = which, .inputs = {from}, .input_count = 1, .channels = out, .kernel_rows = 3, .kernel_cols = 3,  \
    .stride = step, .same = (step) == 1, .conv_index = -1
#define CONCAT(count, out) .kind = GD_NODE_CONCAT, .input_count = count, .channels = out, .stride = 1
#define RESIDUAL(x, branch, out, factor)                                                                     \
    .kind = GD_NODE_RESIDUAL, .inputs = {x, branch}, .input_count = 2, .channels = out, .scale = factor,     \
    .stride = 1

static const gd_node nodes[] = {
    [0] = {.kind = GD_NODE_INPUT, .channels = 3, .stride = 1, .conv_index = -1},
    [1] = {CONV(0, 0, 16, 3, 2)},
    [2] = {CONV(1, 1, 16, 1, 1)}, /* 2 and 3 merge */
    [3] = {CONV(2, 1, 32, 1, 1)},
    [4] = {CONV(3, 3, 16, 3, 2)},
    [5] = {POOL(GD_NODE_MAX_POOL, 1, 16, 2)},
    [6] = {CONV(4, 2, 16, 3, 2)},
    [7] = {CONCAT(3, 48), .inputs = {4, 5, 6}}, /* a pool in the middle: two masks */
    [8] = {CONV(5, 6, 16, 1, 1)},               /* reads one part */
    [9] = {POOL(GD_NODE_AVG_POOL, 7, 48, 1)},   /* two readers: stays before both */
    [10] = {CONV(6, 9, 16, 3, 1)},
    [11] = {CONV(7, 9, 32, 1, 1)},
    [12] = {BRANCH("toy_a_conv", 10, 48)},
    [13] = {RESIDUAL(7, 12, 48, 0.5), .relu = true}, /* 14 reads x later; a part of 16 */
    [14] = {CONV(8, 7, 16, 1, 1)},
    [15] = {CONCAT(2, 32), .inputs = {8, 14}}, /* a part of 16 */
    [16] = {CONCAT(3, 112), .inputs = {15, 13, 11}},
    [17] = {BRANCH("toy_b_conv", 16, 48)},
    [18] = {RESIDUAL(13, 17, 48, 0.3)}, /* x is a part */
    [19] = {CONV(9, 18, 16, 1, 1)},
    [20] = {BRANCH("toy_c_conv", 19, 48)},
    [21] = {RESIDUAL(18, 20, 48, 1), .relu = true}, /* in place */
    [22] = {POOL(GD_NODE_AVG_POOL, 21, 48, 1)},
    [23] = {CONV(10, 22, 16, 1, 1)}, /* its pool moves */
    [24] = {CONV(11, 6, 16, 1, 1)},  /* the first to hand back, to a single part */
};
_Static_assert(sizeof nodes / sizeof *nodes == TOY_NODES, "the nodes of the toy");

const gd_net toy_net = {
    .name = "toy", .title = "Toy", .nodes = nodes, .node_count = TOY_NODES, .smallest_input = 9};

bool toy_is_branch(int32_t node)
{
    return node == 12 || node == 17 || node == 20;
}
