#include "kernels/cpu_case.h"

#include "base/random.h"
#include "tools/hash_weights.h"

#include <stdlib.h>
#include <string.h>

static size_t picture_floats(const cpu_case *c)
{
    return (size_t)c->tape->rows * (size_t)c->tape->cols * 3;
}

static void side_create(const cpu_case *c, cpu_side *side, const gd_backend *backend, gd_precision precision,
                        int32_t cores)
{
    gd_error error = {{0}};
    gd_device_options options = {.precision = precision, .cores = cores};
    side->backend = backend;
    check_ok(backend->open(&options, &side->device, &error), error);
    check_ok(backend->load(side->device, c->tape, c->filters, &error), error);
    check_ok(backend->compile(side->device, c->tape, &side->program, &error), error);
    size_t bytes = (backend->arena_bytes(side->program) + 63) / 64 * 64;
    side->arena = aligned_alloc(64, bytes);
    side->gradient = calloc(picture_floats(c), sizeof *side->gradient);
    assert_non_null(side->arena);
    assert_non_null(side->gradient);
    memset(side->arena, 0xff, bytes);
}

static void side_free(cpu_side *side)
{
    side->backend->free(side->program);
    side->backend->close(side->device);
    free(side->arena);
    free(side->gradient);
}

static void lower(cpu_case *c, gd_architecture architecture, const char *layer, int32_t rows, int32_t cols)
{
    gd_error error = {{0}};
    gd_objective objective = {.count = 1};
    c->net = gd_net_create(architecture);
    assert_non_null(c->net);
    int32_t at = gd_net_find_layer(c->net, layer);
    assert_true(at >= 0);
    objective.terms[0] = (gd_term){c->net->layers[at].node, 1.0};
    check_ok(gd_tape_lower(c->net, &objective, rows, cols, &(gd_lower_options){0}, &c->tape, &error), error);
    bool *needed = calloc((size_t)c->net->node_count, sizeof *needed);
    assert_non_null(needed);
    gd_objective_needs(c->net, &objective, needed);
    gd_weights *weights = hash_weights_create(c->net, needed);
    free(needed);
    assert_non_null(weights);
    check_ok(gd_filters_fold(c->tape, c->net, weights, &c->filters, &error), error);
    gd_weights_free(weights);
}

void cpu_case_create(cpu_case *c, gd_architecture architecture, const char *layer, int32_t rows, int32_t cols,
                     gd_precision precision, int32_t cores)
{
    memset(c, 0, sizeof *c);
    lower(c, architecture, layer, rows, cols);
    c->window = malloc(picture_floats(c) * sizeof *c->window);
    assert_non_null(c->window);
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < cols; x++) {
            double rgb[3];
            gd_random_normal3(7, y, x, rgb);
            for (int i = 0; i < 3; i++)
                c->window[(y * cols + x) * 3 + i] = (float)(0.3 * rgb[i]);
        }
    side_create(c, &c->cpu, &gd_backend_cpu, precision, cores);
    side_create(c, &c->reference, &gd_backend_reference, GD_PRECISION_FP64, 0);
}

void cpu_case_free(cpu_case *c)
{
    side_free(&c->cpu);
    side_free(&c->reference);
    free(c->window);
    gd_filters_free(c->filters, c->tape->filter_count);
    gd_tape_free(c->tape);
    gd_net_free(c->net);
}

void cpu_case_run(const cpu_case *c, const cpu_side *side, int32_t first, int32_t last)
{
    gd_error error = {{0}};
    check_ok(side->backend->run(side->program, side->arena, first, last, c->window, side->gradient, &error),
             error);
}

double *cpu_case_get(const cpu_case *c, const cpu_side *side, int32_t tensor)
{
    const gd_tensor *shape = &c->tape->tensors[tensor];
    double *values =
        malloc((size_t)shape->channels * (size_t)shape->rows * (size_t)shape->cols * sizeof *values);
    assert_non_null(values);
    side->backend->get(side->program, side->arena, tensor, values);
    return values;
}

void cpu_case_copy(const cpu_case *c, int32_t tensor)
{
    double *values = cpu_case_get(c, &c->reference, tensor);
    c->cpu.backend->set(c->cpu.program, c->cpu.arena, tensor, values);
    free(values);
}
