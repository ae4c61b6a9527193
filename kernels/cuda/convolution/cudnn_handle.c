/* Opens cuDNN for a device, present or only described, and checks its version. */
#include "kernels/cuda/convolution/cudnn_handle.h"

#include "kernels/cuda/convolution/cudnn_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The oldest version that is used on a device, and the one that NVIDIA's sample of plans for device
 * properties (cudnn-frontend, deviceless ahead-of-time compilation) asks for. */
enum { OLDEST_CUDNN = 90800, OLDEST_DESCRIBED = 91100 };

void gd_cudnn_version(char *text, size_t bytes)
{
    const size_t version = cudnnGetVersion();
    snprintf(text, bytes, "%zu.%zu.%zu", version / 10000, version / 100 % 100, version % 100);
}

gd_status gd_cudnn_judge_version(size_t version, bool described, gd_error *error)
{
    const size_t major = version / 10000, minor = version / 100 % 100, patch = version % 100;
    if (version < OLDEST_CUDNN)
        return gd_fail(error, GD_BACKEND,
                       "cuDNN %zu.%zu.%zu is too old: install 9.8 or newer (pip package nvidia-cudnn-cu13 or "
                       "nvidia-cudnn-cu12), or run with --backend cpu",
                       major, minor, patch);
    if (described && version < OLDEST_DESCRIBED)
        return gd_fail(
            error, GD_BACKEND,
            "cuDNN %zu.%zu.%zu makes no plans for a device that is not here: install 9.11 or newer "
            "(pip package nvidia-cudnn-cu13 or nvidia-cudnn-cu12), or leave --device out",
            major, minor, patch);
    return GD_OK;
}

gd_status gd_cudnn_check_version(gd_error *error)
{
    return gd_cudnn_judge_version(cudnnGetVersion(), false, error);
}

static void describe_device(gd_cudnn *cudnn, const char *json)
{
    cudnn->device = gd_descriptor_make(&cudnn->own, CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    gd_descriptor_set(&cudnn->own, cudnn->device, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                      (int64_t)strlen(json) + 1, json);
    gd_descriptor_finalize(&cudnn->own, cudnn->device);
}

static void make_handle(gd_cudnn *cudnn, cudaStream_t stream)
{
    gd_descriptors_note(&cudnn->own, cudnnCreate(&cudnn->handle));
    if (cudnn->handle)
        gd_descriptors_note(&cudnn->own, cudnnSetStream(cudnn->handle, stream));
}

gd_status gd_cudnn_open(const char *json, cudaStream_t stream, gd_cudnn **cudnn, gd_error *error)
{
    *cudnn = NULL;
    const gd_status status = gd_cudnn_judge_version(cudnnGetVersion(), json != NULL, error);
    if (status != GD_OK)
        return status;
    gd_cudnn *opened = calloc(1, sizeof *opened);
    if (!opened)
        return gd_no_memory(error, "cuDNN's state of %zu bytes", sizeof *opened);
    opened->stream = stream;
    if (json)
        describe_device(opened, json);
    else
        make_handle(opened, stream);
    if (opened->own.status == CUDNN_STATUS_SUCCESS) {
        *cudnn = opened;
        return GD_OK;
    }
    gd_fail(error, GD_BACKEND, "cuDNN cannot be used for %s (%s: %s): %s",
            json ? "the device that is described" : "this GPU", cudnnGetErrorString(opened->own.status),
            opened->own.cause,
            json ? "check the fields of the description"
                 : "check that the driver fits the CUDA toolkit, or run with --backend cpu");
    gd_cudnn_close(opened);
    return GD_BACKEND;
}

void gd_cudnn_close(gd_cudnn *cudnn)
{
    if (!cudnn)
        return;
    gd_descriptors_free(&cudnn->own);
    if (cudnn->handle)
        cudnnDestroy(cudnn->handle);
    free(cudnn);
}
