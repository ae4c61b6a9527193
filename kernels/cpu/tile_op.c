/* Turns the convolutions of a tape into those of tiles/convolution.h.
 *
 * Backward, unit v of dst is the sum over the taps k and the units y of src with y * stride + k - pad = v. So
 * the units of dst fall into classes by (v + pad) modulo stride, along both axes: each is a convolution of
 * stride 1 with every stride-th tap, turned, from the one of that number on, and its results lie `stride`
 * apart in dst. With stride 1 there is one class. Weights depend on the class alone, not on pads or extents.
 */
#include "kernels/cpu/tile_op.h"

#include <stdlib.h>

/* One axis of a class. */
typedef struct axis {
    int32_t first;   /* tap */
    int32_t taps;    /* how many */
    int32_t begin;   /* the first unit of dst, then every stride-th */
    int32_t results; /* how many of these dst has */
    int32_t pad;     /* of the convolution of stride 1 */
} axis;

static int32_t taps_of(int32_t kernel, int32_t stride, int32_t first)
{
    return first < kernel ? (kernel - first + stride - 1) / stride : 0;
}

static axis axis_of(int32_t kernel, int32_t stride, int32_t pad, int32_t first, int32_t extent)
{
    const int32_t begin = ((first - pad) % stride + stride) % stride;
    const int32_t taps = taps_of(kernel, stride, first);
    return (axis){.first = first,
                  .taps = taps,
                  .begin = begin,
                  .results = begin < extent ? (extent - begin + stride - 1) / stride : 0,
                  .pad = taps - 1 - (begin + pad - first) / stride};
}

static bool is_back(const gd_op *op)
{
    return op->kind == GD_OP_CONV_BACK;
}

/* Classes of an operation along one axis. */
static int32_t classes_of(const gd_op *op)
{
    return is_back(op) ? op->stride : 1;
}

/* The weights of a class, or of a forward convolution; but for the kernel. */
static gd_tile_weights weights_of(const gd_filter *filter, const gd_op *op, int32_t class)
{
    const int32_t rows = filter->kernel_rows, cols = filter->kernel_cols;
    const int32_t step = classes_of(op), row = class / step, col = class % step;
    gd_tile_weights made = {.dst_step = (ptrdiff_t)filter->in * rows * cols,
                            .src_step = (ptrdiff_t)rows * cols,
                            .dst_channels = filter->out,
                            .src_channels = filter->in,
                            .kernel_rows = taps_of(rows, step, row),
                            .kernel_cols = taps_of(cols, step, col)};
    if (is_back(op)) {
        made.dst_channels = filter->in;
        made.src_channels = filter->out;
        made.src_step = made.dst_step;
        made.dst_step = (ptrdiff_t)rows * cols;
    }
    for (int32_t y = 0; y < made.kernel_rows; y++)
        for (int32_t x = 0; x < made.kernel_cols; x++) {
            const int32_t ky = is_back(op) ? row + step * (made.kernel_rows - 1 - y) : y;
            const int32_t kx = is_back(op) ? col + step * (made.kernel_cols - 1 - x) : x;
            made.taps[y * made.kernel_cols + x] = ky * cols + kx;
        }
    return made;
}

size_t gd_cpu_tiles_bytes(const gd_filter *filter, const gd_op *op)
{
    size_t bytes = 0;
    for (int32_t class = 0; class < classes_of(op) * classes_of(op); class ++) {
        const gd_tile_weights weights = weights_of(filter, op, class);
        bytes += gd_tile_pack_bytes(&weights);
    }
    return bytes;
}

/* narrow[blocks]: the upper half of a block holds no channel. place: [channels] of a filter's. */
static void find_narrow(const int32_t *place, int32_t channels, bool *narrow, int32_t blocks)
{
    for (int32_t b = 0; b < blocks; b++)
        narrow[b] = true;
    for (int32_t c = 0; c < channels; c++)
        if (place[c] % GD_TILE_BLOCK >= GD_TILE_BLOCK / 2)
            narrow[place[c] / GD_TILE_BLOCK] = false;
}

static gd_status pack_classes(const gd_filter *shape, const gd_op *op, gd_cpu_filter *filter,
                              gd_tile_pack *packs, gd_error *error)
{
    const bool back = is_back(op);
    const int32_t blocks = ((back ? shape->in : shape->out) + GD_TILE_BLOCK - 1) / GD_TILE_BLOCK;
    bool narrow[blocks];
    find_narrow(back ? filter->in_place : filter->out_place, back ? filter->real_in : filter->real_out,
                narrow, blocks);
    gd_status status = GD_OK;
    for (int32_t class = 0; class < classes_of(op) * classes_of(op) && status == GD_OK; class ++) {
        gd_tile_weights weights = weights_of(shape, op, class);
        weights.kernel = filter->kernel;
        weights.narrow = narrow;
        status = gd_tile_pack_create(&weights, &packs[class], error);
    }
    return status;
}

static gd_status make_packs(const gd_filter *shape, const gd_op *op, gd_cpu_filter *filter, gd_error *error)
{
    const int32_t count = classes_of(op) * classes_of(op);
    gd_tile_pack *packs = calloc((size_t)count, sizeof *packs);
    if (!packs)
        return gd_no_memory(error, "the network's weights");
    filter->tiles[is_back(op)] = packs;
    filter->tile_counts[is_back(op)] = count;
    return pack_classes(shape, op, filter, packs, error);
}

gd_status gd_cpu_tiles_prepare(gd_program *program, int32_t o, gd_error *error)
{
    const gd_op *op = &program->tape->ops[o];
    gd_device *device = program->device;
    program->ops[o].algorithm = GD_CPU_TILES;
    if (op->kernel_rows > GD_TILE_KERNEL_MAX || op->kernel_cols > GD_TILE_KERNEL_MAX)
        return gd_fail(error, GD_INTERNAL, "operation %d: a kernel of %dx%d in tiles", o, op->kernel_rows,
                       op->kernel_cols);
    if (!program->loaded)
        return GD_OK;
    gd_cpu_filter *filter = &device->filters[op->filter];
    pthread_mutex_lock(&device->lock);
    const gd_status status = filter->tiles[is_back(op)]
                                 ? GD_OK
                                 : make_packs(&program->tape->filters[op->filter], op, filter, error);
    pthread_mutex_unlock(&device->lock);
    program->ops[o].tiles = filter->tiles[is_back(op)];
    program->ops[o].bias = is_back(op) ? NULL : filter->bias;
    return status;
}

void gd_cpu_tiles_free(gd_cpu_filter *filter)
{
    for (int way = 0; way < 2; way++) {
        for (int32_t i = 0; i < filter->tile_counts[way]; i++)
            gd_tile_pack_free(&filter->tiles[way][i]);
        free(filter->tiles[way]);
    }
}

/* What an ending needs. */
typedef struct ending {
    const gd_elementwise *elementwise;
    gd_pass pass;
    const float *bias;
} ending;

static void finish_blocks(const void *context, const float *sums, int32_t block, int64_t first, int32_t count)
{
    const ending *e = context;
    e->elementwise->finish_tile(&e->pass, e->bias, sums, block, first, count);
}

/* To the gradient of the picture. */
static void finish_picture(const void *context, const float *sums, int32_t block, int64_t first,
                           int32_t count)
{
    const gd_pass *pass = &((const ending *)context)->pass;
    const int64_t across = (pass->dst_cols - pass->col + pass->step - 1) / pass->step;
    (void)block;
    for (int64_t i = first; i < first + count; i++, sums += GD_TILE_BLOCK) {
        const int64_t y = pass->row + i / across * pass->step, x = pass->col + i % across * pass->step;
        float *to = (float *)pass->dst + (y * pass->dst_cols + x) * GD_TILE_PICTURE;
        for (int c = 0; c < GD_TILE_PICTURE; c++)
            to[c] = sums[c];
    }
}

static gd_status run_class(const gd_program *program, int32_t o, const gd_tile_conv *conv, gd_error *error)
{
    if (conv->rows == 0 || conv->cols == 0)
        return GD_OK;
    const char *fault = program->device->tile_conv(conv);
    return fault ? gd_fail(error, GD_INTERNAL, "operation %d, in emulated tiles: %s", o, fault) : GD_OK;
}

gd_status gd_cpu_tiles_run(const gd_program *program, int32_t o, const gd_pass *pass, gd_error *error)
{
    const gd_op *op = &program->tape->ops[o];
    const gd_cpu_op *made = &program->ops[o];
    const bool picture = is_back(op) && op->dst.channels == GD_TILE_PICTURE;
    ending end = {.elementwise = program->device->elementwise, .pass = *pass, .bias = made->bias};
    gd_tile_conv conv = {.src = pass->src,
                         .src_rows = pass->src_rows,
                         .src_cols = pass->src_cols,
                         .rows = pass->dst_rows,
                         .cols = pass->dst_cols,
                         .stride = op->stride,
                         .pad_rows = op->pad_rows,
                         .pad_cols = op->pad_cols,
                         .pack = made->tiles,
                         .ending = picture ? finish_picture : finish_blocks,
                         .context = &end};
    end.pass.step = 1;
    if (!is_back(op))
        return run_class(program, o, &conv, error);
    gd_status status = GD_OK;
    for (int32_t class = 0; class < op->stride * op->stride && status == GD_OK; class ++) {
        const axis down =
            axis_of(op->kernel_rows, op->stride, op->pad_rows, class / op->stride, pass->dst_rows);
        const axis across =
            axis_of(op->kernel_cols, op->stride, op->pad_cols, class % op->stride, pass->dst_cols);
        conv.rows = down.results;
        conv.cols = across.results;
        conv.stride = 1;
        conv.pad_rows = down.pad;
        conv.pad_cols = across.pad;
        conv.pack = &made->tiles[class];
        end.pass.row = down.begin;
        end.pass.col = across.begin;
        end.pass.step = op->stride;
        status = run_class(program, o, &conv, error);
    }
    return status;
}
