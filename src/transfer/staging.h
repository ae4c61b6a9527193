/* Host staging buffers for file I/O. */
#ifndef GD_TRANSFER_STAGING_H
#define GD_TRANSFER_STAGING_H

#include "base/memory.h"
#include "base/status.h"
#include "engine/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gd_staging {
    gd_memory *memory; /* borrowed */
    float *values;     /* owned; [count] in the rank's memory, filled or read by an exchange */
    void *host;        /* owned; host copy; in host memory it is `values` itself */
    void *samples;     /* owned; [count] samples that the device makes; NULL: floats are downloaded */
} gd_staging;

/* Creates buffers for up to `count` values. `samples`: the device converts them to the file's samples before
 * the download. Not collective. Must be freed after a failure too. */
gd_status gd_staging_create(gd_memory *memory, int64_t count, bool samples, gd_staging *staging,
                            gd_error *error) GD_CHECKED;
void gd_staging_free(gd_staging *staging);

/* Copies the first `count` values to `host` and waits: as floats, or as samples of `bits` if staging->samples
 * is set. */
gd_status gd_staging_download(gd_staging *staging, const gd_engine *engine, int64_t count, int32_t bits,
                              gd_error *error) GD_CHECKED;

/* Queues a copy of the first `count` values from `host`, which must stay until later work in the queue is
 * done. */
gd_status gd_staging_upload(gd_staging *staging, int64_t count, gd_error *error) GD_CHECKED;

/* Bytes of GD_FOR_WINDOWS of a staging buffer. */
size_t gd_staging_bytes(gd_memory_kind kind, int64_t count);

#endif
