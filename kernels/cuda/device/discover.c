/* Finds the GPUs of this host, and selects one for a process. */
#include "kernels/cuda/device/discover.h"

#include "kernels/cuda/device/check.h"

#include <stdio.h>

enum {
    OLDEST_MAJOR = 8
}; /* the first with bf16 on tensor cores, and the oldest that kernels are compiled for */

static gd_status refuse_driver(gd_error *error)
{
    int driver = 0;
    if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0)
        return gd_fail(error, GD_BACKEND,
                       "there is no NVIDIA driver on this machine; install it, or run with --backend cpu");
    return gd_fail(
        error, GD_BACKEND,
        "the NVIDIA driver is for CUDA %d.%d, and this gigadream was built with %d.%d; update the driver, "
        "or run with --backend cpu",
        driver / 1000, driver % 1000 / 10, CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
}

gd_status gd_cuda_count(int32_t *count, gd_error *error)
{
    int found = 0;
    const cudaError_t result = cudaGetDeviceCount(&found);
    *count = found;
    if (result == cudaSuccess && found > 0)
        return GD_OK;
    (void)cudaGetLastError();
    if (result == cudaErrorInsufficientDriver || result == cudaErrorStubLibrary)
        return refuse_driver(error);
    if (result == cudaSuccess || result == cudaErrorNoDevice)
        return gd_fail(
            error, GD_BACKEND,
            "the NVIDIA driver shows no GPU; look at CUDA_VISIBLE_DEVICES and what the job was given, or "
            "run with --backend cpu");
    return gd_cuda_check(result, "cudaGetDeviceCount", error);
}

gd_status gd_cuda_look(int32_t ordinal, gd_cuda_found *found, gd_error *error)
{
    struct cudaDeviceProp properties;
    gd_status status =
        gd_cuda_check(cudaGetDeviceProperties(&properties, ordinal), "cudaGetDeviceProperties", error);
    if (status != GD_OK)
        return status;
    *found = (gd_cuda_found){.ordinal = ordinal,
                             .major = properties.major,
                             .minor = properties.minor,
                             .total_bytes = properties.totalGlobalMem};
    snprintf(found->name, sizeof found->name, "%.127s", properties.name);
    return gd_cuda_check(cudaDeviceGetPCIBusId(found->bus, sizeof found->bus, ordinal),
                         "cudaDeviceGetPCIBusId", error);
}

/* GD_BACKEND, with the remedy, for a device older than the kernels' oldest architecture. */
static gd_status check_capability(const gd_cuda_found *found, gd_error *error)
{
    if (found->major >= OLDEST_MAJOR)
        return GD_OK;
    return gd_fail(
        error, GD_BACKEND,
        "%s has compute capability %d.%d, and %d.0 or newer is needed (A100, RTX 30 and later); run with "
        "--backend cpu",
        found->name, found->major, found->minor, OLDEST_MAJOR);
}

gd_status gd_cuda_find(int32_t place, gd_cuda_found *found, gd_error *error)
{
    int32_t count = 0;
    gd_status status = gd_cuda_count(&count, error);
    if (status == GD_OK)
        status = gd_cuda_look(place % count, found, error);
    return status == GD_OK ? check_capability(found, error) : status;
}
