/* Generates the noise that a render can start from. */
#include "base/philox.h"
#include "kernels/cuda/elementwise/pixels.cuh"

#include <math.h>

/* Cosine and sine of `turns` in (0, 1]: exact reduction to an eighth of a turn, then power series whose next
 * terms are below 1e-17. CUDA's functions need an array in local memory for large angles. */
static __device__ __forceinline__ void turn(double turns, double *cosine, double *sine)
{
    const int quarter = (int)(4 * turns + 0.5);
    const double angle = (4 * turns - quarter) * 1.5707963267948966192, square = angle * angle;
    double c = 1, s = 1;
    for (int k = 8; k > 0; k--) {
        c = 1 - square * (1.0 / (2 * k * (2 * k - 1))) * c;
        s = 1 - square * (1.0 / (2 * k * (2 * k + 1))) * s;
    }
    s *= angle;
    const double swapped = quarter & 1 ? s : c, other = quarter & 1 ? c : s;
    *cosine = (quarter + 1) & 2 ? -swapped : swapped;
    *sine = quarter & 2 ? -other : other;
}

static __device__ __forceinline__ float clip(double value)
{
    return (float)(value < -1 ? -1 : value > 1 ? 1 : value);
}

/* Computes gd_random_normal3 (base/random.c). */
static __device__ __forceinline__ void normal3(uint64_t seed, int64_t y, int64_t x, double deviation,
                                               float to[3])
{
    const gd_philox_words words = gd_philox_noise(seed, y, x);
    const double radius0 = deviation * sqrt(-2.0 * log(gd_philox_open_unit(words.at[0])));
    const double radius1 = deviation * sqrt(-2.0 * log(gd_philox_open_unit(words.at[2])));
    double cosine0, sine0, cosine1, sine1;
    turn(gd_philox_open_unit(words.at[1]), &cosine0, &sine0);
    turn(gd_philox_open_unit(words.at[3]), &cosine1, &sine1);
    to[0] = clip(radius0 * cosine0);
    to[1] = clip(radius0 * sine0);
    to[2] = clip(radius1 * cosine1);
}

static __global__ void __launch_bounds__(GD_THREADS)
    noise(uint64_t seed, int64_t y, int64_t x, int32_t cols, double deviation, float *__restrict__ values)
{
    __shared__ float pixels[GD_RUN_FLOATS];
    const gd_run run = gd_find_run(cols);
    for (int32_t i = (int32_t)threadIdx.x; i < run.pixels; i += GD_THREADS)
        normal3(seed, y + run.y, x + run.x + i, deviation, pixels + i * 3);
    gd_barrier();
    gd_store_run(values + ((int64_t)run.y * cols + run.x) * 3, pixels, run.pixels * 3);
}

cudaError_t gd_launch_noise(uint64_t seed, int64_t y, int64_t x, int64_t rows, int64_t cols, double deviation,
                            float *values, cudaStream_t stream)
{
    const int64_t blocks = gd_run_blocks(rows, cols);
    return GD_LAUNCH_BLOCKS(noise, blocks, stream, seed, y, x, (int32_t)cols, deviation, values);
}
