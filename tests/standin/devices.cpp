/* The devices of this node. */
#include "standin/runtime.h"

#include <cstdio>
#include <cstring>

namespace standin
{

static thread_local int device;

int current_device()
{
    return device;
}

static bool is_device(int number)
{
    return number >= 0 && number < (int)state().visible.size();
}

} /* namespace standin */

using namespace standin;

cudaError_t cudaDriverGetVersion(int *version)
{
    *version = state().driver ? CUDART_VERSION : 0;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int *count)
{
    const Locked lock;
    *count = (int)state().visible.size();
    if (!state().driver)
        return result(cudaErrorInsufficientDriver);
    return *count > 0 ? cudaSuccess : result(cudaErrorNoDevice);
}

cudaError_t cudaSetDevice(int number)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    if (!is_device(number))
        return result(cudaErrorInvalidDevice);
    device = number;
    return cudaSuccess;
}

cudaError_t cudaGetDevice(int *number)
{
    const Locked lock;
    *number = device;
    return ready();
}

static void bus_id(int number, char *text, int length)
{
    snprintf(text, (size_t)length, "0000:%02X:00.0", 0x10 + state().visible[(size_t)number]);
}

cudaError_t cudaDeviceGetPCIBusId(char *text, int length, int number)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    if (!is_device(number) || length < 13)
        return result(cudaErrorInvalidValue);
    bus_id(number, text, length);
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int number)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    if (!is_device(number))
        return result(cudaErrorInvalidDevice);
    const State &s = state();
    memset(properties, 0, sizeof *properties);
    snprintf(properties->name, sizeof properties->name, "%s", s.device_name.c_str());
    const int real = s.visible[(size_t)number];
    memcpy(properties->uuid.bytes, "stand-in device", 15);
    properties->uuid.bytes[15] = (char)real;
    properties->pciBusID = 0x10 + real;
    properties->totalGlobalMem = s.memory;
    properties->major = s.major;
    properties->minor = s.minor;
    properties->multiProcessorCount = 132;
    properties->warpSize = 32;
    properties->maxThreadsPerBlock = 1024;
    properties->maxThreadsPerMultiProcessor = 2048;
    properties->sharedMemPerBlock = 48 << 10;
    properties->sharedMemPerMultiprocessor = 228 << 10;
    properties->sharedMemPerBlockOptin = 227 << 10;
    properties->regsPerBlock = properties->regsPerMultiprocessor = 65536;
    properties->l2CacheSize = 50 << 20;
    properties->memoryBusWidth = 5120;
    properties->maxGridSize[0] = INT32_MAX;
    properties->maxGridSize[1] = properties->maxGridSize[2] = 65535;
    properties->unifiedAddressing = properties->canMapHostMemory = properties->concurrentKernels = 1;
    properties->asyncEngineCount = 3;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int number)
{
    cudaDeviceProp properties;
    const cudaError_t error = cudaGetDeviceProperties(&properties, number);
    if (error != cudaSuccess)
        return error;
    switch (attribute) {
    case cudaDevAttrComputeCapabilityMajor:
        *value = properties.major;
        return cudaSuccess;
    case cudaDevAttrComputeCapabilityMinor:
        *value = properties.minor;
        return cudaSuccess;
    case cudaDevAttrMultiProcessorCount:
        *value = properties.multiProcessorCount;
        return cudaSuccess;
    case cudaDevAttrClockRate:
        *value = 1980000;
        return cudaSuccess;
    case cudaDevAttrMemoryClockRate:
        *value = 2619000;
        return cudaSuccess;
    case cudaDevAttrGlobalMemoryBusWidth:
        *value = properties.memoryBusWidth;
        return cudaSuccess;
    case cudaDevAttrL2CacheSize:
        *value = properties.l2CacheSize;
        return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
        *value = (int)properties.sharedMemPerBlockOptin;
        return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
        *value = (int)properties.sharedMemPerMultiprocessor;
        return cudaSuccess;
    case cudaDevAttrPciBusId:
        *value = properties.pciBusID;
        return cudaSuccess;
    case cudaDevAttrPciDeviceId:
    case cudaDevAttrPciDomainId:
        *value = 0;
        return cudaSuccess;
    default:
        gd_standin_fail("cudaDeviceGetAttribute: the stand-in does not know attribute %d", (int)attribute);
        return result(cudaErrorInvalidValue);
    }
}

/* The errors that the stand-in gives, and those that programs ask about. */
#define ERRORS(X)                                                                                            \
    X(cudaSuccess, "no error")                                                                               \
    X(cudaErrorInvalidValue, "invalid argument")                                                             \
    X(cudaErrorMemoryAllocation, "out of memory")                                                            \
    X(cudaErrorInvalidConfiguration, "invalid configuration argument")                                       \
    X(cudaErrorInsufficientDriver, "CUDA driver version is insufficient for CUDA runtime version")           \
    X(cudaErrorNoDevice, "no CUDA-capable device is detected")                                               \
    X(cudaErrorInvalidDevice, "invalid device ordinal")                                                      \
    X(cudaErrorInvalidResourceHandle, "invalid resource handle")                                             \
    X(cudaErrorNotReady, "device not ready")                                                                 \
    X(cudaErrorIllegalAddress, "an illegal memory access was encountered")                                   \
    X(cudaErrorLaunchOutOfResources, "too many resources requested for launch")                              \
    X(cudaErrorLaunchFailure, "unspecified launch failure")                                                  \
    X(cudaErrorStreamCaptureUnsupported, "operation not permitted when stream is capturing")                 \
    X(cudaErrorStreamCaptureInvalidated, "operation failed due to a previous error during capture")          \
    X(cudaErrorStreamCaptureUnjoined, "capturing stream has unjoined work")                                  \
    X(cudaErrorStreamCaptureIsolation, "dependency created on uncaptured work in another stream")            \
    X(cudaErrorStreamCaptureUnmatched, "capture was not ended in the same stream as it began")               \
    X(cudaErrorIllegalState, "the operation cannot be performed in the present state")                       \
    X(cudaErrorCapturedEvent, "operation not permitted on an event last recorded in a capturing stream")     \
    X(cudaErrorUnknown, "unknown error")

const char *cudaGetErrorString(cudaError_t error)
{
#define STRING(name, text)                                                                                   \
    case name:                                                                                               \
        return text;
    switch (error) {
        ERRORS(STRING)
    default:
        return "unrecognized error code";
    }
}

const char *cudaGetErrorName(cudaError_t error)
{
#define NAME(name, text)                                                                                     \
    case name:                                                                                               \
        return #name;
    switch (error) {
        ERRORS(NAME)
    default:
        return "unrecognized error code";
    }
}
