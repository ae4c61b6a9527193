/* Where pixels pass between a rank's memory and the host's reach, to and from files. */
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
    float *values;     /* owned; [count], where an exchange fills or reads them */
    void *host;        /* owned, but for host memory, where it is `values`; the same in the host's reach */
    void *samples;     /* owned; [count] of a file, made by the device; NULL: floats leave it */
} gd_staging;

/* For up to `count` values; `samples`: the backend makes them where memory is a device's. Not collective.
 * Free it in any case. */
gd_status gd_staging_create(gd_memory *memory, int64_t count, bool samples, gd_staging *staging,
                            gd_error *error) GD_CHECKED;
void gd_staging_free(gd_staging *staging);

/* The first `count` values into staging, and waits for it: as floats, or as samples of so many bits where
 * staging->samples is there. */
gd_status gd_staging_download(gd_staging *staging, const gd_engine *engine, int64_t count, int32_t bits,
                              gd_error *error) GD_CHECKED;

/* Queues the first `count` values out of staging, which must stay until what is queued later is done. */
gd_status gd_staging_upload(gd_staging *staging, int64_t count, gd_error *error) GD_CHECKED;

/* Bytes of memory for windows that it takes, of a device's memory or of the host's. */
size_t gd_staging_bytes(gd_memory_kind kind, int64_t count);

#endif
