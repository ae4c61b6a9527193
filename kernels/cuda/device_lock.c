/* Locks a device while work is queued on it, and waits for that work after a failure. */
#include "kernels/cuda/device_lock.h"

gd_status gd_cuda_begin(gd_device *device, gd_error *error)
{
    pthread_mutex_lock(&device->lock);
    if (device->ordinal < 0)
        return gd_fail(error, GD_INTERNAL, "%s is only described: nothing can run on it", device->name);
    return gd_cuda_check(cudaSetDevice(device->ordinal), "cudaSetDevice", error);
}

gd_status gd_cuda_end(gd_device *device, gd_status status)
{
    gd_error late;
    if (status != GD_OK && device->results &&
        cudaEventRecord(device->drained, device->compute) == cudaSuccess)
        (void)!gd_cuda_wait(device->drained, "what was queued", &device->patience, &late);
    pthread_mutex_unlock(&device->lock);
    return status;
}
