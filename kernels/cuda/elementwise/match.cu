/* Finds the guide's unit that has the largest dot product with each unit: a product of matrices in tiles of
 * TILE x TILE results, which are compared as they come. A product is one sum over the channels in their
 * order, in float32, so that its bits depend on nothing but the two units. */
#include "kernels/cuda/elementwise/place.cuh"
#include "kernels/cuda/elementwise/value.cuh"

#include <math.h>

/* A thread computes EACH x EACH results, SIDE apart along both axes. */
enum { SIDE = 16, EACH = 4, TILE = SIDE * EACH, DEPTH = 16 };

struct tiles {
    float units[DEPTH][TILE], guide[DEPTH][TILE];
};

/* Half of the threads bring DEPTH channels of TILE units, the others of TILE units of the guide; beyond the
 * last they are zeros. */
template <typename T>
static __device__ __forceinline__ void bring(const gd_cuda_slice &src, const float *guide, int32_t count,
                                             int64_t first, int32_t unit, int32_t channel, tiles *to)
{
    const int32_t loaders = GD_THREADS / 2, thread = (int32_t)threadIdx.x % loaders, row = thread / 2;
    const int32_t depth = thread % 2 * 8;
    gd_eight eight = gd_all(0);
    if ((int32_t)threadIdx.x < loaders) {
        const int64_t pixel = first + row;
        if (pixel < (int64_t)src.rows * src.cols)
            eight = gd_load<T>(
                gd_unit<T>(src, (int32_t)(pixel / src.cols), (int32_t)(pixel % src.cols), channel + depth));
    } else if (unit + row < count) {
        eight = gd_load<float>(guide + (int64_t)(unit + row) * src.channels + channel + depth);
    }
    float(*tile)[TILE] = (int32_t)threadIdx.x < loaders ? to->units : to->guide;
    for (int i = 0; i < 8; i++)
        tile[depth + i][row] = eight.at[i];
}

static __device__ __forceinline__ void multiply(const tiles &from, int32_t y, int32_t x,
                                                float sums[EACH][EACH])
{
    for (int k = 0; k < DEPTH; k++)
        for (int i = 0; i < EACH; i++)
            for (int j = 0; j < EACH; j++)
                sums[i][j] = fmaf(from.units[k][y + i * SIDE], from.guide[k][x + j * SIDE], sums[i][j]);
}

/* The largest product so far, and the unit that it is of. */
struct best {
    float product;
    int32_t unit;
};

/* chosen[i]: of unit i of src, in row-major order. */
template <typename T>
static __global__ void __launch_bounds__(GD_THREADS)
    find_match(gd_cuda_slice src, const float *__restrict__ guide, int32_t count,
               int32_t *__restrict__ chosen)
{
    __shared__ tiles shared;
    __shared__ best found[TILE][SIDE + 1];
    const int64_t first = (int64_t)blockIdx.x * TILE;
    const int32_t y = (int32_t)threadIdx.x / SIDE, x = (int32_t)threadIdx.x % SIDE;
    best own[EACH];
    for (int i = 0; i < EACH; i++)
        own[i] = {-INFINITY, x};
    for (int32_t unit = 0; unit < count; unit += TILE) {
        float sums[EACH][EACH] = {};
        for (int32_t channel = 0; channel < src.channels; channel += DEPTH) {
            bring<T>(src, guide, count, first, unit, channel, &shared);
            gd_barrier();
            multiply(shared, y, x, sums);
            gd_barrier();
        }
        for (int i = 0; i < EACH; i++)
            for (int j = 0; j < EACH; j++)
                if (unit + x + j * SIDE < count && sums[i][j] > own[i].product)
                    own[i] = {sums[i][j], unit + x + j * SIDE};
    }
    for (int i = 0; i < EACH; i++)
        found[y + i * SIDE][x] = own[i];
    gd_barrier();
    const int32_t row = (int32_t)threadIdx.x;
    if (row >= TILE || first + row >= (int64_t)src.rows * src.cols)
        return;
    best most = found[row][0];
    for (int i = 1; i < SIDE; i++) {
        const best other = found[row][i];
        if (other.product > most.product || (other.product == most.product && other.unit < most.unit))
            most = other;
    }
    chosen[first + row] = most.unit;
}

template <typename T>
static cudaError_t launch(gd_cuda_slice src, const float *guide, int32_t units, int32_t *chosen,
                          cudaStream_t stream)
{
    const int64_t blocks = ((int64_t)src.rows * src.cols + TILE - 1) / TILE;
    return GD_LAUNCH_BLOCKS(find_match<T>, blocks, stream, src, guide, units, chosen);
}

cudaError_t gd_launch_match(gd_cuda_type type, gd_cuda_slice src, const float *guide, int32_t units,
                            int32_t *chosen, cudaStream_t stream)
{
    return GD_BY_TYPE(type, launch, src, guide, units, chosen, stream);
}
