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

/* Number of devices that the process may use, at least 1. GD_BACKEND, with the remedy, if there is no device,
 * no driver, or an old driver. */
gd_status gd_cuda_count(int32_t *count, gd_error *error) GD_CHECKED;

/* Reads the properties of device `ordinal`. */
gd_status gd_cuda_look(int32_t ordinal, gd_cuda_found *found, gd_error *error) GD_CHECKED;

/* Selects the device for the process with index `place` on its host: device place modulo their number.
 * GD_BACKEND if its compute capability is too low. */
gd_status gd_cuda_find(int32_t place, gd_cuda_found *found, gd_error *error) GD_CHECKED;

#endif
