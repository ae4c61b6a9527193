#include "dream/landing.h"

enum { SAMPLE_BYTES_MAX = 2 };

size_t gd_landing_bytes(gd_memory_kind kind, int64_t count)
{
    return (size_t)count * (sizeof(float) + (kind == GD_MEMORY_DEVICE ? SAMPLE_BYTES_MAX : 0));
}

gd_status gd_landing_create(gd_memory *memory, int64_t count, bool samples, gd_landing *landing,
                            gd_error *error)
{
    const gd_memory_class *class = memory->class;
    const size_t bytes = (size_t)count * sizeof(float);
    void *values = NULL;
    *landing = (gd_landing){.memory = memory};
    gd_status status = class->allocate(memory, GD_FOR_WINDOWS, bytes, &values, error);
    landing->values = values;
    if (class->kind == GD_MEMORY_HOST) {
        landing->staging = values;
        return status;
    }
    if (status == GD_OK)
        status = class->allocate_staging(memory, bytes, &landing->staging, error);
    if (status == GD_OK && samples)
        status = class->allocate(memory, GD_FOR_WINDOWS, (size_t)count * SAMPLE_BYTES_MAX, &landing->samples,
                                 error);
    return status;
}

void gd_landing_free(gd_landing *landing)
{
    gd_memory *memory = landing->memory;
    if (!memory)
        return;
    if (landing->samples)
        memory->class->release(memory, GD_FOR_WINDOWS, landing->samples);
    if (landing->staging && landing->staging != landing->values)
        memory->class->release_staging(memory, landing->staging);
    gd_memory_release(memory, GD_FOR_WINDOWS, &landing->values);
    *landing = (gd_landing){0};
}

gd_status gd_landing_bring(gd_landing *landing, int64_t count, gd_error *error)
{
    if (landing->staging == landing->values)
        return GD_OK;
    return landing->memory->class->bring(landing->memory, landing->values, landing->staging,
                                         (size_t)count * sizeof *landing->values, error);
}

gd_status gd_landing_fetch(gd_landing *landing, const gd_engine *engine, int64_t count, int32_t bits,
                           gd_error *error)
{
    gd_memory *memory = landing->memory;
    const void *values = landing->values;
    size_t bytes = (size_t)count * sizeof *landing->values;
    gd_status status = GD_OK;
    if (landing->staging == landing->values)
        return GD_OK;
    if (landing->samples) {
        values = landing->samples;
        bytes = (size_t)count * (size_t)(bits / 8);
        status =
            engine->backend->samples(engine->device, landing->values, count, bits, landing->samples, error);
        if (status == GD_OK)
            status = gd_engine_finish(engine, error);
    }
    if (status == GD_OK)
        status = memory->class->fetch(memory, landing->staging, values, bytes, error);
    return status == GD_OK ? gd_memory_settle(memory, error) : status;
}
