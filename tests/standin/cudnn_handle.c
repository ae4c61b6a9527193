/* Handles, which the real cuDNN makes only where a device is. */
#include "standin/cudnn_internal.h"

#include <stdio.h>
#include <stdlib.h>

static const uint64_t alive = 0x676463756e6e6864u;
static const char kind[] = "cuDNN handle";

gd_cudnn_handle *gd_cudnn_handle_of(const char *who, cudnnHandle_t handle)
{
    gd_cudnn_handle *found = (gd_cudnn_handle *)(void *)handle;
    if (found && found->magic == alive)
        return found;
    gd_standin_fail("%s: %p is not a living handle", who, (void *)handle);
    return NULL;
}

cudnnStatus_t __wrap_cudnnCreate(cudnnHandle_t *handle)
{
    int device;
    if (gd_standin_injected("cudnnCreate") || cudaGetDevice(&device) != cudaSuccess)
        return CUDNN_STATUS_NOT_INITIALIZED;
    gd_cudnn_handle *made = malloc(sizeof *made);
    if (!made)
        return CUDNN_STATUS_ALLOC_FAILED;
    *made = (gd_cudnn_handle){.magic = alive, .device = device};
    gd_standin_made(kind, made);
    *handle = (cudnnHandle_t)(void *)made;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t __wrap_cudnnDestroy(cudnnHandle_t handle)
{
    gd_standin_gone(kind, (void *)handle);
    gd_cudnn_handle *found = gd_cudnn_handle_of("cudnnDestroy", handle);
    if (!found)
        return CUDNN_STATUS_BAD_PARAM;
    found->magic = 0;
    free(found);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t __wrap_cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream)
{
    gd_cudnn_handle *found = gd_cudnn_handle_of("cudnnSetStream", handle);
    if (!found)
        return CUDNN_STATUS_BAD_PARAM;
    int device = gd_standin_device_of("cudnnSetStream", stream);
    if (device != found->device) {
        if (device >= 0)
            gd_standin_fail("cudnnSetStream: the stream is of device %d, the handle of device %d", device,
                            found->device);
        return CUDNN_STATUS_BAD_PARAM;
    }
    found->stream = stream;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t __wrap_cudnnGetStream(cudnnHandle_t handle, cudaStream_t *stream)
{
    gd_cudnn_handle *found = gd_cudnn_handle_of("cudnnGetStream", handle);
    if (!found)
        return CUDNN_STATUS_BAD_PARAM;
    *stream = found->stream;
    return CUDNN_STATUS_SUCCESS;
}
