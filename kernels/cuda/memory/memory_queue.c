/* Queues copies, clears, downloads, uploads and events on the streams of device memory. */
#include "kernels/cuda/memory/memory_queue.h"

#include "kernels/cuda/device/check.h"
#include "kernels/cuda/device/range.h"
#include "kernels/cuda/elementwise/launch.h"

static gd_status enter(gd_memory *memory, gd_cuda_memory **own, gd_error *error)
{
    *own = (gd_cuda_memory *)memory;
    pthread_mutex_lock(&(*own)->lock);
    return gd_cuda_check(cudaSetDevice((*own)->ordinal), "cudaSetDevice", error);
}

static gd_status leave(gd_cuda_memory *own, gd_status status)
{
    pthread_mutex_unlock(&own->lock);
    return status;
}

/* Makes work queued on `after` from now on wait for the work already queued on `before`. */
static gd_status order(cudaStream_t before, cudaEvent_t end, cudaStream_t after, gd_error *error)
{
    const gd_status status = gd_cuda_check(cudaEventRecord(end, before), "cudaEventRecord", error);
    return status == GD_OK ? gd_cuda_check(cudaStreamWaitEvent(after, end, 0), "cudaStreamWaitEvent", error)
                           : status;
}

static gd_status wait_for_copies(gd_cuda_memory *own, gd_error *error)
{
    own->download_count = 0;
    return order(own->copies, own->copies_end, own->exchange, error);
}

/* Whether [values, values + bytes) overlaps a download that the exchange stream has not waited for. */
static bool is_downloading(const gd_cuda_memory *own, const char *values, size_t bytes)
{
    for (int i = 0; i < own->download_count; i++) {
        const gd_cuda_download *download = &own->downloads[i];
        if (values < download->from + download->bytes && download->from < values + bytes)
            return true;
    }
    return false;
}

/* Orders a write of the exchange stream behind downloads of these bytes. */
static gd_status before_write(gd_cuda_memory *own, const void *values, size_t bytes, gd_error *error)
{
    return is_downloading(own, values, bytes) ? wait_for_copies(own, error) : GD_OK;
}

static size_t span(const gd_rect_copy *copy)
{
    return (size_t)((copy->rows - 1) * copy->to_stride + copy->floats) * sizeof(float);
}

/* Fills `list` with copies until it is full. *seen: number of copies processed, empty ones included; *length:
 * number of list entries; *largest: floats of the largest one. */
static gd_status fill_list(gd_cuda_memory *own, const gd_rect_copy *copies, int64_t count, gd_cuda_rect *list,
                           int64_t *seen, int64_t *length, int64_t *largest, gd_error *error)
{
    const int64_t capacity = GD_CUDA_LIST_BYTES / (int64_t)sizeof *list;
    gd_status status = GD_OK;
    *length = *largest = 0;
    for (*seen = 0; *seen < count && *length < capacity && status == GD_OK; (*seen)++) {
        const gd_rect_copy *c = &copies[*seen];
        if (c->rows <= 0 || c->floats <= 0)
            continue;
        list[(*length)++] = (gd_cuda_rect){.to = c->to,
                                           .from = c->from,
                                           .to_stride = c->to_stride,
                                           .from_stride = c->from_stride,
                                           .rows = c->rows,
                                           .floats = c->floats};
        *largest = c->rows * c->floats > *largest ? c->rows * c->floats : *largest;
        status = before_write(own, c->to, span(c), error);
    }
    return status;
}

static gd_status copy_list(gd_cuda_memory *own, const gd_rect_copy *copies, int64_t count, int64_t *seen,
                           gd_error *error)
{
    void *list = NULL, *device = NULL;
    int64_t length = 0, largest = 0;
    gd_status status = gd_feed_take(own->lists, &list, error);
    if (status == GD_OK)
        status = fill_list(own, copies, count, list, seen, &length, &largest, error);
    if (status != GD_OK || length == 0)
        return status;
    status = gd_feed_send(own->lists, (size_t)length * sizeof(gd_cuda_rect), &device, error);
    if (status == GD_OK)
        status = gd_cuda_check(gd_launch_rects(device, length, largest, own->exchange), "copying rectangles",
                               error);
    return status == GD_OK ? gd_feed_done(own->lists, error) : status;
}

gd_status gd_cuda_memory_copy(gd_memory *memory, const gd_rect_copy *copies, int64_t count, gd_error *error)
{
    gd_cuda_memory *own;
    gd_status status = enter(memory, &own, error);
    gd_range_begin("copying rectangles", (int32_t)count);
    while (count > 0 && status == GD_OK) {
        int64_t seen = 0;
        status = copy_list(own, copies, count, &seen, error);
        copies += seen;
        count -= seen;
    }
    gd_range_end();
    return leave(own, status);
}

gd_status gd_cuda_memory_clear(gd_memory *memory, void *values, size_t bytes, gd_error *error)
{
    gd_cuda_memory *own;
    gd_status status = enter(memory, &own, error);
    if (status == GD_OK && bytes > 0)
        status = before_write(own, values, bytes, error);
    if (status == GD_OK && bytes > 0)
        status = gd_cuda_check(cudaMemsetAsync(values, 0, bytes, own->exchange), "cudaMemsetAsync", error);
    return leave(own, status);
}

/* Records bytes that must not be overwritten yet. If the list is full, the exchange stream waits for all
 * downloads. */
static gd_status note_download(gd_cuda_memory *own, const void *values, size_t bytes, gd_error *error)
{
    own->downloads[own->download_count++] = (gd_cuda_download){values, bytes};
    return own->download_count == GD_CUDA_DOWNLOADS ? wait_for_copies(own, error) : GD_OK;
}

/* Queues a copy on `copies`, behind all work already queued on `exchange`. */
static gd_status move(gd_cuda_memory *own, void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                      gd_error *error)
{
    const gd_status status = order(own->exchange, own->exchange_end, own->copies, error);
    if (status != GD_OK)
        return status;
    return gd_cuda_check(
        cudaMemcpyAsync(to, from, bytes, kind, own->copies),
        kind == cudaMemcpyDeviceToHost ? "cudaMemcpyAsync to the host" : "cudaMemcpyAsync to the GPU", error);
}

gd_status gd_cuda_memory_download(gd_memory *memory, void *staging, const void *values, size_t bytes,
                                  gd_error *error)
{
    gd_cuda_memory *own;
    gd_status status = enter(memory, &own, error);
    if (status == GD_OK && bytes > 0) {
        status = move(own, staging, values, bytes, cudaMemcpyDeviceToHost, error);
        if (status == GD_OK)
            status = note_download(own, values, bytes, error);
    }
    return leave(own, status);
}

gd_status gd_cuda_memory_upload(gd_memory *memory, void *values, const void *staging, size_t bytes,
                                gd_error *error)
{
    gd_cuda_memory *own;
    gd_status status = enter(memory, &own, error);
    if (status == GD_OK && bytes > 0) {
        status = move(own, values, staging, bytes, cudaMemcpyHostToDevice, error);
        if (status == GD_OK)
            status = wait_for_copies(own, error);
    }
    return leave(own, status);
}

/* Waits for the earlier event whose CUDA events are reused for `event`, if there is one. */
static gd_status reuse_event(gd_cuda_memory *own, uint64_t event, gd_error *error)
{
    const uint64_t before = event > GD_CUDA_EVENTS ? event - GD_CUDA_EVENTS : 0;
    gd_status status = GD_OK;
    for (int i = 0; i < 2 && before > own->passed_event && status == GD_OK; i++)
        status = gd_cuda_wait(own->events[event % GD_CUDA_EVENTS][i], "copies queued before", own->patience,
                              error);
    if (status == GD_OK && before > own->passed_event)
        own->passed_event = before;
    return status;
}

gd_status gd_cuda_memory_record_event(gd_memory *memory, uint64_t *event, gd_error *error)
{
    gd_cuda_memory *own;
    gd_status status = enter(memory, &own, error);
    const uint64_t made = own->last_event + 1;
    const cudaStream_t streams[2] = {own->exchange, own->copies};
    if (status == GD_OK)
        status = reuse_event(own, made, error);
    for (int i = 0; i < 2 && status == GD_OK; i++)
        status = gd_cuda_check(cudaEventRecord(own->events[made % GD_CUDA_EVENTS][i], streams[i]),
                               "cudaEventRecord", error);
    if (status == GD_OK)
        *event = own->last_event = made;
    return leave(own, status);
}

static gd_status query_pair(gd_cuda_memory *own, uint64_t event, bool *passed, gd_error *error)
{
    *passed = false;
    for (int i = 0; i < 2; i++) {
        const cudaError_t result = gd_cuda_query(own->events[event % GD_CUDA_EVENTS][i]);
        if (result == cudaErrorNotReady)
            return GD_OK;
        if (result != cudaSuccess)
            return gd_cuda_check(result, "copies on the GPU", error);
    }
    *passed = true;
    own->passed_event = event;
    return GD_OK;
}

gd_status gd_cuda_memory_query_event(gd_memory *memory, uint64_t event, bool *passed, gd_error *error)
{
    gd_cuda_memory *own;
    gd_status status = enter(memory, &own, error);
    *passed = event <= own->passed_event;
    if (status == GD_OK && event > own->last_event)
        status = gd_fail(error, GD_INTERNAL, "event %llu was never recorded", (unsigned long long)event);
    else if (status == GD_OK && !*passed)
        status = query_pair(own, event, passed, error);
    return leave(own, status);
}

/* The caller may queue writes to any address, so the stream waits for all downloads. A failure to do so is
 * reported by the next call. */
void *gd_cuda_memory_queue(gd_memory *memory)
{
    gd_cuda_memory *own;
    gd_error late;
    gd_status status = enter(memory, &own, &late);
    if (status == GD_OK && own->download_count > 0)
        status = wait_for_copies(own, &late);
    (void)leave(own, status);
    return own->exchange;
}
