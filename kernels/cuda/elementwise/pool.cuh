/* Windows of 3x3 pools along one axis. */
#ifndef GD_KERNELS_CUDA_POOL_CUH
#define GD_KERNELS_CUDA_POOL_CUH

#include "kernels/cuda/elementwise/kernel.cuh"

/* first ... last, both included. */
struct gd_span {
    int32_t first, last;
};

/* Pixels of window `at` that are inside of the extent. */
static __device__ __forceinline__ gd_span gd_window(int32_t at, int32_t stride, int32_t pad, int32_t extent)
{
    const int32_t first = at * stride - pad, last = first + 2;
    return {first < 0 ? 0 : first, last < extent ? last : extent - 1};
}

/* Windows, of `count`, that contain pixel `at`. */
static __device__ __forceinline__ gd_span gd_windows_over(int32_t at, int32_t stride, int32_t pad,
                                                          int32_t count)
{
    const int32_t last = (at + pad) / stride;
    const int32_t first = at + pad < 3 ? 0 : (at + pad - 3) / stride + 1;
    return {first, last < count ? last : count - 1};
}

static __device__ __forceinline__ int32_t gd_length(gd_span span)
{
    return span.last - span.first + 1;
}

#endif
