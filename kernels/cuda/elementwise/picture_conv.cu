/* The first convolution, from the pixels of a window, with its bias, ReLU and mask: the window needs no
 * tensor of its own. A block has two rows of results, and a thread eight channels of two pixels in each. */
#include "kernels/cuda/elementwise/picture_conv.cuh"

enum {
    PIXELS = 128,                          /* of a row, of a block */
    ROWS = 2,                              /* of a block */
    EACH = 2,                              /* pixels of a row, of a thread */
    LINES = (ROWS - 1) * 2 + GD_CONV_SIDE, /* of the window, that a block reads */
    LINE = ((PIXELS - 1) * 2 + GD_CONV_SIDE) * 3,
};

/* A block's results, and what it reads of the window. */
struct patch {
    int32_t y, x;       /* of the first result */
    int32_t rows, cols; /* of the results */
};

static __device__ __forceinline__ patch find_patch(const gd_cuda_slice &dst)
{
    const uint32_t across = ((uint32_t)dst.cols + PIXELS - 1) / PIXELS;
    patch p;
    p.y = (int32_t)(blockIdx.x / across) * ROWS;
    p.x = (int32_t)(blockIdx.x % across) * PIXELS;
    p.rows = dst.rows - p.y < ROWS ? dst.rows - p.y : (int32_t)ROWS;
    p.cols = dst.cols - p.x < PIXELS ? dst.cols - p.x : (int32_t)PIXELS;
    return p;
}

/* Copies the lines of the window to shared memory; all are on their way at once. */
static __device__ __forceinline__ void fetch_lines(float *shared, const float *__restrict__ from,
                                                   int64_t step, int32_t lines, int32_t count)
{
    const int32_t thread = (int32_t)threadIdx.x;
    float4 got[LINES] = {};
    for (int l = 0; l < LINES; l++) {
        const float *line = from + l * step;
        const int32_t head = gd_head(line, count);
        if (l < lines && thread < (count - head) / 4)
            got[l] = *((const float4 *)(line + head) + thread);
    }
    for (int l = 0; l < LINES; l++) {
        const float *line = from + l * step;
        float *to = shared + l * LINE;
        const int32_t head = gd_head(line, count), quads = (count - head) / 4,
                      tail = head + quads * 4 + thread;
        if (l >= lines)
            continue;
        if (thread < head)
            to[thread] = line[thread];
        if (tail < count)
            to[tail] = line[tail];
        if (thread < quads) {
            to[head + thread * 4] = got[l].x;
            to[head + thread * 4 + 1] = got[l].y;
            to[head + thread * 4 + 2] = got[l].z;
            to[head + thread * 4 + 3] = got[l].w;
        }
    }
}

/* [tap][filter], and behind the last tap the bias, to which the shift of the colours is added: the window has
 * no padding. */
template <typename T>
static __device__ __forceinline__ void fetch_filters(float *shared, const gd_cuda_picture_conv &conv)
{
    for (int i = (int)threadIdx.x; i < GD_CONV_PLACES * GD_CONV_FILTERS; i += GD_THREADS) {
        const int filter = i % GD_CONV_FILTERS, place = i / GD_CONV_FILTERS;
        const gd_eight weight = gd_conv_weights<T>(conv, filter, place);
        for (int c = 0; c < 3; c++)
            shared[(place * 3 + c) * GD_CONV_FILTERS + filter] = weight.at[c];
    }
    const int filter = (int)threadIdx.x;
    if (filter >= GD_CONV_FILTERS)
        return;
    float bias = filter < conv.filters ? gd_load<T>((const T *)conv.bias + filter / 8 * 8).at[filter % 8] : 0;
    for (int place = 0; place < GD_CONV_PLACES; place++) {
        const gd_eight weight = gd_conv_weights<T>(conv, filter, place);
        for (int c = 0; c < 3; c++)
            bias += weight.at[c] * conv.shift[c];
    }
    shared[GD_CONV_TAPS * GD_CONV_FILTERS + filter] = bias;
}

static __device__ __forceinline__ gd_eight eight_of(const float *shared)
{
    return gd_load<float>(shared);
}

template <typename T>
static __device__ __forceinline__ void finish(const gd_cuda_slice &dst, const gd_cuda_mask &mask, int32_t y,
                                              int32_t x, int32_t channel, const gd_eight &sum,
                                              int32_t *overflow)
{
    gd_eight result = gd_rounded<T>(sum);
    if (!gd_finite(result, 8))
        atomicExch(overflow, 1);
    for (int i = 0; i < 8; i++)
        result.at[i] = result.at[i] < 0 ? 0.0F : result.at[i];
    gd_store<T>(gd_unit<T>(dst, y, x, channel), result);
    if (mask.bits)
        *gd_mask_byte(mask, y, x, channel) = gd_positive(result);
}

/* The sums of a thread: `at` is its pixels' place in a line, `group` its channels'. Row 1 begins `second`
 * lines below row 0. */
static __device__ __forceinline__ void add_up(gd_eight sum[ROWS][EACH], const float *filters,
                                              const float *lines, int group, const int at[EACH], int second)
{
    for (int tap = 0; tap < GD_CONV_TAPS; tap++) {
        const gd_eight weight = eight_of(filters + tap * GD_CONV_FILTERS + group * 8);
        const int line = tap / (GD_CONV_SIDE * 3), place = tap % (GD_CONV_SIDE * 3);
        for (int row = 0; row < ROWS; row++)
            for (int k = 0; k < EACH; k++) {
                const float pixel = lines[(line + row * second) * LINE + at[k] + place];
                for (int i = 0; i < 8; i++)
                    sum[row][k].at[i] += weight.at[i] * pixel;
            }
    }
}

template <typename T>
static __global__ void __launch_bounds__(GD_THREADS, 3)
    picture_conv(const __grid_constant__ gd_cuda_picture_conv conv, const float *__restrict__ window,
                 int32_t window_line, gd_cuda_slice dst, gd_cuda_mask mask, int32_t *__restrict__ overflow)
{
    alignas(16) __shared__ float lines[LINES * LINE];
    alignas(16) __shared__ float filters[(GD_CONV_TAPS + 1) * GD_CONV_FILTERS];
    const patch p = find_patch(dst);
    const int64_t first = (int64_t)(p.y * 2 - conv.pad_rows) * window_line + p.x * 2 - conv.pad_cols;
    fetch_lines(lines, window + first * 3, (int64_t)window_line * 3, (p.rows - 1) * 2 + GD_CONV_SIDE,
                ((p.cols - 1) * 2 + GD_CONV_SIDE) * 3);
    fetch_filters<T>(filters, conv);
    gd_barrier();
    const int groups = dst.channels / 8, group = (int)threadIdx.x % groups;
    int pixel[EACH], at[EACH];
    gd_eight sum[ROWS][EACH];
    for (int k = 0; k < EACH; k++) {
        pixel[k] = ((int)threadIdx.x + k * GD_THREADS) / groups;
        at[k] = (pixel[k] < p.cols ? pixel[k] : 0) * 2 * 3;
        for (int row = 0; row < ROWS; row++)
            sum[row][k] = eight_of(filters + GD_CONV_TAPS * GD_CONV_FILTERS + group * 8);
    }
    add_up(sum, filters, lines, group, at, p.rows == ROWS ? 2 : 0);
    for (int row = 0; row < ROWS; row++)
        for (int k = 0; k < EACH; k++)
            if (row < p.rows && pixel[k] < p.cols)
                finish<T>(dst, mask, p.y + row, p.x + pixel[k], group * 8, sum[row][k], overflow);
}

template <typename T>
static cudaError_t launch(const gd_cuda_picture_conv *conv, const float *window, int32_t window_line,
                          gd_cuda_slice dst, gd_cuda_mask mask, int32_t *overflow, cudaStream_t stream)
{
    const int64_t across = ((int64_t)dst.cols + PIXELS - 1) / PIXELS;
    const int64_t blocks = ((int64_t)dst.rows + ROWS - 1) / ROWS * across;
    return GD_LAUNCH_BLOCKS(picture_conv<T>, blocks, stream, *conv, window, window_line, dst, mask, overflow);
}

cudaError_t gd_launch_picture_conv(gd_cuda_type type, const gd_cuda_picture_conv *conv, const float *window,
                                   int32_t window_line, gd_cuda_slice dst, gd_cuda_mask mask,
                                   int32_t *overflow, cudaStream_t stream)
{
    if (dst.channels > GD_CONV_FILTERS || GD_THREADS % (dst.channels / 8) != 0)
        return cudaErrorInvalidValue;
    return GD_BY_TYPE(type, launch, conv, window, window_line, dst, mask, overflow, stream);
}
