/* Shared by all .cu files. Kernels start through GD_LAUNCH alone, and the threads of a block cooperate
 * through gd_barrier and gd_shuffle_down alone, so that all of them can also be compiled for the host and
 * executed there under watch (tests/standin). */
#ifndef GD_KERNELS_CUDA_KERNEL_CUH
#define GD_KERNELS_CUDA_KERNEL_CUH

#include "kernels/cuda/elementwise/launch.h"

#ifdef GD_STANDIN
#include "standin/device.h" /* defines GD_LAUNCH, gd_barrier, gd_shuffle_down, __global__, threadIdx, ... */
#else
#include <cuda_bf16.h>
#include <cuda_fp16.h>

/* Queues kernel<<<grid, block, 0, stream>>>(arguments...); gives the launch's own error. */
#define GD_LAUNCH(kernel, grid, block, stream, ...)                                                          \
    (kernel<<<(grid), (block), 0, (stream)>>>(__VA_ARGS__), cudaGetLastError())

/* All threads of the block. */
static __device__ __forceinline__ void gd_barrier(void)
{
    __syncthreads();
}

/* The value of the lane `delta` above, in a whole warp. */
static __device__ __forceinline__ double gd_shuffle_down(double value, unsigned delta)
{
    return __shfl_down_sync(0xffffffffu, value, delta);
}
#endif

#endif
