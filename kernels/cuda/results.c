/* What the host reads of computed gradients. Moments stay on the device, each in a place of its own, until
 * they are waited for once: windows are queued one behind the other, and the device never waits for the host.
 */
#include "kernels/cuda/results.h"

#include "kernels/cuda/device/range.h"
#include "kernels/cuda/device_lock.h"

#include <stddef.h>
#include <string.h>

static gd_status non_finite(const gd_device *device, gd_error *error)
{
    if (device->precision == GD_PRECISION_FP16)
        return gd_fail(error, GD_BACKEND,
                       "an activation or a gradient went beyond what float16 can hold (65504); run with "
                       "--precision bf16");
    return gd_fail(error, GD_BACKEND,
                   "an activation or a gradient is not a finite number; check the weights file and its "
                   "checksum, or run with "
                   "--precision fp32");
}

/* Queues the copy of the results to `found`; *count: the number of sums in it. */
static gd_status queue_copy(gd_device *device, int32_t *count, gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    *count = device->wanted_count;
    const size_t bytes = offsetof(gd_cuda_results, sums) + (size_t)*count * sizeof device->found->sums[0];
    if (status == GD_OK)
        status = gd_cuda_check(
            cudaMemcpyAsync(device->found, device->results, bytes, cudaMemcpyDeviceToHost, device->compute),
            "cudaMemcpyAsync of results", error);
    if (status == GD_OK)
        status = gd_cuda_check(cudaEventRecord(device->read, device->compute), "cudaEventRecord", error);
    return gd_cuda_end(device, status);
}

/* Writes the first `count` sums to where they are wanted, or, if they are not known, forgets them. Places are
 * used again when all of them have been read. */
static void deliver(gd_device *device, int32_t count, bool known)
{
    pthread_mutex_lock(&device->lock);
    for (int32_t i = 0; i < count; i++) {
        if (known && device->wanted[i])
            memcpy(device->wanted[i], device->found->sums[i], sizeof device->found->sums[i]);
        device->wanted[i] = NULL;
    }
    if (count == device->wanted_count)
        device->wanted_count = 0;
    pthread_mutex_unlock(&device->lock);
}

gd_status gd_cuda_finish(gd_device *device, gd_error *error)
{
    int32_t count = 0;
    gd_range_begin("waiting for the GPU", 0);
    pthread_mutex_lock(&device->reading);
    gd_status status = queue_copy(device, &count, error);
    if (status == GD_OK)
        status = gd_cuda_wait(device->read, "computing gradients", &device->patience, error);
    deliver(device, count, status == GD_OK);
    if (status == GD_OK && device->found->overflow)
        status = non_finite(device, error);
    pthread_mutex_unlock(&device->reading);
    gd_range_end();
    return status;
}

void gd_cuda_forget_moments(gd_device *device)
{
    deliver(device, device->wanted_count, false);
}

/* Takes the lock, with a place for sums that nobody uses. */
static gd_status begin_with_place(gd_device *device, gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    while (status == GD_OK && device->wanted_count == GD_CUDA_SUMS) {
        status = gd_cuda_end(device, status);
        const gd_status read = gd_cuda_finish(device, error);
        gd_error late;
        status = gd_cuda_begin(device, read == GD_OK ? error : &late);
        if (read != GD_OK)
            status = read;
    }
    return status;
}

gd_status gd_cuda_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols,
                          int64_t stride, double sums[2], gd_error *error)
{
    gd_status status = begin_with_place(device, error);
    if (status == GD_OK)
        status =
            gd_cuda_check(gd_launch_moments(gradient, rows, cols, stride, device->partial,
                                            device->results->sums[device->wanted_count], device->compute),
                          "adding up a gradient", error);
    if (status == GD_OK)
        device->wanted[device->wanted_count++] = sums;
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_mask_moments(gd_device *device, const float *gradient, const float *mask, int64_t pixels,
                               double sums[2], gd_error *error)
{
    gd_status status = begin_with_place(device, error);
    if (status == GD_OK)
        status = gd_cuda_check(gd_launch_mask_moments(gradient, mask, pixels, device->partial,
                                                      device->results->sums[device->wanted_count],
                                                      device->compute),
                               "adding up a gradient where the mask is not black", error);
    if (status == GD_OK)
        device->wanted[device->wanted_count++] = sums;
    return gd_cuda_end(device, status);
}

/* The CUDA event of an old event may be recorded anew for a later one: a wait for the old one then ends
 * later. */
gd_status gd_cuda_record_event(gd_device *device, uint64_t *event, gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    const uint64_t made = device->last_event + 1;
    if (status == GD_OK)
        status = gd_cuda_check(cudaEventRecord(device->events[made % GD_CUDA_WINDOWS], device->compute),
                               "cudaEventRecord", error);
    if (status == GD_OK)
        *event = device->last_event = made;
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_wait_event(gd_device *device, uint64_t event, gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    const bool passed = event <= device->passed_event;
    status = gd_cuda_end(device, status);
    if (status != GD_OK || passed)
        return status;
    gd_range_begin("waiting for a window", 0);
    status = gd_cuda_wait(device->events[event % GD_CUDA_WINDOWS], "computing gradients", &device->patience,
                          error);
    gd_range_end();
    pthread_mutex_lock(&device->lock);
    if (status == GD_OK && event > device->passed_event)
        device->passed_event = event;
    pthread_mutex_unlock(&device->lock);
    return status;
}
