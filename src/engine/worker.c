/* The programs of one thread, compiled at the first use of a window shape, and their shared arena. */
#include "engine/worker.h"

#include "base/minmax.h"

#include <stdlib.h>

/* An octave has at most nine window shapes. Twice that avoids recompilation when the tile size changes. */
enum { SHAPES_MAX = 18 };

/* A window shape that is ready. */
typedef struct prepared {
    gd_window_shape shape;
    gd_tape *tape;       /* owned */
    gd_program *program; /* owned */
    uint64_t last_use;
} prepared;

struct gd_worker {
    const gd_engine *engine; /* borrowed */
    gd_memory *memory;       /* borrowed */
    prepared shapes[SHAPES_MAX];
    int32_t shape_count;
    uint64_t uses;
    void *arena; /* owned */
    size_t arena_bytes;
};

gd_status gd_worker_create(const gd_engine *engine, gd_worker **worker, gd_error *error)
{
    *worker = calloc(1, sizeof **worker);
    if (!*worker)
        return gd_no_memory(error, "a worker");
    (*worker)->engine = engine;
    (*worker)->memory = gd_engine_memory(engine);
    return GD_OK;
}

static void prepared_free(const gd_engine *engine, prepared *s)
{
    if (s->program)
        engine->backend->free(s->program);
    gd_tape_free(s->tape);
    *s = (prepared){0};
}

void gd_worker_free(gd_worker *worker)
{
    if (!worker)
        return;
    for (int32_t i = 0; i < worker->shape_count; i++)
        prepared_free(worker->engine, &worker->shapes[i]);
    if (worker->arena)
        worker->memory->class->release(worker->memory, GD_FOR_TENSORS, worker->arena);
    free(worker);
}

static gd_status prepare(const gd_engine *engine, const gd_window_shape *shape, prepared *s, gd_error *error)
{
    *s = (prepared){.shape = *shape};
    gd_status status = gd_engine_lower(engine, shape, &s->tape, error);
    if (status == GD_OK)
        status = engine->backend->compile(engine->device, s->tape, &s->program, error);
    if (status != GD_OK)
        prepared_free(engine, s);
    return status;
}

static prepared *oldest(gd_worker *worker)
{
    prepared *found = &worker->shapes[0];
    for (int32_t i = 1; i < worker->shape_count; i++)
        if (worker->shapes[i].last_use < found->last_use)
            found = &worker->shapes[i];
    return found;
}

static gd_status find(gd_worker *worker, const gd_window_shape *shape, prepared **found, gd_error *error)
{
    for (int32_t i = 0; i < worker->shape_count; i++) {
        *found = &worker->shapes[i];
        if (gd_window_shape_same(&(*found)->shape, shape))
            return GD_OK;
    }
    prepared made;
    gd_status status = prepare(worker->engine, shape, &made, error);
    if (status != GD_OK)
        return status;
    if (worker->shape_count < SHAPES_MAX) {
        *found = &worker->shapes[worker->shape_count++];
    } else {
        *found = oldest(worker);
        status = gd_engine_finish(worker->engine, error); /* it may be queued */
        prepared_free(worker->engine, *found);
    }
    **found = made;
    return status;
}

/* Grows the arena. Windows that are queued may still use the old one. */
static gd_status arena_hold(gd_worker *worker, size_t bytes, gd_error *error)
{
    gd_memory *memory = worker->memory;
    if (bytes <= worker->arena_bytes)
        return GD_OK;
    if (worker->arena) {
        const gd_status ended = gd_engine_finish(worker->engine, error);
        if (ended != GD_OK)
            return ended;
        memory->class->release(memory, GD_FOR_TENSORS, worker->arena);
    }
    worker->arena = NULL;
    worker->arena_bytes = 0;
    const gd_status status = memory->class->allocate(memory, GD_FOR_TENSORS, bytes, &worker->arena, error);
    if (status == GD_OK)
        worker->arena_bytes = bytes;
    return status;
}

/* Runs the program, in parts if it may be stopped, so that a stop request does not wait for a large window.
 */
static gd_status run_tape(const gd_worker *worker, const prepared *s, const float *window, float *gradient,
                          const atomic_bool *stop, gd_error *error)
{
    enum { PART = 8 }; /* operations */
    const gd_backend *backend = worker->engine->backend;
    const int32_t count = s->tape->op_count;
    const int32_t part = stop ? PART : count;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < count && !(stop && atomic_load(stop)); i += part)
        status =
            backend->run(s->program, worker->arena, i, gd_min_i32(i + part, count), window, gradient, error);
    return status;
}

gd_status gd_worker_gradient(gd_worker *worker, const gd_window_shape *shape, const float *window,
                             float *gradient, const atomic_bool *stop, gd_error *error)
{
    const gd_backend *backend = worker->engine->backend;
    prepared *s = NULL;
    gd_status status = find(worker, shape, &s, error);
    if (status == GD_OK)
        status = arena_hold(worker, backend->arena_bytes(s->program), error);
    if (status != GD_OK)
        return status;
    s->last_use = ++worker->uses;
    return run_tape(worker, s, window, gradient, stop, error);
}
