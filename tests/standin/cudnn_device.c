/* The stand-in's device as cuDNN describes devices: the kind that has its compute capability. */
#include "kernels/cuda/convolution/cudnn_handle.h"
#include "kernels/cuda/device/properties.h"
#include "standin/cudnn_internal.h"

#include <stdio.h>
#include <string.h>

typedef struct kind {
    int major, minor;
    const char *name;
} kind;

static const kind kinds[] = {{8, 0, "a100"}, {8, 9, "rtx4090"}, {9, 0, "h100"}, {10, 0, "b200"}};

static bool read_json(const char *device, char *text, size_t room)
{
    gd_properties properties;
    gd_error error;
    if (gd_properties_read(device, &properties, &error) != GD_OK) {
        gd_standin_fail("cuDNN: %s", error.message);
        return false;
    }
    snprintf(text, room, "%s", properties.json);
    gd_properties_free(&properties);
    return true;
}

const char *gd_cudnn_device_json(void)
{
    static char text[8192];
    int device, major = 0, minor = 0;
    if (text[0])
        return text;
    if (cudaGetDevice(&device) != cudaSuccess ||
        cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) != cudaSuccess ||
        cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device) != cudaSuccess)
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].major == major && kinds[i].minor == minor)
            return read_json(kinds[i].name, text, sizeof text) ? text : NULL;
    gd_standin_fail("cuDNN: no description of a device of compute capability %d.%d", major, minor);
    return NULL;
}
