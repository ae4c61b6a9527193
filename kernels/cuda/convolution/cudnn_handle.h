/* Opens cuDNN for a device. Public headers of this folder do not include cudnn.h. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CUDNN_HANDLE_H
#define GD_KERNELS_CUDA_CONVOLUTION_CUDNN_HANDLE_H

#include "base/status.h"

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stddef.h>

/* cuDNN for one device: present, or only described. */
typedef struct gd_cudnn gd_cudnn;

/* json NULL: opens the current device, with a handle on `stream` (borrowed). Otherwise opens the device that
 * the JSON text describes (cuDNN's device properties, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, as in
 * gd_properties.json); plans can be made for it, but not run. The caller closes it. GD_BACKEND with the
 * remedy if cuDNN is older than 9.8, or than 9.11 for a description, or refuses. */
gd_status gd_cudnn_open(const char *json, cudaStream_t stream, gd_cudnn **cudnn, gd_error *error) GD_CHECKED;
void gd_cudnn_close(gd_cudnn *cudnn); /* after its plans; NULL is fine */

/* GD_BACKEND, with the remedy, if the library in use is older than 9.8. Needs no device. */
gd_status gd_cudnn_check_version(gd_error *error) GD_CHECKED;

/* The same for any version (91900 is 9.19.0); a device that is only described needs 9.11. */
gd_status gd_cudnn_judge_version(size_t version, bool described, gd_error *error) GD_CHECKED;

/* Version of the library in use, as "9.19.0"; truncated to `bytes`, of which 32 are enough. */
void gd_cudnn_version(char *text, size_t bytes);

#endif
