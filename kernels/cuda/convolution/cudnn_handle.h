/* cuDNN opened for a device. The public headers of this folder do without cudnn.h. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CUDNN_HANDLE_H
#define GD_KERNELS_CUDA_CONVOLUTION_CUDNN_HANDLE_H

#include "base/status.h"

#include <cuda_runtime_api.h>
#include <stddef.h>

/* cuDNN for one device: present, or only described. */
typedef struct gd_cudnn gd_cudnn;

/* With json == NULL: the current device, with a handle on `stream`. Otherwise for the device that the JSON
 * text describes (cuDNN's own device properties, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, as in
 * gd_properties.json): plans can be made, and not run. GD_BACKEND with the remedy where cuDNN is older
 * than 9.8 or refuses. */
gd_status gd_cudnn_open(const char *json, cudaStream_t stream, gd_cudnn **cudnn, gd_error *error) GD_CHECKED;
void gd_cudnn_close(gd_cudnn *cudnn); /* after its plans; NULL is fine */

/* GD_BACKEND, with the remedy, where the library in use is older than 9.8. Takes no time on a device. */
gd_status gd_cudnn_check_version(gd_error *error) GD_CHECKED;

/* "9.19.0" of the library in use; cut off at `bytes`, of which 32 are enough. */
void gd_cudnn_version(char *text, size_t bytes);

#endif
