/* Converts results of the CUDA runtime to a status and a message, and bounds every wait. */
#include "kernels/cuda/device/check.h"

#include "base/clock.h"

#include <sched.h>
#include <stdint.h>
#include <time.h>

gd_status gd_cuda_check(cudaError_t result, const char *call, gd_error *error)
{
    if (result == cudaSuccess)
        return GD_OK;
    (void)cudaGetLastError(); /* else the next launch reports it again */
    if (result == cudaErrorMemoryAllocation)
        return gd_fail(error, GD_MEMORY,
                       "%s: the GPU has no memory left; use a smaller -ts, or end what else runs on it",
                       call);
    return gd_fail(
        error, GD_BACKEND,
        "%s: %s (%s); look at nvidia-smi and the system's log for what happened to the GPU, or run "
        "with --backend cpu",
        call, cudaGetErrorString(result), cudaGetErrorName(result));
}

gd_status gd_cuda_pin(void **values, size_t bytes, const char *purpose, gd_error *error)
{
    const cudaError_t result = cudaHostAlloc(values, bytes, cudaHostAllocDefault);
    if (result != cudaErrorMemoryAllocation)
        return gd_cuda_check(result, "cudaHostAlloc", error);
    (void)cudaGetLastError();
    return gd_fail(error, GD_MEMORY,
                   "out of memory: %.1f MiB of pinned host memory for %s cannot be allocated; use a smaller "
                   "-ts, or raise "
                   "the limit of locked memory (ulimit -l)",
                   (double)bytes / (1 << 20), purpose);
}

cudaError_t gd_cuda_query(cudaEvent_t event)
{
    const cudaError_t result = cudaEventQuery(event);
    if (result == cudaErrorNotReady)
        (void)cudaGetLastError();
    return result;
}

/* Yields the first times, because small windows take well under a millisecond; then sleeps. */
static void pause_after(int32_t rounds)
{
    enum { EAGER = 200, NAP = 50000 };
    const struct timespec nap = {0, NAP};
    if (rounds < EAGER)
        sched_yield();
    else
        nanosleep(&nap, NULL);
}

gd_status gd_cuda_wait(cudaEvent_t event, const char *what, gd_patience *patience, gd_error *error)
{
    const double start = gd_clock(), most = *patience;
    for (int32_t rounds = 0;; rounds += rounds < INT32_MAX) {
        const cudaError_t result = gd_cuda_query(event);
        if (result != cudaErrorNotReady)
            return gd_cuda_check(result, what, error);
        if (gd_clock() - start > most) {
            *patience = 0;
            return gd_fail(error, GD_BACKEND,
                           "%s: the GPU was not done after %.0f s; look with nvidia-smi whether it hangs",
                           what, most);
        }
        pause_after(rounds);
    }
}
