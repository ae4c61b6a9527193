/* Weights on a device: plain, and packed in every order that some compiled convolution wants.
 *
 * 1. `kernel` and `bias` are set by gd_cpu_load and do not change until the next load. Their channels lie as
 * those of the tensors, with padding; tapes whose channels lie otherwise are refused.
 * 2. `turned`, `picture`, `native`, `tiles` and `orders` are made when a program first needs them, under
 * device->lock, and are kept until the weights are replaced: programs borrow pointers to them, so nothing is
 * moved or freed before.
 * 3. An entry of `orders` is reused by every convolution that takes its memory layout and the same taps.
 * 4. Each filter has one native algorithm (ours: Winograd or product), the same for forward and turned
 * kernels.
 * 5. gd_cpu_filter_bytes is an upper bound on all of it, known before anything is loaded. */
#include "kernels/cpu/filters.h"

#include "kernels/cpu/algorithm.h"
#include "kernels/cpu/matches.h"
#include "kernels/cpu/product.h"
#include "kernels/cpu/specs.h"
#include "kernels/cpu/tile_op.h"

#include <stdlib.h>

static size_t kernel_count(const gd_cpu_filter *filter)
{
    return (size_t)filter->out * (size_t)filter->in * (size_t)filter->kernel_rows *
           (size_t)filter->kernel_cols;
}

static gd_status out_of_memory(gd_error *error)
{
    return gd_no_memory(error, "the network's weights");
}

/* Where the channels of a slice lie; the caller frees it. NULL: no memory. */
static int32_t *places_of(const gd_channel_blocks *blocks, gd_slice slice)
{
    int32_t *places = malloc(((size_t)slice.channels + 1) * sizeof *places);
    for (int32_t c = 0; places && c < slice.channels; c++)
        places[c] = gd_channel_place(blocks, slice, c);
    return places;
}

/* Copies the weights of the real channels to their places. */
static void spread_values(gd_cpu_filter *filter, const gd_filter_values *values)
{
    const ptrdiff_t taps = (ptrdiff_t)filter->kernel_rows * filter->kernel_cols;
    const double *from = values->kernel;
    for (int32_t o = 0; o < filter->real_out; o++) {
        float *row = filter->kernel + filter->out_place[o] * filter->in * taps;
        filter->bias[filter->out_place[o]] = (float)values->bias[o];
        for (int32_t i = 0; i < filter->real_in; i++)
            for (ptrdiff_t k = 0; k < taps; k++)
                row[filter->in_place[i] * taps + k] = (float)*from++;
    }
}

static gd_status load_filter(gd_cpu_filter *filter, const gd_channel_blocks *blocks, int32_t f,
                             const gd_filter_values *values, gd_error *error)
{
    const gd_filter *shape = &blocks->tape->filters[f];
    *filter = (gd_cpu_filter){.in = shape->in,
                              .out = shape->out,
                              .real_in = blocks->inputs[f].channels,
                              .real_out = blocks->outputs[f].channels,
                              .kernel_rows = shape->kernel_rows,
                              .kernel_cols = shape->kernel_cols};
    filter->in_place = places_of(blocks, blocks->inputs[f]);
    filter->out_place = places_of(blocks, blocks->outputs[f]);
    filter->kernel = calloc(kernel_count(filter), sizeof *filter->kernel);
    filter->bias = calloc((size_t)filter->out, sizeof *filter->bias);
    if (!filter->in_place || !filter->out_place || !filter->kernel || !filter->bias)
        return out_of_memory(error);
    spread_values(filter, values);
    return GD_OK;
}

gd_status gd_cpu_load(gd_device *device, const gd_tape *tape, const gd_filter_values *values, gd_error *error)
{
    gd_channel_blocks blocks;
    gd_status status = gd_channel_blocks_create(tape, device->elementwise->block, &blocks, error);
    if (status != GD_OK)
        return status;
    gd_cpu_filter *filters = calloc((size_t)tape->filter_count + 1, sizeof *filters);
    if (!filters)
        status = out_of_memory(error);
    for (int32_t f = 0; f < tape->filter_count && status == GD_OK; f++)
        status = load_filter(&filters[f], &blocks, f, &values[f], error);
    if (status == GD_OK)
        status = gd_cpu_matches_load(device, tape, &blocks, error);
    gd_channel_blocks_free(&blocks);
    if (status != GD_OK) {
        gd_cpu_filters_free(filters, tape->filter_count);
        return status;
    }
    gd_cpu_filters_free(device->filters, device->filter_count);
    device->filters = filters;
    device->filter_count = tape->filter_count;
    return GD_OK;
}

static bool same_places(const gd_channel_blocks *blocks, gd_slice slice, const int32_t *places, int32_t count)
{
    bool same = slice.channels == count;
    for (int32_t c = 0; c < count && same; c++)
        same = gd_channel_place(blocks, slice, c) == places[c];
    return same;
}

bool gd_cpu_filters_fit(const gd_device *device, const gd_channel_blocks *blocks)
{
    bool same = blocks->tape->filter_count == device->filter_count;
    for (int32_t f = 0; f < device->filter_count && same; f++) {
        const gd_cpu_filter *filter = &device->filters[f];
        same = same_places(blocks, blocks->inputs[f], filter->in_place, filter->real_in) &&
               same_places(blocks, blocks->outputs[f], filter->out_place, filter->real_out);
    }
    return same;
}

void gd_cpu_filters_free(gd_cpu_filter *filters, int32_t count)
{
    for (int32_t f = 0; filters && f < count; f++) {
        for (int32_t i = 0; i < filters[f].order_count; i++)
            gd_packed_free(filters[f].orders[i].packed);
        gd_cpu_tiles_free(&filters[f]);
        free(filters[f].in_place);
        free(filters[f].out_place);
        free(filters[f].kernel);
        free(filters[f].turned);
        free(filters[f].picture);
        free(filters[f].native[0]);
        free(filters[f].native[1]);
        free(filters[f].bias);
    }
    free(filters);
}

static gd_status turn(gd_cpu_filter *filter, gd_error *error)
{
    size_t taps = (size_t)filter->kernel_rows * (size_t)filter->kernel_cols;
    size_t in = (size_t)filter->in, out = (size_t)filter->out;
    if (filter->turned)
        return GD_OK;
    filter->turned = malloc(kernel_count(filter) * sizeof *filter->turned);
    if (!filter->turned)
        return out_of_memory(error);
    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i++)
            for (size_t k = 0; k < taps; k++)
                filter->turned[(i * out + o) * taps + taps - 1 - k] = filter->kernel[(o * in + i) * taps + k];
    return GD_OK;
}

/* [in, out, taps of the part], turned; the caller frees it. NULL: no memory. */
static float *cut_part(const gd_cpu_filter *filter, gd_cpu_part part)
{
    const int32_t rows = gd_cpu_part_taps(filter->kernel_rows, part.row);
    const int32_t cols = gd_cpu_part_taps(filter->kernel_cols, part.col);
    const size_t taps = (size_t)filter->kernel_rows * (size_t)filter->kernel_cols;
    const size_t in = (size_t)filter->in, out = (size_t)filter->out;
    float *made = malloc(in * out * (size_t)rows * (size_t)cols * sizeof *made), *to = made;
    for (size_t i = 0; made && i < in; i++)
        for (size_t o = 0; o < out; o++)
            for (int32_t y = rows - 1; y >= 0; y--)
                for (int32_t x = cols - 1; x >= 0; x--)
                    *to++ =
                        filter->kernel[(o * in + i) * taps +
                                       (size_t)((part.row + 2 * y) * filter->kernel_cols + part.col + 2 * x)];
    return made;
}

static const gd_packed *find_order(const gd_cpu_filter *filter, const gd_conv *conv, int32_t taps)
{
    for (int32_t i = 0; i < filter->order_count; i++)
        if (filter->orders[i].taps == taps && gd_conv_takes(conv, filter->orders[i].packed))
            return filter->orders[i].packed;
    return NULL;
}

static gd_status pack_part(gd_device *device, const gd_cpu_filter *filter, const gd_conv *conv,
                           gd_cpu_part part, gd_packed **packed, gd_error *error)
{
    float *kernel = cut_part(filter, part);
    if (!kernel)
        return out_of_memory(error);
    gd_status status = gd_packed_create(device->dnnl, conv, kernel, packed, error);
    free(kernel);
    return status;
}

static gd_status add_order(gd_device *device, gd_cpu_filter *filter, const gd_conv *conv, int32_t taps,
                           const gd_packed **packed, gd_error *error)
{
    gd_packed *made = NULL;
    if (filter->order_count == GD_CPU_ORDERS_MAX)
        return gd_fail(error, GD_INTERNAL, "more than %d orders of one filter's weights", GD_CPU_ORDERS_MAX);
    const bool turned = taps == GD_CPU_TURNED;
    gd_status status = turned ? turn(filter, error) : GD_OK;
    if (status == GD_OK && taps >= GD_CPU_OF_PARTS)
        status = pack_part(device, filter, conv, gd_cpu_part_of(taps - GD_CPU_OF_PARTS), &made, error);
    else if (status == GD_OK)
        status = gd_packed_create(device->dnnl, conv, turned ? filter->turned : filter->kernel, &made, error);
    if (status != GD_OK)
        return status;
    filter->orders[filter->order_count++] = (gd_cpu_packed){made, taps};
    *packed = made;
    return GD_OK;
}

gd_status gd_cpu_filter_pack(gd_device *device, int32_t filter, const gd_conv *conv, int32_t taps,
                             const gd_packed **packed, gd_error *error)
{
    gd_status status = GD_OK;
    pthread_mutex_lock(&device->lock);
    *packed = find_order(&device->filters[filter], conv, taps);
    if (!*packed)
        status = add_order(device, &device->filters[filter], conv, taps, packed, error);
    pthread_mutex_unlock(&device->lock);
    return status;
}

/* Bytes of a filter's weights for a native algorithm. */
static size_t native_bytes(const gd_winograd_shape *shape, gd_conv_algorithm algorithm)
{
    return algorithm == GD_CPU_PRODUCT ? gd_product_bytes(shape) : gd_winograd_floats(shape) * sizeof(float);
}

static gd_status make_native(gd_cpu_filter *filter, gd_conv_algorithm algorithm, bool turned, gd_error *error)
{
    gd_winograd_shape shape = {.src_channels = turned ? filter->out : filter->in,
                               .dst_channels = turned ? filter->in : filter->out,
                               .dst_rows = 1,
                               .dst_cols = 1,
                               .kernel_rows = filter->kernel_rows,
                               .kernel_cols = filter->kernel_cols};
    gd_status status = turned ? turn(filter, error) : GD_OK;
    if (status != GD_OK)
        return status;
    filter->native[turned] = aligned_alloc(64, native_bytes(&shape, algorithm));
    if (!filter->native[turned])
        return out_of_memory(error);
    const float *kernel = turned ? filter->turned : filter->kernel;
    if (algorithm == GD_CPU_PRODUCT)
        gd_product_pack(&shape, kernel, filter->native[turned]);
    else
        gd_winograd_pack(&shape, kernel, filter->native[turned]);
    return GD_OK;
}

gd_status gd_cpu_filter_native(gd_device *device, int32_t filter, gd_conv_algorithm algorithm, bool turned,
                               const void **native, gd_error *error)
{
    gd_cpu_filter *held = &device->filters[filter];
    pthread_mutex_lock(&device->lock);
    gd_status status = held->native[turned] ? GD_OK : make_native(held, algorithm, turned, error);
    pthread_mutex_unlock(&device->lock);
    *native = held->native[turned];
    return status;
}

/* Bytes of the weights by which the first convolution goes back to the picture. */
static size_t picture_bytes(int32_t kernel_rows, int32_t kernel_cols, int32_t out)
{
    const int32_t rows = gd_picture_group_rows(kernel_cols);
    return (size_t)((kernel_rows + rows - 1) / rows) * (size_t)out * GD_PICTURE_TAPS * sizeof(float);
}

/* Of the order that an operation wants, beside the plain one. */
static size_t order_bytes(const gd_device *device, const gd_filter *filter, const gd_op *op)
{
    if (op->kind == GD_OP_CONV_BACK && filter->in == 3)
        return picture_bytes(filter->kernel_rows, filter->kernel_cols, filter->out);
    const bool turned = op->kind == GD_OP_CONV_BACK && op->stride == 1;
    const size_t count =
        (size_t)filter->in * (size_t)filter->out * (size_t)filter->kernel_rows * (size_t)filter->kernel_cols;
    const gd_winograd_shape shape = {.src_channels = turned ? filter->out : filter->in,
                                     .dst_channels = turned ? filter->in : filter->out,
                                     .dst_rows = 1,
                                     .dst_cols = 1,
                                     .kernel_rows = filter->kernel_rows,
                                     .kernel_cols = filter->kernel_cols};
    const size_t plain = turned ? count * sizeof(float) : 0;
    const gd_conv_algorithm algorithm =
        filter->in > 3 && (op->kind == GD_OP_CONV || turned)
            ? gd_cpu_preferred(device, filter->kernel_rows, filter->kernel_cols, op->stride)
            : GD_CPU_LIBRARY;
    if (algorithm != GD_CPU_LIBRARY)
        return plain + native_bytes(&shape, algorithm);
    /* A backward convolution of stride 2 has an order in one piece, or one in parts, or both. */
    const size_t orders = op->kind == GD_OP_CONV_BACK && op->stride > 1 ? 2 : 1;
    return plain + orders * count * (device->widens ? sizeof(float) : (size_t)device->elementwise->bytes);
}

static size_t laid_out_bytes(const gd_device *device, const gd_tape *tape)
{
    size_t bytes = 0;
    for (int32_t f = 0; f < tape->filter_count; f++) {
        const gd_filter *filter = &tape->filters[f];
        bytes += (size_t)filter->in * (size_t)filter->out * (size_t)filter->kernel_rows *
                 (size_t)filter->kernel_cols * sizeof(float);
    }
    for (int32_t o = 0; o < tape->op_count; o++) {
        const gd_op *op = &tape->ops[o];
        if (!gd_is_convolution(op))
            continue;
        bytes += device->tile_conv ? gd_cpu_tiles_bytes(&tape->filters[op->filter], op)
                                   : order_bytes(device, &tape->filters[op->filter], op);
    }
    return bytes;
}

/* Without memory for the layout, which is small, padding is not counted; loading will say that there is none.
 */
size_t gd_cpu_filter_bytes(const gd_device *device, const gd_tape *tape)
{
    gd_error error;
    gd_channel_blocks blocks;
    if (gd_channel_blocks_create(tape, device->elementwise->block, &blocks, &error) != GD_OK)
        return laid_out_bytes(device, tape);
    const size_t bytes = laid_out_bytes(device, blocks.tape) + gd_cpu_matches_bytes(blocks.tape);
    gd_channel_blocks_free(&blocks);
    return bytes;
}

static gd_status make_picture(gd_cpu_filter *filter, gd_error *error)
{
    const int32_t cols = filter->kernel_cols, rows = gd_picture_group_rows(cols);
    if (filter->in != 3 || rows < 1)
        return gd_fail(error, GD_INTERNAL, "a first convolution of %d columns over %d channels", cols,
                       filter->in);
    filter->picture = calloc(1, picture_bytes(filter->kernel_rows, cols, filter->out));
    if (!filter->picture)
        return out_of_memory(error);
    const float *from = filter->kernel;
    for (int32_t o = 0; o < filter->out; o++)
        for (int32_t c = 0; c < 3; c++)
            for (int32_t y = 0; y < filter->kernel_rows; y++)
                for (int32_t x = 0; x < cols; x++)
                    filter->picture[((ptrdiff_t)(y / rows) * filter->out + o) * GD_PICTURE_TAPS +
                                    (y % rows * cols + x) * 3 + c] = *from++;
    return GD_OK;
}

gd_status gd_cpu_filter_picture(gd_device *device, int32_t filter, const float **picture, gd_error *error)
{
    gd_cpu_filter *held = &device->filters[filter];
    pthread_mutex_lock(&device->lock);
    gd_status status = held->picture ? GD_OK : make_picture(held, error);
    pthread_mutex_unlock(&device->lock);
    *picture = held->picture;
    return status;
}
