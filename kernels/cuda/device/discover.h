/* The CUDA devices of this host. */
#ifndef GD_CUDA_DEVICE_DISCOVER_H
#define GD_CUDA_DEVICE_DISCOVER_H

#include "base/status.h"

#include <stdint.h>

typedef struct gd_cuda_found {
    int32_t ordinal;
    char name[128];
    char bus[64];         /* PCI bus id */
    int32_t major, minor; /* compute capability */
    uint64_t total_bytes; /* of its memory */
} gd_cuda_found;

/* Devices that the process may use, at least one. GD_BACKEND with the remedy: no driver, one that is too old,
 * no device. */
gd_status gd_cuda_count(int32_t *count, gd_error *error) GD_CHECKED;

/* Device `ordinal`. */
gd_status gd_cuda_look(int32_t ordinal, gd_cuda_found *found, gd_error *error) GD_CHECKED;

/* The device for the process at `place` among those of its host: the only one, or one of several in turn. */
gd_status gd_cuda_find(int32_t place, gd_cuda_found *found, gd_error *error) GD_CHECKED;

#endif
