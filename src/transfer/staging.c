/* Host staging buffers for file I/O: in host memory the values themselves, else pinned memory beside them. */
#include "transfer/staging.h"

enum { SAMPLE_BYTES_MAX = 2 };

size_t gd_staging_bytes(gd_memory_kind kind, int64_t count)
{
    return (size_t)count * (sizeof(float) + (kind == GD_MEMORY_DEVICE ? SAMPLE_BYTES_MAX : 0));
}

gd_status gd_staging_create(gd_memory *memory, int64_t count, bool samples, gd_staging *staging,
                            gd_error *error)
{
    const gd_memory_class *class = memory->class;
    const size_t bytes = (size_t)count * sizeof(float);
    void *values = NULL;
    *staging = (gd_staging){.memory = memory};
    gd_status status = class->allocate(memory, GD_FOR_WINDOWS, bytes, &values, error);
    staging->values = values;
    if (class->kind == GD_MEMORY_HOST) {
        staging->host = values;
        return status;
    }
    if (status == GD_OK)
        status = class->allocate_staging(memory, bytes, &staging->host, error);
    if (status == GD_OK && samples)
        status = class->allocate(memory, GD_FOR_WINDOWS, (size_t)count * SAMPLE_BYTES_MAX, &staging->samples,
                                 error);
    return status;
}

void gd_staging_free(gd_staging *staging)
{
    gd_memory *memory = staging->memory;
    if (!memory)
        return;
    if (staging->samples)
        memory->class->release(memory, GD_FOR_WINDOWS, staging->samples);
    if (staging->host && staging->host != staging->values)
        memory->class->release_staging(memory, staging->host);
    gd_memory_release(memory, GD_FOR_WINDOWS, &staging->values);
    *staging = (gd_staging){0};
}

gd_status gd_staging_upload(gd_staging *staging, int64_t count, gd_error *error)
{
    if (staging->host == staging->values)
        return GD_OK;
    return staging->memory->class->upload(staging->memory, staging->values, staging->host,
                                          (size_t)count * sizeof *staging->values, error);
}

gd_status gd_staging_download(gd_staging *staging, const gd_engine *engine, int64_t count, int32_t bits,
                              gd_error *error)
{
    gd_memory *memory = staging->memory;
    const void *values = staging->values;
    size_t bytes = (size_t)count * sizeof *staging->values;
    gd_status status = GD_OK;
    if (staging->host == staging->values)
        return GD_OK;
    if (staging->samples) {
        values = staging->samples;
        bytes = (size_t)count * (size_t)(bits / 8);
        status =
            engine->backend->samples(engine->device, staging->values, count, bits, staging->samples, error);
        if (status == GD_OK)
            status = gd_engine_finish(engine, error);
    }
    if (status == GD_OK)
        status = memory->class->download(memory, staging->host, values, bytes, error);
    return status == GD_OK ? gd_memory_synchronize(memory, error) : status;
}
