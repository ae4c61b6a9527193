/* Computes features: lowers the way forward alone, runs it once, and copies the values of each term. */
#include "engine/features.h"

#include "net/lower/lower.h"

#include <stdlib.h>
#include <string.h>

/* The way forward, compiled for one picture. */
typedef struct forward {
    const gd_engine *engine; /* borrowed */
    gd_tape *tape;           /* owned */
    gd_program *program;     /* owned */
} forward;

static void clear(forward *f)
{
    if (f->program)
        f->engine->backend->free(f->program);
    gd_tape_free(f->tape);
}

static gd_status compile(const gd_engine *engine, int32_t rows, int32_t cols, forward *f, gd_error *error)
{
    const gd_lower_options options = {.dense = engine->backend->dense, .forward = true};
    *f = (forward){.engine = engine};
    gd_status status = gd_tape_lower(engine->net, &engine->objective, rows, cols, &options, &f->tape, error);
    if (status == GD_OK)
        status = engine->backend->compile(engine->device, f->tape, &f->program, error);
    if (status != GD_OK)
        clear(f);
    return status;
}

static size_t count_of(const gd_tensor *tensor, int32_t channels)
{
    return (size_t)channels * (size_t)tensor->rows * (size_t)tensor->cols;
}

gd_status gd_features_bytes(const gd_engine *engine, int32_t rows, int32_t cols, size_t *bytes,
                            gd_error *error)
{
    forward f;
    const gd_status status = compile(engine, rows, cols, &f, error);
    if (status != GD_OK)
        return status;
    size_t largest = 0;
    *bytes = engine->backend->arena_bytes(f.program);
    for (int32_t t = 0; t < f.tape->result_count; t++) {
        const gd_slice *result = &f.tape->results[t];
        const gd_tensor *tensor = &f.tape->tensors[result->tensor];
        const size_t whole = count_of(tensor, tensor->channels);
        *bytes += count_of(tensor, result->channels) * sizeof(double);
        largest = whole > largest ? whole : largest;
    }
    *bytes += largest * sizeof(double); /* a tensor is read whole */
    clear(&f);
    return GD_OK;
}

/* Copies the values of a term; `whole` has room for its tensor. */
static gd_status take(const forward *f, const void *arena, int32_t term, double *whole, gd_features *features,
                      gd_error *error)
{
    const gd_slice *result = &f->tape->results[term];
    const gd_tensor *tensor = &f->tape->tensors[result->tensor];
    const size_t count = count_of(tensor, result->channels);
    *features = (gd_features){result->channels, tensor->rows, tensor->cols, malloc(count * sizeof(double))};
    if (!features->values)
        return gd_no_memory(error, "the features of a picture");
    f->engine->backend->get(f->program, arena, result->tensor, whole);
    memcpy(features->values, whole + count_of(tensor, result->channel), count * sizeof(double));
    return GD_OK;
}

static gd_status take_all(const forward *f, const void *arena, gd_features *features, gd_error *error)
{
    size_t largest = 0;
    for (int32_t t = 0; t < f->tape->result_count; t++) {
        const gd_tensor *tensor = &f->tape->tensors[f->tape->results[t].tensor];
        const size_t whole = count_of(tensor, tensor->channels);
        largest = whole > largest ? whole : largest;
    }
    double *whole = malloc(largest * sizeof *whole);
    gd_status status = whole ? GD_OK : gd_no_memory(error, "the features of a picture");
    for (int32_t t = 0; t < f->tape->result_count && status == GD_OK; t++)
        status = take(f, arena, t, whole, &features[t], error);
    free(whole);
    return status;
}

static gd_status run(const forward *f, const float *picture, gd_features *features, gd_error *error)
{
    const gd_backend *backend = f->engine->backend;
    gd_memory *memory = gd_engine_memory(f->engine);
    void *arena = NULL;
    gd_status status =
        memory->class->allocate(memory, GD_FOR_TENSORS, backend->arena_bytes(f->program), &arena, error);
    if (status != GD_OK)
        return status;
    status = backend->run(f->program, arena, 0, f->tape->op_count, picture, NULL, error);
    if (status == GD_OK)
        status = take_all(f, arena, features, error);
    memory->class->release(memory, GD_FOR_TENSORS, arena);
    return status;
}

gd_status gd_features_create(const gd_engine *engine, const float *picture, int32_t rows, int32_t cols,
                             gd_features **features, gd_error *error)
{
    forward f;
    const int32_t count = engine->objective.count;
    *features = NULL;
    gd_status status = compile(engine, rows, cols, &f, error);
    if (status != GD_OK)
        return status;
    gd_features *made = calloc((size_t)count, sizeof *made);
    status = made ? run(&f, picture, made, error) : gd_no_memory(error, "the features of a picture");
    clear(&f);
    if (status != GD_OK)
        gd_features_free(made, count);
    else
        *features = made;
    return status;
}

void gd_features_free(gd_features *features, int32_t count)
{
    for (int32_t i = 0; features && i < count; i++)
        free(features[i].values);
    free(features);
}
