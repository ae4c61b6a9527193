/* A tape compiled on a backend, with its arena, windows and gradients in that device's memory. */
#include "kernels/side.h"
#include "net/fold.h"

#include <stdlib.h>
#include <string.h>

gd_device *side_open(const gd_backend *backend, const gd_device_options *options, const gd_tape *tape,
                     const gd_filter_values *filters)
{
    gd_error error = {{0}};
    gd_device *device = NULL;
    check_ok(backend->open(options, &device, &error), error);
    check_ok(backend->load(device, tape, filters, &error), error);
    return device;
}

size_t side_picture_bytes(const gd_tape *tape)
{
    return (size_t)tape->rows * (size_t)tape->cols * 3 * sizeof(float);
}

/* Of the focus. */
static size_t gradient_bytes(const gd_tape *tape)
{
    return (size_t)gd_rect_area(tape->focus) * 3 * sizeof(float);
}

static void *allocate(gd_memory *memory, gd_purpose purpose, size_t bytes)
{
    gd_error error = {{0}};
    void *values = NULL;
    check_ok(memory->class->allocate(memory, purpose, bytes, &values, &error), error);
    return values;
}

void side_create(side *s, const gd_backend *backend, gd_device *device, const gd_tape *tape, void *arena)
{
    gd_error error = {{0}};
    *s = (side){.backend = backend, .tape = tape, .device = device, .memory = backend->memory(device)};
    check_ok(backend->compile(device, tape, &s->program, &error), error);
    s->arena_owned = !arena;
    s->arena = arena ? arena : allocate(s->memory, GD_FOR_TENSORS, backend->arena_bytes(s->program));
    s->window = allocate(s->memory, GD_FOR_WINDOWS, side_picture_bytes(tape));
    s->gradient = allocate(s->memory, GD_FOR_WINDOWS, gradient_bytes(tape));
}

void side_free(side *s)
{
    s->backend->free(s->program);
    gd_memory_release(s->memory, GD_FOR_WINDOWS, &s->window);
    gd_memory_release(s->memory, GD_FOR_WINDOWS, &s->gradient);
    if (s->arena_owned)
        s->memory->class->release(s->memory, GD_FOR_TENSORS, s->arena);
}

static void settle(gd_memory *memory)
{
    gd_error error = {{0}};
    check_ok(gd_memory_synchronize(memory, &error), error);
}

void side_bring(gd_memory *memory, void *values, const void *host, size_t bytes)
{
    gd_error error = {{0}};
    void *staging = NULL;
    check_ok(memory->class->allocate_staging(memory, bytes, &staging, &error), error);
    memcpy(staging, host, bytes);
    check_ok(memory->class->upload(memory, values, staging, bytes, &error), error);
    settle(memory);
    memory->class->release_staging(memory, staging);
}

void side_fetch(gd_memory *memory, void *host, const void *values, size_t bytes)
{
    gd_error error = {{0}};
    void *staging = NULL;
    check_ok(memory->class->allocate_staging(memory, bytes, &staging, &error), error);
    check_ok(memory->class->download(memory, staging, values, bytes, &error), error);
    settle(memory);
    memcpy(host, staging, bytes);
    memory->class->release_staging(memory, staging);
}

void side_spoil(const side *s)
{
    const size_t bytes = s->backend->arena_bytes(s->program);
    void *host = malloc(bytes);
    assert_non_null(host);
    memset(host, 0xff, bytes);
    side_bring(s->memory, s->arena, host, bytes);
    free(host);
}

void side_run(const side *s, int32_t first, int32_t last, const float *window, float *gradient)
{
    gd_error error = {{0}};
    if (first == 0)
        side_bring(s->memory, s->window, window, side_picture_bytes(s->tape));
    check_ok(s->backend->run(s->program, s->arena, first, last, s->window, s->gradient, &error), error);
    check_ok(s->backend->finish(s->device, &error), error);
    if (last == s->tape->op_count && gradient)
        side_fetch(s->memory, gradient, s->gradient, gradient_bytes(s->tape));
}

float *side_gradient(const side *s, const float *window)
{
    float *gradient = malloc(gradient_bytes(s->tape));
    assert_non_null(gradient);
    side_run(s, 0, s->tape->op_count, window, gradient);
    return gradient;
}

double *side_get(const side *s, int32_t tensor)
{
    const gd_tensor *shape = &s->tape->tensors[tensor];
    double *values =
        malloc((size_t)shape->channels * (size_t)shape->rows * (size_t)shape->cols * sizeof *values);
    assert_non_null(values);
    s->backend->get(s->program, s->arena, tensor, values);
    return values;
}
