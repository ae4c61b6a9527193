/* Launch and synchronization of kernels, for all .cu files. Only GD_LAUNCH launches kernels, and only
 * gd_barrier and gd_shuffle_down synchronize the threads of a block, so that kernels can also be compiled for
 * the host and executed by the checking stand-in device (tests/standin). */
#ifndef GD_KERNELS_CUDA_KERNEL_CUH
#define GD_KERNELS_CUDA_KERNEL_CUH

#include "kernels/cuda/elementwise/launch.h"

#ifdef GD_STANDIN
#include "standin/device.h" /* defines GD_LAUNCH, gd_barrier, gd_shuffle_down, __global__, threadIdx, ... */
#else
#include <cuda_bf16.h>
#include <cuda_fp16.h>

/* Queues kernel<<<grid, block, 0, stream>>>(arguments...); its value is the error of the launch. */
#define GD_LAUNCH(kernel, grid, block, stream, ...)                                                          \
    (kernel<<<(grid), (block), 0, (stream)>>>(__VA_ARGS__), cudaGetLastError())

/* Barrier of all threads of the block. */
static __device__ __forceinline__ void gd_barrier(void)
{
    __syncthreads();
}

/* The value of the lane with an index higher by `delta`; all lanes of the warp must call it. */
static __device__ __forceinline__ double gd_shuffle_down(double value, unsigned delta)
{
    return __shfl_down_sync(0xffffffffu, value, delta);
}
#endif

#endif
