/* Tests the tables of both networks: layers, extents, reach and strides. */
#include "check.h"
#include "net/reach.h"

#include "net/net.h"
#include "tools/v1_traits.h"

#include <stdio.h>

typedef struct known {
    const char *name;
    int32_t channels, reach, stride, extent; /* extent: for an input of 299 */
} known;

/* Channels and extents as Keras prints them for 299x299; reach as Araujo et al. compute it. */
static const known v3[] = {
    {"mixed0", 256, 63, 8, 35},     {"mixed1", 288, 95, 8, 35},          {"mixed2", 288, 127, 8, 35},
    {"mixed3", 768, 159, 16, 17},   {"mixed4", 768, 351, 16, 17},        {"mixed5", 768, 543, 16, 17},
    {"mixed6", 768, 735, 16, 17},   {"mixed7", 768, 927, 16, 17},        {"mixed8", 1280, 1055, 32, 8},
    {"mixed9_0", 768, 1119, 32, 8}, {"concatenate", 768, 1183, 32, 8},   {"mixed9", 2048, 1183, 32, 8},
    {"mixed9_1", 768, 1247, 32, 8}, {"concatenate_1", 768, 1311, 32, 8}, {"mixed10", 2048, 1311, 32, 8},
};

/* Channels as in Caffe's bvlc_googlenet; extents as Caffe computes them. */
static const known v1[] = {
    {"inception_3a/output", 256, 59, 8, 37},
    {"inception_3b/output", 480, 91, 8, 37},
    {"inception_4a/output", 512, 171, 16, 18},
    {"inception_4b/output", 512, 235, 16, 18},
    {"inception_4c/output", 512, 299, 16, 18},
    {"inception_4d/output", 528, 363, 16, 18},
    {"inception_4e/output", 832, 427, 16, 18},
    {"inception_5a/output", 832, 587, 32, 9},
    {"inception_5b/output", 1024, 715, 32, 9},
    {"conv1/7x7_s2", 64, 7, 2, 150},
    {"pool1/norm1", 64, 11, 4, 75},
    {"inception_3b/5x5_reduce", 32, 59, 8, 37},
    {"inception_4a/3x3", 208, 139, 16, 18},
    {"inception_5b/pool_proj", 128, 651, 32, 9},
};

static const known resnet[] = {
    {"mixed_5b", 320, 63, 8, 35},          {"block35_1_mixed", 128, 95, 8, 35},
    {"block35_10_mixed", 128, 383, 8, 35}, {"mixed_6a", 1088, 415, 16, 17},
    {"block17_1_mixed", 384, 511, 16, 17}, {"block17_20_mixed", 384, 2335, 16, 17},
    {"mixed_7a", 2080, 2399, 32, 8},       {"block8_1_mixed", 448, 2463, 32, 8},
    {"block8_10_mixed", 448, 3039, 32, 8},
};

static void check_known(const gd_net *net, const known *k)
{
    const int32_t layer = gd_net_find_layer(net, k->name);
    assert_true(layer >= 0);
    const int32_t node = net->layers[layer].node;
    assert_string_equal(net->nodes[node].name, k->name);
    assert_int_equal(net->nodes[node].channels, k->channels);
    assert_int_equal(gd_net_reach(net, node), k->reach);
    assert_int_equal(gd_net_stride(net, node), k->stride);
    assert_int_equal(gd_net_extent(net, node, 299, true), k->extent);
    assert_int_equal(gd_net_extent(net, node, 299, false), k->extent);
    assert_true(gd_net_extent(net, node, net->smallest_input, true) > 0);
}

static void v3_table_is_known(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    assert_non_null(net);
    assert_int_equal(net->layer_count, sizeof v3 / sizeof *v3);
    for (int32_t i = 0; i < net->layer_count; i++) {
        assert_string_equal(net->layers[i].name, v3[i].name);
        check_known(net, &v3[i]);
    }
    gd_net_free(net);
}

/* The list has the outputs of the blocks; all else has a name. Odd extents round up or down as each program
 * says. */
static void v1_table_is_known(void **state)
{
    (void)state;
    const gd_net_traits traits = v1_traits_5h();
    gd_net *net = gd_net_create(GD_INCEPTION_V1), *other = gd_net_create_as(GD_INCEPTION_V1, &traits);
    assert_true(net && other);
    assert_int_equal(net->listed_count, 9);
    for (int32_t i = 0; i < 9; i++)
        assert_string_equal(net->layers[i].name, v1[i].name);
    for (size_t i = 0; i < sizeof v1 / sizeof *v1; i++)
        check_known(net, &v1[i]);
    assert_int_equal(net->layer_count, 9 + 57 + 13 + 2);
    assert_int_equal(gd_net_extent(other, other->layers[0].node, 299, true), 38);
    assert_int_equal(gd_net_extent(other, other->layers[0].node, 300, true), 38);
    assert_int_equal(other->nodes[other->layers[2].node].channels, 508);
    assert_int_equal(gd_net_extent(net, net->layers[8].node, 32, true), 1);
    gd_net_free(net);
    gd_net_free(other);
}

static void resnet_list_is_in_order(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_RESNET_V2);
    assert_non_null(net);
    const struct {
        const char *reduction, *blocks;
        int count;
    } stages[] = {{"mixed_5b", "block35", 10}, {"mixed_6a", "block17", 20}, {"mixed_7a", "block8", 10}};
    int32_t at = 0;
    for (int s = 0; s < 3; s++) {
        assert_string_equal(net->layers[at++].name, stages[s].reduction);
        for (int b = 1; b <= stages[s].count; b++) {
            char name[GD_NODE_NAME_MAX];
            snprintf(name, sizeof name, "%s_%d_mixed", stages[s].blocks, b);
            assert_string_equal(net->layers[at++].name, name);
        }
    }
    assert_int_equal(net->layer_count, at);
    for (size_t i = 0; i < sizeof resnet / sizeof *resnet; i++)
        check_known(net, &resnet[i]);
    gd_net_free(net);
}

/* Convolutions are numbered without gaps, named ones apart, and every node comes after its inputs. */
static void check_structure(gd_architecture architecture, int numbered, int named, int residuals)
{
    gd_net *net = gd_net_create(architecture);
    assert_non_null(net);
    int next = 0, with_name = 0, sums = 0;
    for (int32_t n = 0; n < net->node_count; n++) {
        const gd_node *node = &net->nodes[n];
        for (int32_t i = 0; i < node->input_count; i++)
            assert_in_range(node->inputs[i], 0, n - 1);
        if (node->kind == GD_NODE_CONV && node->conv_index >= 0)
            assert_int_equal(node->conv_index, next++);
        else if (node->kind == GD_NODE_CONV)
            with_name += node->name[0] != '\0';
        if (node->kind == GD_NODE_RESIDUAL) {
            assert_int_equal(node->channels, net->nodes[node->inputs[1]].channels);
            assert_false(net->nodes[node->inputs[1]].batch_norm);
            sums++;
        }
    }
    assert_int_equal(next, numbered);
    assert_int_equal(with_name, named);
    assert_int_equal(sums, residuals);
    gd_net_free(net);
}

static void structure_holds(void **state)
{
    (void)state;
    check_structure(GD_INCEPTION_V3, 94, 0, 0);
    check_structure(GD_INCEPTION_RESNET_V2, 203, 41, 40);
}

/* Without its classifier Inception V3 costs 5.7e9 multiply-adds at 299x299 (Szegedy et al.: "5 billion");
 * in the limit of large windows, where edges cost nothing, a little more. */
static void cost_is_that_of_the_paper(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    const int32_t top = net->layers[gd_net_find_layer(net, "mixed10")].node;
    const double macs = gd_net_cost(net, top) * 299 * 299;
    assert_true(macs > 5.7e9 && macs < 7.5e9);
    double before = 0;
    for (const char *const *name = (const char *const[]){"mixed0", "mixed3", "mixed5", "mixed10", NULL};
         *name; name++) {
        const double cost = gd_net_cost(net, net->layers[gd_net_find_layer(net, *name)].node);
        assert_true(cost > before);
        before = cost;
    }
    gd_net_free(net);
}

static void stem_extents_at_odd_sizes(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    const int32_t mixed0 = net->layers[0].node;
    const int32_t mixed10 = net->layers[14].node;
    assert_int_equal(gd_net_extent(net, mixed0, 75, true), 7);
    assert_int_equal(gd_net_extent(net, mixed10, 75, true), 1);
    assert_int_equal(gd_net_extent(net, mixed10, 107, false), 2);
    assert_int_equal(gd_net_extent(net, mixed0, 512, false), 61);
    assert_int_equal(gd_net_extent(net, mixed0, 4, false), 0);
    gd_net_free(net);
}

static void objective_takes_the_largest(void **state)
{
    (void)state;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    const int32_t mixed0 = net->layers[0].node, mixed3 = net->layers[3].node;
    const gd_objective objective = {.terms = {{mixed3, 1}, {mixed0, 0.5}}, .count = 2};
    assert_int_equal(gd_objective_reach(net, &objective), 159);
    assert_int_equal(gd_objective_stride(net, &objective), 16);
    bool needed[1024];
    gd_objective_needs(net, &objective, needed);
    for (int32_t n = 0; n < net->node_count; n++) /* to mixed3 everything is on the way */
        assert_int_equal(needed[n], n <= mixed3);
    const gd_objective inner = {.terms = {{net->layers[gd_net_find_layer(net, "mixed9_0")].node, 1}},
                                .count = 1};
    gd_objective_needs(net, &inner, needed);
    assert_false(needed[net->layers[gd_net_find_layer(net, "concatenate")].node]);
    assert_int_equal(gd_net_find_layer(net, "mixed11"), -1);
    gd_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v1_table_is_known),           cmocka_unit_test(v3_table_is_known),
        cmocka_unit_test(resnet_list_is_in_order),     cmocka_unit_test(structure_holds),
        cmocka_unit_test(cost_is_that_of_the_paper),   cmocka_unit_test(stem_extents_at_odd_sizes),
        cmocka_unit_test(objective_takes_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
