/* Converts results of the CUDA runtime to a status and a message, and bounds every wait. */
#ifndef GD_CUDA_DEVICE_CHECK_H
#define GD_CUDA_DEVICE_CHECK_H

#include "base/status.h"

#include <cuda_runtime_api.h>

/* GD_OK for cudaSuccess. Otherwise GD_MEMORY (no device memory left) or GD_BACKEND, with a sentence that
 * names `call`, the error and the remedy. The error may be that of work queued earlier. */
gd_status gd_cuda_check(cudaError_t result, const char *call, gd_error *error) GD_CHECKED;

/* Allocates `bytes` of pinned host memory; the caller frees it with cudaFreeHost. GD_MEMORY names `purpose`.
 */
gd_status gd_cuda_pin(void **values, size_t bytes, const char *purpose, gd_error *error) GD_CHECKED;

/* cudaEventQuery; clears "not ready", which the next kernel launch would report as an error otherwise. */
cudaError_t gd_cuda_query(cudaEvent_t event);

/* Default of the longest wait in seconds: far longer than the largest window on the slowest device, and no
 * shorter than the deadline between ranks, because queued work may wait for another rank's pixels. */
enum { GD_CUDA_PATIENCE = 1800 };

/* Longest wait for a device in seconds, shared by all its users. */
typedef _Atomic double gd_patience;

/* Polls until the event has passed; `what` names the work in messages. GD_BACKEND after *patience seconds,
 * which is then set to 0, so that cleanup does not wait for a hung device again. */
gd_status gd_cuda_wait(cudaEvent_t event, const char *what, gd_patience *patience,
                       gd_error *error) GD_CHECKED;

#endif
