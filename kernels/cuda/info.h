/* What there is on this machine: the entries `available` and `info` of gd_backend (kernels/backend.h). */
#ifndef GD_KERNELS_CUDA_INFO_H
#define GD_KERNELS_CUDA_INFO_H

#include "base/status.h"

#include <stdio.h>

gd_status gd_cuda_available(gd_error *error) GD_CHECKED;

/* A line for the libraries, one for each device, and one for each kind of device that says whether its
 * convolutions run on tensor cores. */
void gd_cuda_info(FILE *out);

#endif
