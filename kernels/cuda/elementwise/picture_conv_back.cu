/* The way back of the first convolution: the gradient of the pixels from that of the results, which is masked
 * as it is read. Where rows and columns are counted from the window's pixel that the first result reads, each
 * square of 2x2 pixels is read by the same 2x2 results: those at its own place and before it. A thread has
 * eight channels of two squares, and a block sums those of its four groups of channels in a fixed order. */
#include "kernels/cuda/elementwise/picture_conv.cuh"

enum {
    EACH = 2,                                     /* squares of a thread, side by side */
    SQUARES = GD_THREADS / GD_CONV_GROUPS * EACH, /* of a block, in one row */
    FLOATS = SQUARES * 2 * 3,                     /* of a row of its pixels */
    PLANE = 2 * FLOATS + 8,                       /* of a group: so that groups have banks of their own */
    FILTER = GD_CONV_TAPS + 1,
    GROUP = 8 * FILTER + 8 /* of weights: likewise */
};

/* A block's first square. */
struct corner {
    int32_t row, col;
};

/* Half of a number, downwards. */
static __device__ __host__ inline int32_t halved(int32_t number)
{
    return number >= 0 ? number / 2 : -((1 - number) / 2);
}

static __device__ __host__ inline uint32_t squares(int32_t pad, int32_t pixels)
{
    return (uint32_t)(halved(pixels - 1 + pad) - halved(pad) + 1);
}

static __device__ __forceinline__ corner find_corner(const gd_cuda_picture_conv &conv, int32_t cols)
{
    const uint32_t across = (squares(conv.pad_cols, cols) + SQUARES - 1) / SQUARES;
    return {halved(conv.pad_rows) + (int32_t)(blockIdx.x / across),
            halved(conv.pad_cols) + (int32_t)(blockIdx.x % across) * SQUARES};
}

/* [group][filter][tap] */
template <typename T>
static __device__ __forceinline__ void fetch_filters(float *shared, const gd_cuda_picture_conv &conv)
{
    for (int i = (int)threadIdx.x; i < GD_CONV_PLACES * GD_CONV_FILTERS; i += GD_THREADS) {
        const int filter = i / GD_CONV_PLACES, place = i % GD_CONV_PLACES;
        const gd_eight weight = gd_conv_weights<T>(conv, filter, place);
        float *to = shared + filter / 8 * GROUP + filter % 8 * FILTER;
        for (int c = 0; c < 3; c++)
            to[place * 3 + c] = weight.at[c];
        if (place == 0)
            to[GD_CONV_TAPS] = 0; /* read with the last taps */
    }
}

/* A result's gradient, masked; 0 where there is none. */
template <typename T>
static __device__ __forceinline__ gd_eight load(const gd_cuda_slice &src, const gd_cuda_mask &mask, int32_t y,
                                                int32_t x, int32_t channel)
{
    if (y < 0 || y >= src.rows || x < 0 || x >= src.cols || channel >= src.channels)
        return gd_all(0);
    gd_eight eight = gd_load<T>(gd_unit<T>(src, y, x, channel));
    const unsigned keep = mask.bits ? *gd_mask_byte(mask, y, x, channel) : 0xffU;
    for (int i = 0; i < 8; i++)
        eight.at[i] = keep >> i & 1 ? eight.at[i] : 0.0F;
    return eight;
}

/* Pixels of a thread's squares, two rows of four. */
struct pixels {
    float at[2][2 * EACH][3];
};

/* Of one filter, whose weights of all taps these are. Tap 0 of an axis brings the result of its own place to
 * the even pixel, tap 1 the same to the odd one, tap 2 the one before to the even pixel. */
static __device__ __forceinline__ void add_filter(pixels *sum, const float weight[FILTER],
                                                  const gd_eight from[2][EACH + 1], int filter)
{
    for (int tap = 0; tap < GD_CONV_TAPS; tap++) {
        const int row = tap / 9, col = tap / 3 % 3;
        for (int s = 0; s < EACH; s++)
            sum->at[row % 2][2 * s + col % 2][tap % 3] +=
                weight[tap] * from[row == 2 ? 0 : 1][s + (col == 2 ? 0 : 1)].at[filter];
    }
}

static __device__ __forceinline__ pixels add_up(const float *filters, const gd_eight from[2][EACH + 1])
{
    pixels sum = {};
    for (int filter = 0; filter < 8; filter++) {
        float weight[FILTER] = {};
        for (int quad = 0; quad < FILTER / 4; quad++) {
            const float4 four = *(const float4 *)(filters + filter * FILTER + quad * 4);
            weight[quad * 4] = four.x;
            weight[quad * 4 + 1] = four.y;
            weight[quad * 4 + 2] = four.z;
            weight[quad * 4 + 3] = four.w;
        }
        add_filter(&sum, weight, from, filter);
    }
    return sum;
}

/* Pixels of an axis that are in the picture: [begin, end), of those from `at` on. */
static __device__ __forceinline__ int32_t begin_of(int32_t at)
{
    return at < 0 ? -at : 0;
}

static __device__ __forceinline__ int32_t end_of(int32_t at, int32_t count, int32_t extent)
{
    return extent - at < count ? extent - at : count;
}

/* The gradient, dense [rows, cols, 3]. */
struct picture {
    float *values;
    int32_t rows, cols;
    float scale;
    int32_t *overflow;
};

/* Adds up the groups' planes in the first of them, and writes the pixels, the first of which is at (y, x). */
static __device__ __forceinline__ void write(float *planes, const picture &to, int32_t y, int32_t x)
{
    const int32_t begin = begin_of(x) * 3, end = end_of(x, SQUARES * 2, to.cols) * 3;
    bool finite = true;
    for (int row = 0; row < 2; row++)
        for (int32_t i = begin + (int32_t)threadIdx.x; i < end; i += GD_THREADS) {
            float *plane = planes + row * FLOATS + i;
            float sum = plane[0];
            for (int group = 1; group < GD_CONV_GROUPS; group++)
                sum += plane[group * PLANE];
            plane[0] = sum * to.scale;
            finite = finite && (isfinite(plane[0]) || y + row < 0 || y + row >= to.rows);
        }
    if (!finite)
        atomicExch(to.overflow, 1);
    gd_barrier();
    for (int row = begin_of(y); row < end_of(y, 2, to.rows); row++)
        gd_store_run(to.values + ((int64_t)(y + row) * to.cols + x) * 3 + begin,
                     planes + row * FLOATS + begin, end - begin);
}

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS, 2)
    picture_conv_back(const __grid_constant__ gd_cuda_picture_conv conv, gd_cuda_slice src, gd_cuda_mask mask,
                      picture to)
{
    alignas(16) __shared__ float planes[GD_CONV_GROUPS * PLANE];
    alignas(16) __shared__ float filters[GD_CONV_GROUPS * GROUP];
    const corner at = find_corner(conv, to.cols);
    const int group = (int)threadIdx.x % GD_CONV_GROUPS, first = (int)threadIdx.x / GD_CONV_GROUPS * EACH;
    gd_eight from[2][EACH + 1];
    for (int row = 0; row < 2; row++)
        for (int col = 0; col <= EACH; col++)
            from[row][col] = load<T>(src, mask, at.row + row - 1, at.col + first + col - 1, group * 8);
    fetch_filters<T>(filters, conv);
    gd_barrier();
    const pixels sum = add_up(filters + group * GROUP, from);
    for (int row = 0; row < 2; row++)
        for (int i = 0; i < 2 * EACH * 3; i++)
            planes[group * PLANE + row * FLOATS + first * 2 * 3 + i] = sum.at[row][i / 3][i % 3];
    gd_barrier();
    write(planes, to, at.row * 2 - conv.pad_rows, at.col * 2 - conv.pad_cols);
}

template <typename T>
static cudaError_t launch(const gd_cuda_picture_conv *conv, gd_cuda_slice src, gd_cuda_mask mask, picture to,
                          cudaStream_t stream)
{
    const int64_t across = ((int64_t)squares(conv->pad_cols, to.cols) + SQUARES - 1) / SQUARES;
    const int64_t blocks = to.rows > 0 && to.cols > 0 ? squares(conv->pad_rows, to.rows) * across : 0;
    return GD_LAUNCH_BLOCKS(picture_conv_back<T>, blocks, stream, *conv, src, mask, to);
}

cudaError_t gd_launch_picture_conv_back(gd_cuda_type type, const gd_cuda_picture_conv *conv,
                                        gd_cuda_slice src, gd_cuda_mask mask, float scale, float *gradient,
                                        int32_t rows, int32_t cols, int32_t *overflow, cudaStream_t stream)
{
    const picture to = {gradient, rows, cols, scale, overflow};
    if (src.channels > GD_CONV_FILTERS)
        return cudaErrorInvalidValue;
    return GD_BY_TYPE(type, launch, conv, src, mask, to, stream);
}
