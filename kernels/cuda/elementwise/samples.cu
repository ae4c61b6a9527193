/* Converts pixels to the samples of a file, of 8 or 16 bits. */
#include "kernels/cuda/elementwise/place.cuh"

/* Rounds to the nearest of 0 ... top; NaN becomes 0, as in image/writer.c. Fusing multiplication and addition
 * changes no sample: all floats were tried. */
template <typename T> static __device__ __forceinline__ T quantised(float value)
{
    const double top = sizeof(T) == 1 ? 255 : 65535;
    const double scaled = ((double)value + 1.0) * (0.5 * top) + 0.5;
    return (T)(scaled >= top ? top : scaled > 0.0 ? scaled : 0.0);
}

template <typename T> struct alignas(4 * sizeof(T)) four {
    T at[4];
};

enum { QUADS = 2, PART = QUADS * 4 * GD_THREADS }; /* float4 of a thread, samples of a block */

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS)
    quantise(const float *__restrict__ values, int64_t count, T *__restrict__ samples, bool aligned)
{
    const int64_t first = (int64_t)blockIdx.x * PART, end = first + PART < count ? first + PART : count;
    if (!aligned || end < first + PART) {
        for (int64_t i = first + threadIdx.x; i < end; i += GD_THREADS)
            samples[i] = quantised<T>(values[i]);
        return;
    }
    const float4 *from = (const float4 *)(values + first) + threadIdx.x;
    four<T> *to = (four<T> *)(samples + first) + threadIdx.x;
    float4 v[QUADS];
    for (int k = 0; k < QUADS; k++)
        v[k] = __ldcs(from + k * GD_THREADS);
    for (int k = 0; k < QUADS; k++)
        to[k * GD_THREADS] = {
            {quantised<T>(v[k].x), quantised<T>(v[k].y), quantised<T>(v[k].z), quantised<T>(v[k].w)}};
}

template <typename T>
static cudaError_t launch(const float *values, int64_t count, void *samples, cudaStream_t stream)
{
    const bool aligned = (uintptr_t)values % 16 == 0 && (uintptr_t)samples % sizeof(four<T>) == 0;
    const int64_t blocks = (count + PART - 1) / PART;
    return GD_LAUNCH_BLOCKS(quantise<T>, blocks, stream, values, count, (T *)samples, aligned);
}

cudaError_t gd_launch_samples(const float *values, int64_t count, int32_t bits, void *samples,
                              cudaStream_t stream)
{
    return bits == 8    ? launch<uint8_t>(values, count, samples, stream)
           : bits == 16 ? launch<uint16_t>(values, count, samples, stream)
                        : cudaErrorInvalidValue;
}
