/* Properties of a described GPU, which need not be present: the facts that cuDNN's heuristics use. */
#ifndef GD_CUDA_DEVICE_PROPERTIES_H
#define GD_CUDA_DEVICE_PROPERTIES_H

#include "base/status.h"

#include <stdint.h>

typedef struct gd_properties {
    char name[128];
    uint64_t total_bytes;            /* of its memory */
    int32_t major, minor;            /* compute capability */
    int32_t processors;              /* streaming multiprocessors */
    int64_t clock_khz;               /* maximum clock of the multiprocessors; 0: not in the file */
    int64_t memory_khz;              /* likewise */
    double slow_tflops, fast_tflops; /* as in gd_device_facts */
    char *json;                      /* owned; for gd_cudnn_open */
} gd_properties;

/* `device`: an option of the table (kinds.h), "h100", or the path of a JSON file with the fields of cuDNN's
 * CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION. GD_USAGE for anything else. The caller frees the properties;
 * nothing is owned after a failure. */
gd_status gd_properties_read(const char *device, gd_properties *properties, gd_error *error) GD_CHECKED;
void gd_properties_free(gd_properties *properties);

#endif
