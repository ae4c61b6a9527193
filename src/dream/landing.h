/* Where pixels pass between a rank's memory and the host's reach, to and from files. */
#ifndef GD_DREAM_LANDING_H
#define GD_DREAM_LANDING_H

#include "base/memory.h"
#include "base/status.h"
#include "dream/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gd_landing {
    gd_memory *memory; /* borrowed */
    float *values;     /* owned; [count], where an exchange fills or reads them */
    void *staging;     /* owned, but for host memory, where it is `values`; the same in the host's reach */
    void *samples;     /* owned; [count] of a file, made by the device; NULL: floats leave it */
} gd_landing;

/* For up to `count` values; `samples`: the backend makes them where memory is a device's. Not collective.
 * Free it in any case. */
gd_status gd_landing_create(gd_memory *memory, int64_t count, bool samples, gd_landing *landing,
                            gd_error *error) GD_CHECKED;
void gd_landing_free(gd_landing *landing);

/* The first `count` values into staging, and waits for it: as floats, or as samples of so many bits where
 * landing->samples is there. */
gd_status gd_landing_fetch(gd_landing *landing, const gd_engine *engine, int64_t count, int32_t bits,
                           gd_error *error) GD_CHECKED;

/* Queues the first `count` values out of staging, which must stay until what is queued later is done. */
gd_status gd_landing_bring(gd_landing *landing, int64_t count, gd_error *error) GD_CHECKED;

/* Bytes of memory for windows that it takes, of a device's memory or of the host's. */
size_t gd_landing_bytes(gd_memory_kind kind, int64_t count);

#endif
