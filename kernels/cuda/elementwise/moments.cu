/* Sum and sum of squares, in an order that depends only on extents: a fixed grid, then a fixed tree. */
#include "kernels/cuda/elementwise/place.cuh"

enum { LANES = 32, WARPS = GD_THREADS / LANES, BLOCKS = 1024, PIECE = 2048 }; /* PIECE: floats of a row */

/* Both sums. The square of a float is exact in double, so that fusing multiplication and addition does not
 * change results. */
struct moments {
    double sum, square;
};

/* Adds the sums of all threads of the block; the result is valid in thread 0. */
static __device__ __forceinline__ moments join(moments own)
{
    __shared__ double sums[WARPS], squares[WARPS];
    const unsigned lane = threadIdx.x % LANES, warp = threadIdx.x / LANES;
    for (unsigned delta = LANES / 2; delta > 0; delta /= 2) {
        own.sum += gd_shuffle_down(own.sum, delta);
        own.square += gd_shuffle_down(own.square, delta);
    }
    if (lane == 0) {
        sums[warp] = own.sum;
        squares[warp] = own.square;
    }
    gd_barrier();
    for (int w = 1; w < WARPS && threadIdx.x == 0; w++) {
        own.sum += sums[w];
        own.square += squares[w];
    }
    return own;
}

/* Total number of pieces. */
static __host__ __device__ __forceinline__ int64_t count_pieces(int64_t rows, int64_t floats)
{
    return rows * ((floats + PIECE - 1) / PIECE);
}

/* Block b adds pieces b, b + BLOCKS, ...; partial is [blocks, 2]. */
static __global__ void __launch_bounds__(GD_THREADS)
    add_pieces(const float *__restrict__ gradient, int64_t rows, int64_t floats, int64_t stride,
               double *__restrict__ partial)
{
    const int64_t pieces = (floats + PIECE - 1) / PIECE;
    moments own = {0, 0};
    for (int64_t i = blockIdx.x; i < count_pieces(rows, floats); i += BLOCKS) {
        const int64_t at = i % pieces * PIECE;
        const float *row = gradient + i / pieces * stride + at;
        const int32_t count = floats - at < PIECE ? (int32_t)(floats - at) : (int32_t)PIECE;
        float got[PIECE / GD_THREADS]; /* all on their way before the first one is added */
        for (int32_t k = 0; k < PIECE / GD_THREADS; k++) {
            const int32_t item = k * GD_THREADS + (int32_t)threadIdx.x;
            got[k] = item < count ? row[item] : 0.0F;
        }
        for (int32_t k = 0; k < PIECE / GD_THREADS; k++) {
            const double value = got[k];
            own.sum += value;
            own.square += value * value;
        }
    }
    own = join(own);
    if (threadIdx.x == 0) {
        partial[blockIdx.x * 2] = own.sum;
        partial[blockIdx.x * 2 + 1] = own.square;
    }
}

/* Block b adds pixels b * GD_THREADS ..., and then those BLOCKS * GD_THREADS further. */
static __global__ void __launch_bounds__(GD_THREADS)
    add_masked(const float *__restrict__ gradient, const float *__restrict__ mask, int64_t pixels,
               double *__restrict__ partial)
{
    moments own = {0, 0};
    for (int64_t i = gd_thread(); i < pixels; i += (int64_t)gridDim.x * GD_THREADS) {
        const double weight = mask[i];
        for (int32_t c = 0; c < 3 && weight > 0; c++) {
            const double value = gradient[i * 3 + c];
            own.sum += weight * value;
            own.square += weight * (value * value);
        }
    }
    own = join(own);
    if (threadIdx.x == 0) {
        partial[blockIdx.x * 2] = own.sum;
        partial[blockIdx.x * 2 + 1] = own.square;
    }
}

/* Adds the partial sums, in one block. */
static __global__ void __launch_bounds__(GD_THREADS)
    add_partial(const double *__restrict__ partial, unsigned blocks, double *__restrict__ sums)
{
    moments own = {0, 0};
    for (unsigned b = threadIdx.x; b < blocks; b += GD_THREADS) {
        own.sum += partial[b * 2];
        own.square += partial[b * 2 + 1];
    }
    own = join(own);
    if (threadIdx.x == 0) {
        sums[0] = own.sum;
        sums[1] = own.square;
    }
}

size_t gd_moments_scratch_bytes(void)
{
    return sizeof(double) * BLOCKS * 2;
}

cudaError_t gd_launch_moments(const float *gradient, int64_t rows, int64_t cols, int64_t stride,
                              double *partial, double sums[2], cudaStream_t stream)
{
    const int64_t pieces = count_pieces(rows, cols * 3);
    const unsigned blocks = pieces < BLOCKS ? (unsigned)pieces : (unsigned)BLOCKS;
    const cudaError_t launched =
        GD_LAUNCH_BLOCKS(add_pieces, (int64_t)blocks, stream, gradient, rows, cols * 3, stride, partial);
    if (launched != cudaSuccess)
        return launched;
    return GD_LAUNCH(add_partial, 1, GD_THREADS, stream, partial, blocks, sums);
}

cudaError_t gd_launch_mask_moments(const float *gradient, const float *mask, int64_t pixels, double *partial,
                                   double sums[2], cudaStream_t stream)
{
    const int64_t wanted = (pixels + GD_THREADS - 1) / GD_THREADS;
    const unsigned blocks = wanted < BLOCKS ? (unsigned)wanted : (unsigned)BLOCKS;
    const cudaError_t launched =
        GD_LAUNCH_BLOCKS(add_masked, (int64_t)blocks, stream, gradient, mask, pixels, partial);
    if (launched != cudaSuccess)
        return launched;
    return GD_LAUNCH(add_partial, 1, GD_THREADS, stream, partial, blocks, sums);
}
