/* Local response normalization of eight channels of a pixel; formulas: kernels/reference/lrn.c. */
#ifndef GD_KERNELS_CUDA_LRN_CUH
#define GD_KERNELS_CUDA_LRN_CUH

#include "kernels/cuda/elementwise/value.cuh"

/* Loops over arrays that are to be registers. */
#ifdef GD_STANDIN
#define GD_UNROLL
#else
#define GD_UNROLL _Pragma("unroll")
#endif

/* Calls function<T, HALF> for the half of a normalization's size. */
#define GD_BY_HALF(T, half, function, ...)                                                                   \
    ((half) == 1   ? function<T, 1>(__VA_ARGS__)                                                             \
     : (half) == 2 ? function<T, 2>(__VA_ARGS__)                                                             \
     : (half) == 3 ? function<T, 3>(__VA_ARGS__)                                                             \
     : (half) == 4 ? function<T, 4>(__VA_ARGS__)                                                             \
     : (half) == 5 ? function<T, 5>(__VA_ARGS__)                                                             \
                   : cudaErrorInvalidValue)

/* values[8 + 2 * BESIDE]: eight channels of a pixel from `channel` on, and BESIDE more on either side, 0
 * where there are none. Read in groups of eight, all of which are on their way together. */
template <typename T, int BESIDE>
static __device__ __forceinline__ void gd_load_beside(const gd_cuda_slice &slice, int32_t y, int32_t x,
                                                      int32_t channel, float values[8 + 2 * BESIDE])
{
    constexpr int GROUPS = (BESIDE + 7) / 8; /* on either side */
    gd_eight got[2 * GROUPS + 1];
    GD_UNROLL for (int g = 0; g <= 2 * GROUPS; g++)
    {
        const int32_t first = channel + (g - GROUPS) * 8;
        got[g] =
            first >= 0 && first < slice.channels ? gd_load<T>(gd_unit<T>(slice, y, x, first)) : gd_all(0);
    }
    GD_UNROLL for (int i = 0; i < 8 + 2 * BESIDE; i++)
    {
        const int at = GROUPS * 8 - BESIDE + i;
        values[i] = got[at / 8].at[at % 8];
    }
}

/* What is divided by, before the power: of the channel in the middle of x[2 * HALF + 1]. */
template <int HALF>
static __device__ __forceinline__ float gd_lrn_divisor(const gd_cuda_lrn &lrn, const float *x)
{
    float squares = 0;
    GD_UNROLL for (int i = 0; i <= 2 * HALF; i++) squares += x[i] * x[i];
    return lrn.bias + lrn.scale * squares;
}

/* v ^ -(quarters / 4). */
static __device__ __forceinline__ float gd_lrn_power(float v, int32_t quarters)
{
    if (quarters == 4)
        return 1.0F / v;
    const float root = sqrtf(v);
    if (quarters == 2)
        return 1.0F / root;
    const float fourth = sqrtf(root);
    return 1.0F / (quarters == 1 ? fourth : root * fourth);
}

#endif
