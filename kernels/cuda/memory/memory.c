/* Device memory: reserves regions, allocates from them, and provides pinned staging memory. */
#include "kernels/cuda/memory/memory.h"

#include "kernels/cuda/device/check.h"
#include "kernels/cuda/memory/memory_queue.h"

#include <stdlib.h>
#include <string.h>

static gd_cuda_memory *enter(gd_memory *memory)
{
    gd_cuda_memory *own = (gd_cuda_memory *)memory;
    pthread_mutex_lock(&own->lock);
    return own;
}

static gd_status leave(gd_cuda_memory *own, gd_status status)
{
    pthread_mutex_unlock(&own->lock);
    return status;
}

static double gib(size_t bytes)
{
    return (double)bytes / (1 << 30);
}

static const char *remedy(gd_purpose purpose)
{
    return purpose == GD_FOR_PLANES ? "use more GPUs" : "use a smaller -ts";
}

/* Allocates from the device, outside of regions. */
static gd_status allocate_device(gd_purpose purpose, size_t bytes, void **values, gd_error *error)
{
    size_t unused = 0, total = 0;
    const cudaError_t result = cudaMalloc(values, bytes);
    if (result != cudaErrorMemoryAllocation)
        return gd_cuda_check(result, "cudaMalloc", error);
    (void)cudaGetLastError();
    *values = NULL;
    if (cudaMemGetInfo(&unused, &total) != cudaSuccess)
        (void)cudaGetLastError();
    return gd_fail(
        error, GD_MEMORY,
        "out of memory: %.2f GiB (%zu bytes) for %s cannot be allocated on the GPU, where %.2f of %.2f GiB "
        "are free; %s, or end what else runs there",
        gib(bytes), bytes, gd_purpose_name(purpose), gib(unused), gib(total), remedy(purpose));
}

static gd_status reserve_region(gd_cuda_memory *own, gd_purpose purpose, size_t bytes, gd_error *error)
{
    gd_cuda_region *region = &own->regions[purpose];
    void *base = NULL;
    if (region->base)
        return gd_fail(error, GD_INTERNAL, "memory for %s was already reserved", gd_purpose_name(purpose));
    gd_arena_list *list = gd_arena_list_create(bytes);
    if (!list)
        return gd_no_memory(error, "the list of %s", gd_purpose_name(purpose));
    gd_status status = gd_cuda_check(cudaSetDevice(own->ordinal), "cudaSetDevice", error);
    if (status == GD_OK)
        status = allocate_device(purpose, bytes, &base, error);
    if (status == GD_OK)
        *region = (gd_cuda_region){base, bytes, list};
    else
        gd_arena_list_free(list);
    return status;
}

static gd_status reserve(gd_memory *memory, gd_purpose purpose, size_t bytes, gd_error *error)
{
    gd_cuda_memory *own = enter(memory);
    return leave(own, bytes > 0 ? reserve_region(own, purpose, bytes, error) : GD_OK);
}

static gd_status allocate_in(gd_cuda_region *region, gd_purpose purpose, size_t bytes, void **values,
                             gd_error *error)
{
    size_t at = 0;
    if (!gd_arena_list_take(region->list, bytes, &at))
        return gd_fail(
            error, GD_MEMORY,
            "out of memory: of the %.2f GiB reserved for %s on the GPU no piece of %.2f GiB (%zu bytes) "
            "is left, the largest has %zu bytes; %s",
            gib(region->bytes), gd_purpose_name(purpose), gib(bytes), bytes,
            gd_arena_list_largest(region->list), remedy(purpose));
    *values = region->base + at;
    return GD_OK;
}

static gd_status allocate(gd_memory *memory, gd_purpose purpose, size_t bytes, void **values, gd_error *error)
{
    gd_cuda_memory *own = enter(memory);
    *values = NULL;
    gd_status status = gd_cuda_check(cudaSetDevice(own->ordinal), "cudaSetDevice", error);
    if (status == GD_OK && own->regions[purpose].base)
        status = allocate_in(&own->regions[purpose], purpose, bytes, values, error);
    else if (status == GD_OK)
        status = allocate_device(purpose, bytes, values, error);
    return leave(own, status);
}

static bool lies_in(const gd_cuda_region *region, const char *values)
{
    return region->base && values >= region->base && values < region->base + region->bytes;
}

static void release(gd_memory *memory, gd_purpose purpose, void *values)
{
    gd_cuda_memory *own = enter(memory);
    gd_cuda_region *region = &own->regions[purpose];
    if (lies_in(region, values))
        gd_arena_list_give(region->list, (size_t)((char *)values - region->base));
    else if (values && cudaSetDevice(own->ordinal) == cudaSuccess)
        (void)cudaFree(values); /* may return an earlier error, which has been reported */
    (void)leave(own, GD_OK);
}

/* The smallest released block that is large enough, or NULL. */
static gd_cuda_staging *find_staging(const gd_cuda_memory *own, size_t bytes)
{
    gd_cuda_staging *best = NULL;
    for (gd_cuda_staging *s = own->staging; s; s = s->next) {
        if (!s->lent && s->bytes >= bytes && (!best || s->bytes < best->bytes))
            best = s;
    }
    return best;
}

static gd_status add_staging(gd_cuda_memory *own, size_t bytes, gd_cuda_staging **staging, gd_error *error)
{
    gd_cuda_staging *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "staging");
    gd_status status = gd_cuda_check(cudaSetDevice(own->ordinal), "cudaSetDevice", error);
    if (status == GD_OK)
        status = gd_cuda_pin(&made->values, bytes, "messages and rows", error);
    if (status != GD_OK) {
        free(made);
        return status;
    }
    made->bytes = bytes;
    made->next = own->staging;
    own->staging = made;
    *staging = made;
    return GD_OK;
}

/* Reuses released blocks, because pinning is slow. */
static gd_status allocate_staging(gd_memory *memory, size_t bytes, void **values, gd_error *error)
{
    gd_cuda_memory *own = enter(memory);
    gd_cuda_staging *staging = find_staging(own, bytes);
    gd_status status = staging ? GD_OK : add_staging(own, bytes, &staging, error);
    *values = NULL;
    if (status == GD_OK) {
        staging->lent = true;
        *values = staging->values;
    }
    return leave(own, status);
}

static void free_staging(gd_cuda_staging **link)
{
    gd_cuda_staging *gone = *link;
    *link = gone->next;
    (void)cudaFreeHost(gone->values);
    free(gone);
}

/* Frees the smallest released block if there are too many: large ones serve all later exchanges. */
static void limit_staging(gd_cuda_memory *own)
{
    gd_cuda_staging **smallest = NULL;
    int kept = 0;
    for (gd_cuda_staging **link = &own->staging; *link; link = &(*link)->next) {
        if ((*link)->lent)
            continue;
        kept++;
        if (!smallest || (*link)->bytes < (*smallest)->bytes)
            smallest = link;
    }
    if (kept > GD_CUDA_STAGING_KEPT)
        free_staging(smallest);
}

static void release_staging(gd_memory *memory, void *values)
{
    gd_cuda_memory *own = enter(memory);
    gd_cuda_staging **link = &own->staging;
    while (*link && (*link)->values != values)
        link = &(*link)->next;
    if (*link && values) {
        (*link)->lent = false;
        limit_staging(own);
    }
    (void)leave(own, GD_OK);
}

/* The exchange is short, and the next windows wait for it: its kernels, and NCCL's, go before those of
 * windows that are being computed. */
static gd_status open_queues(gd_cuda_memory *own, gd_error *error)
{
    cudaStream_t *streams[2] = {&own->exchange, &own->copies};
    cudaEvent_t *events[2] = {&own->exchange_end, &own->copies_end};
    int lowest = 0, highest = 0; /* the highest priority is the smallest number */
    gd_status status = gd_cuda_check(cudaDeviceGetStreamPriorityRange(&lowest, &highest),
                                     "cudaDeviceGetStreamPriorityRange", error);
    for (int i = 0; i < 2 && status == GD_OK; i++) {
        status = gd_cuda_check(cudaStreamCreateWithPriority(streams[i], cudaStreamNonBlocking, highest),
                               "cudaStreamCreateWithPriority", error);
        if (status == GD_OK)
            status = gd_cuda_check(cudaEventCreateWithFlags(events[i], cudaEventDisableTiming),
                                   "cudaEventCreateWithFlags", error);
    }
    for (int i = 0; i < GD_CUDA_EVENTS * 2 && status == GD_OK; i++)
        status = gd_cuda_check(cudaEventCreateWithFlags(&own->events[i / 2][i % 2], cudaEventDisableTiming),
                               "cudaEventCreateWithFlags", error);
    if (status == GD_OK)
        status = gd_feed_open(GD_CUDA_LIST_BYTES, own->exchange, own->patience, &own->lists, error);
    return status;
}

gd_status gd_cuda_memory_open(int ordinal, gd_patience *patience, gd_cuda_memory **memory, gd_error *error)
{
    static const gd_memory_class class = {
        .kind = GD_MEMORY_DEVICE,
        .reserve = reserve,
        .allocate = allocate,
        .release = release,
        .allocate_staging = allocate_staging,
        .release_staging = release_staging,
        .copy = gd_cuda_memory_copy,
        .clear = gd_cuda_memory_clear,
        .download = gd_cuda_memory_download,
        .upload = gd_cuda_memory_upload,
        .record_event = gd_cuda_memory_record_event,
        .query_event = gd_cuda_memory_query_event,
        .queue = gd_cuda_memory_queue,
    };
    gd_cuda_memory *made = calloc(1, sizeof *made);
    *memory = NULL;
    if (!made)
        return gd_no_memory(error, "the GPU's lists");
    made->base.class = &class;
    made->base.patience = *patience;
    made->ordinal = ordinal;
    made->patience = patience;
    pthread_mutex_init(&made->lock, NULL);
    const gd_status status = open_queues(made, error);
    if (status == GD_OK)
        *memory = made;
    else
        gd_cuda_memory_close(made);
    return status;
}

static void destroy_queues(gd_cuda_memory *memory)
{
    for (int i = 0; i < GD_CUDA_EVENTS * 2; i++) {
        if (memory->events[i / 2][i % 2])
            (void)cudaEventDestroy(memory->events[i / 2][i % 2]);
    }
    const cudaEvent_t events[2] = {memory->exchange_end, memory->copies_end};
    const cudaStream_t streams[2] = {memory->exchange, memory->copies};
    for (int i = 0; i < 2; i++) {
        if (events[i])
            (void)cudaEventDestroy(events[i]);
        if (streams[i])
            (void)cudaStreamDestroy(streams[i]);
    }
}

bool gd_cuda_memory_idle(gd_cuda_memory *memory)
{
    gd_error late;
    memory->base.patience = *memory->patience; /* 0 if a wait timed out before */
    (void)!gd_memory_synchronize(&memory->base, &late);
    for (int i = 0; i < 2; i++) {
        if (gd_cuda_query(memory->events[memory->last_event % GD_CUDA_EVENTS][i]) == cudaErrorNotReady)
            return false;
    }
    return true;
}

void gd_cuda_memory_close(gd_cuda_memory *memory)
{
    if (!memory)
        return;
    gd_feed_close(memory->lists);
    destroy_queues(memory);
    while (memory->staging)
        free_staging(&memory->staging);
    for (int p = 0; p < GD_PURPOSE_COUNT; p++) {
        (void)cudaFree(memory->regions[p].base);
        gd_arena_list_free(memory->regions[p].list);
    }
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}
