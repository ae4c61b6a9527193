/* Opens a backend and loads the filters that the objective needs, folded from the weights file. */
#include "engine/engine.h"

#include "net/fold.h"
#include "net/lower/lower.h"
#include "net/objective.h"
#include "net/reach.h"
#include "net/tape.h"
#include "net/weights.h"

#include <stdio.h>
#include <stdlib.h>

gd_status gd_engine_lower(const gd_engine *engine, const gd_window_shape *shape, gd_tape **tape,
                          gd_error *error)
{
    const gd_lower_options options = {.dense = engine->backend->dense, .focus = shape->focus};
    return gd_tape_lower(engine->net, &engine->objective, shape->rows, shape->cols, &options, tape, error);
}

gd_status gd_engine_weigh(const gd_engine *engine, const gd_window_shape *shape, gd_window_work *work,
                          gd_error *error)
{
    gd_tape *tape = NULL;
    if (gd_work_memory_recall(engine->weighed, shape, work))
        return GD_OK;
    *work = (gd_window_work){0};
    const gd_status status = gd_engine_lower(engine, shape, &tape, error);
    if (status != GD_OK)
        return status;
    work->macs = gd_tape_macs(tape);
    work->units = gd_tape_most_units(tape);
    gd_tape_free(tape);
    gd_work_memory_note(engine->weighed, shape, work);
    return GD_OK;
}

gd_status gd_engine_plain_macs(const gd_engine *engine, const gd_window_shape *shape, double *macs,
                               gd_error *error)
{
    const gd_lower_options options = {.focus = shape->focus};
    gd_window_work work = {0};
    gd_tape *tape = NULL;
    gd_status status = GD_OK;
    *macs = 0;
    if (!engine->backend->dense) {
        status = gd_engine_weigh(engine, shape, &work, error);
        *macs = work.macs;
        return status;
    }
    status = gd_tape_lower(engine->net, &engine->objective, shape->rows, shape->cols, &options, &tape, error);
    if (status == GD_OK)
        *macs = gd_tape_macs(tape);
    gd_tape_free(tape);
    return status;
}

/* Any window shape gives the same filters; the smallest is the fastest to lower. */
static gd_status load_filters(gd_engine *engine, const char *path, gd_error *error)
{
    gd_tape *tape = NULL;
    gd_weights *weights = NULL;
    gd_filter_values *values = NULL;
    const gd_window_shape smallest =
        gd_window_shape_whole(engine->net->smallest_input, engine->net->smallest_input);
    bool *needed = calloc((size_t)engine->net->node_count, sizeof *needed);
    if (!needed)
        return gd_no_memory(error, "the list of layers");
    gd_objective_needs(engine->net, &engine->objective, needed);
    gd_status status = gd_engine_lower(engine, &smallest, &tape, error);
    if (status == GD_OK)
        status = gd_weights_load(path, engine->net, needed, engine->options.loading, &weights, error);
    if (status == GD_OK)
        status = gd_filters_fold(tape, engine->net, weights, &values, error);
    if (status == GD_OK) {
        snprintf(engine->checksum, sizeof engine->checksum, "%s", weights->checksum);
        status = engine->backend->load(engine->device, tape, values, error);
    }
    if (values)
        gd_filters_free(values, tape->filter_count);
    gd_weights_free(weights);
    gd_tape_free(tape);
    free(needed);
    return status;
}

gd_status gd_engine_create(const gd_backend *backend, const gd_device_options *options, const gd_net *net,
                           const gd_objective *objective, const char *weights, gd_engine **engine,
                           gd_error *error)
{
    *engine = NULL;
    gd_engine *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "the engine");
    made->backend = backend;
    made->options = *options;
    made->net = net;
    made->objective = *objective;
    made->reach = gd_objective_reach(net, objective);
    made->stride = gd_objective_stride(net, objective);
    made->weighed = gd_work_memory_create();
    made->weighed_cuts = gd_work_memory_create();
    gd_status status = made->weighed && made->weighed_cuts ? GD_OK : gd_no_memory(error, "the engine");
    if (status == GD_OK)
        status = backend->open(options, &made->device, error);
    if (status == GD_OK && weights && objective->count > 0)
        status = load_filters(made, weights, error);
    if (status != GD_OK) {
        gd_engine_free(made);
        return status;
    }
    made->store.memory = gd_engine_memory(made);
    *engine = made;
    return GD_OK;
}

void gd_engine_free(gd_engine *engine)
{
    if (!engine)
        return;
    gd_block_cache_free(engine->store.cache);
    engine->backend->close(engine->device);
    gd_work_memory_free(engine->weighed);
    gd_work_memory_free(engine->weighed_cuts);
    free(engine);
}

gd_memory *gd_engine_memory(const gd_engine *engine)
{
    return engine->backend->memory(engine->device);
}

const gd_store *gd_engine_store(const gd_engine *engine)
{
    return &engine->store;
}

void gd_engine_use_block_cache(gd_engine *engine, gd_block_cache *cache)
{
    engine->store.cache = cache;
}

bool gd_engine_queues(const gd_engine *engine)
{
    return engine->backend->record_event != NULL;
}

gd_status gd_engine_record_event(const gd_engine *engine, uint64_t *event, gd_error *error)
{
    *event = 0;
    return gd_engine_queues(engine) ? engine->backend->record_event(engine->device, event, error) : GD_OK;
}

gd_status gd_engine_wait_event(const gd_engine *engine, uint64_t event, gd_error *error)
{
    return event > 0 ? engine->backend->wait_event(engine->device, event, error) : GD_OK;
}

gd_status gd_engine_finish(const gd_engine *engine, gd_error *error)
{
    return engine->backend->finish(engine->device, error);
}
