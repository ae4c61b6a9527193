/* Host memory, and functions common to all kinds of memory. */
#include "base/memory.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ALIGNMENT = 256 };

const char *gd_purpose_name(gd_purpose purpose)
{
    static const char *const names[GD_PURPOSE_COUNT] = {"planes", "tensors", "windows", "messages"};
    return names[purpose];
}

static const char *remedy(gd_purpose purpose)
{
    return purpose == GD_FOR_PLANES ? "use more ranks or nodes" : "use a smaller -ts";
}

static gd_status host_allocate(gd_memory *memory, gd_purpose purpose, size_t bytes, void **values,
                               gd_error *error)
{
    (void)memory;
    const size_t rounded = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    *values = rounded < bytes ? NULL : aligned_alloc(ALIGNMENT, rounded);
    if (!*values)
        return gd_fail(error, GD_MEMORY, "out of memory: %.2f GiB for %s cannot be allocated; %s",
                       (double)bytes / (1 << 30), gd_purpose_name(purpose), remedy(purpose));
#ifdef GD_POISON
    for (size_t i = 0; i < bytes / sizeof(float); i++)
        ((float *)*values)[i] = NAN;
#endif
    return GD_OK;
}

static void host_release(gd_memory *memory, gd_purpose purpose, void *values)
{
    (void)memory;
    (void)purpose;
    free(values);
}

static gd_status host_allocate_staging(gd_memory *memory, size_t bytes, void **values, gd_error *error)
{
    return host_allocate(memory, GD_FOR_MESSAGES, bytes, values, error);
}

static void host_release_staging(gd_memory *memory, void *values)
{
    host_release(memory, GD_FOR_MESSAGES, values);
}

static gd_status host_copy(gd_memory *memory, const gd_rect_copy *copies, int64_t count, gd_error *error)
{
    (void)memory;
    (void)error;
    for (int64_t i = 0; i < count; i++) {
        const gd_rect_copy *c = &copies[i];
        for (int64_t y = 0; y < c->rows; y++)
            memcpy(c->to + y * c->to_stride, c->from + y * c->from_stride, (size_t)c->floats * sizeof *c->to);
    }
    return GD_OK;
}

static gd_status host_clear(gd_memory *memory, void *values, size_t bytes, gd_error *error)
{
    (void)memory;
    (void)error;
    memset(values, 0, bytes);
    return GD_OK;
}

static gd_status host_move(gd_memory *memory, void *to, const void *from, size_t bytes, gd_error *error)
{
    (void)memory;
    (void)error;
    memcpy(to, from, bytes);
    return GD_OK;
}

static gd_status host_record_event(gd_memory *memory, uint64_t *event, gd_error *error)
{
    (void)memory;
    (void)error;
    *event = 0;
    return GD_OK;
}

static gd_status host_query_event(gd_memory *memory, uint64_t event, bool *passed, gd_error *error)
{
    (void)memory;
    (void)event;
    (void)error;
    *passed = true;
    return GD_OK;
}

static void *host_queue(gd_memory *memory)
{
    (void)memory;
    return NULL;
}

gd_memory *gd_memory_host(void)
{
    static const gd_memory_class class = {
        .kind = GD_MEMORY_HOST,
        .allocate = host_allocate,
        .release = host_release,
        .allocate_staging = host_allocate_staging,
        .release_staging = host_release_staging,
        .copy = host_copy,
        .clear = host_clear,
        .download = host_move,
        .upload = host_move,
        .record_event = host_record_event,
        .query_event = host_query_event,
        .queue = host_queue,
    };
    static gd_memory host = {.class = &class};
    return &host;
}

void gd_memory_release(gd_memory *memory, gd_purpose purpose, float **values)
{
    if (*values)
        memory->class->release(memory, purpose, *values);
    *values = NULL;
}

gd_status gd_memory_synchronize(gd_memory *memory, gd_error *error)
{
    const struct timespec nap = {0, 20000};
    const double start = gd_clock();
    uint64_t event = 0;
    bool passed = false;
    gd_status status = memory->class->record_event(memory, &event, error);
    while (status == GD_OK) {
        status = memory->class->query_event(memory, event, &passed, error);
        if (status != GD_OK || passed)
            break;
        if (gd_clock() - start > memory->patience)
            return gd_fail(error, GD_BACKEND,
                           "the device did not finish its copies within %.0f s; check whether it hangs",
                           memory->patience);
        nanosleep(&nap, NULL);
    }
    return status;
}
