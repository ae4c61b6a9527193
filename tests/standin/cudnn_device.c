/* The stand-in's device as cuDNN describes devices: the file of the kind that has its compute capability. */
#include "standin/cudnn_internal.h"

#include <stdio.h>
#include <string.h>

typedef struct kind {
    int major, minor;
    const char *file;
} kind;

static const kind kinds[] = {{8, 0, "a100"}, {8, 9, "rtx4090"}, {9, 0, "h100"}, {10, 0, "b200"}};

static bool read_file(const char *name, char *text, size_t room)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s.json", GD_STANDIN_DEVICE_FILES, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        gd_standin_fail("cuDNN: cannot read %s", path);
        return false;
    }
    size_t bytes = fread(text, 1, room - 1, file);
    text[bytes] = 0;
    fclose(file);
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
            return read_file(kinds[i].file, text, sizeof text) ? text : NULL;
    gd_standin_fail("cuDNN: no description of a device of compute capability %d.%d", major, minor);
    return NULL;
}
