/* A network with hash weights, lowered for one window and compiled on two backends. */
#include "kernels/net_case.h"
#include "net/fold.h"
#include "net/lower/lower.h"
#include "net/objective.h"

#include "base/random.h"
#include "tools/hash_weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More units than are multiplied at once, and no whole number of times as many; unit 40 is unit 5. */
static void make_match(net_case *c, int32_t channels)
{
    enum { UNITS = 75 };
    float *values = malloc(sizeof *values * UNITS * (size_t)channels);
    assert_non_null(values);
    c->match = (gd_match){.units = UNITS, .channels = channels, .values = values, .largest = 255 / 64.0};
    for (int32_t j = 0; j < UNITS; j++)
        for (int32_t k = 0; k < channels; k++) {
            const uint32_t bits = ((uint32_t)(j == 40 ? 5 : j) * 65537U + (uint32_t)k) * 2654435761U;
            values[j * channels + k] = (float)(bits >> 24) / 64;
        }
}

static gd_objective match_of(net_case *c, int32_t node)
{
    make_match(c, c->net->nodes[node].channels);
    return (gd_objective){
        .terms = {{.node = node, .weight = 1, .measure = GD_MEASURE_MATCH, .guide = 1},
                  {.node = node, .weight = 1, .measure = GD_MEASURE_MATCH, .guide = 1, .run_count = 2}},
        .count = 2,
        .runs = {{3, 60, 1}, {65, 1, -2}},
        .run_count = 2,
        .matches = &c->match};
}

/* The layer's mean; with "@channels" behind the name, squares and means of some of its channels instead, and
 * with "@match" the units of a guide that are most like it. */
static gd_objective objective_of(net_case *c, const char *layer)
{
    const gd_net *net = c->net;
    const char *at = strchr(layer, '@');
    char name[GD_NODE_NAME_MAX];
    snprintf(name, sizeof name, "%.*s", at ? (int)(at - layer) : (int)strlen(layer), layer);
    const int32_t index = gd_net_find_layer(net, name);
    assert_true(index >= 0);
    const int32_t node = net->layers[index].node;
    gd_objective objective = {.terms = {{.node = node, .weight = 1}}, .count = 1};
    if (at && strcmp(at, "@match") == 0)
        objective = match_of(c, node);
    else if (at)
        objective = (gd_objective){
            .terms = {{.node = node, .weight = 1, .measure = GD_MEASURE_L2, .run = 0, .run_count = 2},
                      {.node = node, .weight = 1, .run = 2, .run_count = 1}},
            .count = 2,
            .runs = {{3, 60, 1}, {65, 1, -2}, {20, 100, 0.5}},
            .run_count = 3};
    assert_true(gd_objective_narrow(net, &objective));
    return objective;
}

void net_case_lower_net(net_case *c, gd_net *net, const char *layer, int32_t rows, int32_t cols,
                        const gd_lower_options *options)
{
    gd_error error = {{0}};
    assert_non_null(net);
    c->net = net;
    const gd_objective objective = objective_of(c, layer);
    check_ok(gd_tape_lower(c->net, &objective, rows, cols, options, &c->tape, &error), error);
    bool *needed = calloc((size_t)c->net->node_count, sizeof *needed);
    assert_non_null(needed);
    gd_objective_needs(c->net, &objective, needed);
    gd_weights *weights = hash_weights_create(c->net, needed);
    free(needed);
    assert_non_null(weights);
    check_ok(gd_filters_fold(c->tape, c->net, weights, &c->filters, &error), error);
    gd_weights_free(weights);
}

void net_case_lower(net_case *c, gd_architecture architecture, const char *layer, int32_t rows, int32_t cols)
{
    net_case_lower_net(c, gd_net_create(architecture), layer, rows, cols, NULL);
}

static void make_side(net_case *c, side *s, const gd_backend *backend, const gd_device_options *options)
{
    side_create(s, backend, side_open(backend, options, c->tape, c->filters), c->tape, NULL);
    side_spoil(s);
}

void net_case_open(net_case *c, const gd_backend *backend, gd_net *net, const char *layer, int32_t rows,
                   int32_t cols, const gd_device_options *options)
{
    net_case_open_focused(c, backend, net, layer, rows, cols, (gd_rect){0}, options);
}

void net_case_open_focused(net_case *c, const gd_backend *backend, gd_net *net, const char *layer,
                           int32_t rows, int32_t cols, gd_rect focus, const gd_device_options *options)
{
    memset(c, 0, sizeof *c);
    c->scale = 1;
    net_case_lower_net(c, net, layer, rows, cols,
                       &(gd_lower_options){.dense = backend->dense, .focus = focus});
    const size_t bytes = side_picture_bytes(c->tape);
    c->window = malloc(bytes);
    c->gradients[0] = malloc(bytes);
    c->gradients[1] = malloc(bytes);
    assert_true(c->window && c->gradients[0] && c->gradients[1]);
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < cols; x++) {
            double rgb[3];
            gd_random_normal3(7, y, x, rgb);
            for (int i = 0; i < 3; i++)
                c->window[(y * cols + x) * 3 + i] = (float)(0.3 * rgb[i]);
        }
    make_side(c, &c->tested, backend, options);
    make_side(c, &c->reference, &gd_backend_reference, &(gd_device_options){.precision = GD_PRECISION_FP64});
}

void net_case_create(net_case *c, const gd_backend *backend, gd_architecture architecture, const char *layer,
                     int32_t rows, int32_t cols, gd_precision precision, int32_t cores)
{
    net_case_open(c, backend, gd_net_create(architecture), layer, rows, cols,
                  &(gd_device_options){.precision = precision, .cores = cores});
}

void net_case_free(net_case *c)
{
    side *const sides[2] = {&c->tested, &c->reference};
    for (int i = 0; i < 2; i++) {
        side_free(sides[i]);
        sides[i]->backend->close(sides[i]->device);
        free(c->gradients[i]);
    }
    free(c->window);
    free((void *)c->match.values);
    gd_filters_free(c->filters, c->tape->filter_count);
    gd_tape_free(c->tape);
    gd_net_free(c->net);
}

void net_case_run(const net_case *c, const side *s, int32_t first, int32_t last)
{
    side_run(s, first, last, c->window, c->gradients[s == &c->reference]);
}

static void multiply(const net_case *c, int32_t tensor, double *values, double factor)
{
    const gd_tensor *shape = &c->tape->tensors[tensor];
    const int64_t count = (int64_t)shape->channels * shape->rows * shape->cols;
    if (shape->kind == GD_TENSOR_VALUES && shape->first_op >= c->tape->first_backward)
        for (int64_t i = 0; i < count; i++)
            values[i] *= factor;
}

double *net_case_get(const net_case *c, int32_t tensor)
{
    double *values = side_get(&c->tested, tensor);
    multiply(c, tensor, values, 1 / c->scale);
    return values;
}

void net_case_copy(const net_case *c, int32_t tensor)
{
    double *values = side_get(&c->reference, tensor);
    multiply(c, tensor, values, c->scale);
    c->tested.backend->set(c->tested.program, c->tested.arena, tensor, values);
    free(values);
}
