/* Windows of 3x3 pools along one axis. */
#ifndef GD_KERNELS_CUDA_POOL_CUH
#define GD_KERNELS_CUDA_POOL_CUH

#include "kernels/cuda/elementwise/value.cuh"

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

static __device__ __forceinline__ void gd_add_share(gd_eight *sum, const gd_eight &value, float weight)
{
    for (int i = 0; i < 8; i++)
        sum->at[i] += value.at[i] * weight;
}

/* The weighted sum of 3x3 pixels from (y, x) on: a row at a time is on its way. */
template <typename T>
static __device__ __forceinline__ gd_eight gd_sum_nine(const gd_cuda_slice &slice, int32_t y, int32_t x,
                                                       int32_t channel, float weight)
{
    const T *__restrict__ corner = gd_unit<T>(slice, y, x, channel);
    gd_eight sum = gd_all(0);
    for (int row = 0; row < 3; row++) {
        gd_eight value[3];
        for (int col = 0; col < 3; col++)
            value[col] = gd_load<T>(corner + row * (int64_t)slice.line * slice.pitch + col * slice.pitch);
        for (int col = 0; col < 3; col++)
            gd_add_share(&sum, value[col], weight);
    }
    return sum;
}

#endif
