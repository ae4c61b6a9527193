/* Turns answers of the CUDA runtime into a status and a message, and bounds every wait. */
#ifndef GD_CUDA_DEVICE_CHECK_H
#define GD_CUDA_DEVICE_CHECK_H

#include "base/status.h"

#include <cuda_runtime_api.h>

/* GD_OK for cudaSuccess. Otherwise GD_MEMORY (the device has none left) or GD_BACKEND, with a sentence that
 * names `call`, what came of it, and the remedy. Errors of earlier, queued work come this way, too. */
gd_status gd_cuda_check(cudaError_t result, const char *call, gd_error *error) GD_CHECKED;

/* `bytes` of pinned host memory, to be freed with cudaFreeHost. GD_MEMORY names what it is for. */
gd_status gd_cuda_pin(void **values, size_t bytes, const char *purpose, gd_error *error) GD_CHECKED;

/* cudaEventQuery, but that "not ready" is no error that the next launch of a kernel would report. */
cudaError_t gd_cuda_query(cudaEvent_t event);

/* Seconds after which a wait gives up: far more than the largest window takes on the slowest device, and no
 * less than ranks wait for each other, since what is queued may wait for another rank's pixels. */
enum { GD_CUDA_PATIENCE = 1800 };

/* Longest wait in seconds, shared by all that wait for one device. */
typedef _Atomic double gd_patience;

/* Waits until the event has passed, polling; `what` names what is waited for. When it gives up, *patience
 * becomes 0: what hung once is not waited for again on the way out. */
gd_status gd_cuda_wait(cudaEvent_t event, const char *what, gd_patience *patience,
                       gd_error *error) GD_CHECKED;

#endif
