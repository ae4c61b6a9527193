/* Loads and stores eight channels of a pixel as floats, for all types of tensors. */
#ifndef GD_KERNELS_CUDA_VALUE_CUH
#define GD_KERNELS_CUDA_VALUE_CUH

#include "kernels/cuda/elementwise/kernel.cuh"

#include <math.h>

/* Calls function<T>(...) with the C++ type T of the stored values. */
#define GD_BY_TYPE(type, function, ...)                                                                      \
    ((type) == GD_CUDA_F32    ? function<float>(__VA_ARGS__)                                                 \
     : (type) == GD_CUDA_BF16 ? function<__nv_bfloat16>(__VA_ARGS__)                                         \
     : (type) == GD_CUDA_F16  ? function<__half>(__VA_ARGS__)                                                \
                              : cudaErrorInvalidValue)

struct gd_eight {
    float at[8];
};

static __device__ __forceinline__ gd_eight gd_all(float value)
{
    gd_eight eight;
    for (int i = 0; i < 8; i++)
        eight.at[i] = value;
    return eight;
}

static __device__ __forceinline__ float gd_float_of(__nv_bfloat16 value)
{
    return __bfloat162float(value);
}

static __device__ __forceinline__ float gd_float_of(__half value)
{
    return __half2float(value);
}

/* To nearest, ties to even. */
static __device__ __forceinline__ void gd_convert(float value, __nv_bfloat16 *to)
{
    *to = __float2bfloat16_rn(value);
}

static __device__ __forceinline__ void gd_convert(float value, __half *to)
{
    *to = __float2half_rn(value);
}

/* Eight units of two bytes: one memory access. */
template <typename T> union gd_packed {
    uint4 words;
    T units[8];
};

template <typename T> static __device__ __forceinline__ gd_eight gd_load(const T *from)
{
    gd_packed<T> packed;
    gd_eight eight;
    packed.words = *(const uint4 *)from;
    for (int i = 0; i < 8; i++)
        eight.at[i] = gd_float_of(packed.units[i]);
    return eight;
}

template <typename T> static __device__ __forceinline__ void gd_store(T *to, const gd_eight &eight)
{
    gd_packed<T> packed;
    for (int i = 0; i < 8; i++)
        gd_convert(eight.at[i], &packed.units[i]);
    *(uint4 *)to = packed.words;
}

/* Eight floats: two memory accesses. */
template <> __device__ __forceinline__ gd_eight gd_load<float>(const float *from)
{
    const float4 low = ((const float4 *)from)[0], high = ((const float4 *)from)[1];
    return {{low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w}};
}

template <> __device__ __forceinline__ void gd_store<float>(float *to, const gd_eight &eight)
{
    const float *v = eight.at;
    ((float4 *)to)[0] = make_float4(v[0], v[1], v[2], v[3]);
    ((float4 *)to)[1] = make_float4(v[4], v[5], v[6], v[7]);
}

/* As gd_load, of what nobody reads again: it need not stay in a cache. */
template <typename T> static __device__ __forceinline__ gd_eight gd_load_last(const T *from)
{
    gd_packed<T> packed;
    gd_eight eight;
    packed.words = __ldcs((const uint4 *)from);
    for (int i = 0; i < 8; i++)
        eight.at[i] = gd_float_of(packed.units[i]);
    return eight;
}

template <> __device__ __forceinline__ gd_eight gd_load_last<float>(const float *from)
{
    const float4 low = __ldcs((const float4 *)from), high = __ldcs((const float4 *)from + 1);
    return {{low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w}};
}

/* The values after rounding to the stored type. */
template <typename T> static __device__ __forceinline__ gd_eight gd_rounded(const gd_eight &eight)
{
    gd_eight rounded;
    for (int i = 0; i < 8; i++) {
        T unit;
        gd_convert(eight.at[i], &unit);
        rounded.at[i] = gd_float_of(unit);
    }
    return rounded;
}

template <> __device__ __forceinline__ gd_eight gd_rounded<float>(const gd_eight &eight)
{
    return eight;
}

/* Whether the first `count` values are finite. */
static __device__ __forceinline__ bool gd_finite(const gd_eight &eight, int count)
{
    bool finite = true;
    for (int i = 0; i < count; i++)
        finite = finite && isfinite(eight.at[i]);
    return finite;
}

template <typename T>
static __device__ __forceinline__ T *gd_unit(const gd_cuda_slice &slice, int32_t y, int32_t x,
                                             int32_t channel)
{
    return (T *)slice.values + ((int64_t)y * slice.line + x) * slice.pitch + channel;
}

#endif
