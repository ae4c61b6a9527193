/* Copies weights to a device: one allocation for all filters and guides (net/objective.h, float32), kernels
 * in cuDNN's layout [out, rows, cols, in] with the picture's 3 channels and what lies between blocks of
 * channels padded by zeros, each followed by its bias in the same type. */
#include "kernels/cuda/filters.h"

#include "base/round.h"
#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/device_lock.h"
#include "kernels/cuda/memory/stored.h"

#include <stdlib.h>
#include <string.h>

static size_t kernel_bytes(const gd_filter *filter, gd_cuda_type type)
{
    return (size_t)filter->out * (size_t)(filter->kernel_rows * filter->kernel_cols) *
           (size_t)gd_stored_channels(filter->in) * gd_stored_bytes(type);
}

/* Computes the offsets of kernels and biases, then of guides; `at` may be NULL. Returns the total bytes. */
static size_t lay_out(const gd_tape *tape, gd_cuda_type type, size_t *at)
{
    int64_t bytes = 0;
    for (int32_t f = 0; f < tape->filter_count; f++) {
        const gd_filter *filter = &tape->filters[f];
        const int64_t bias = gd_round_up(bytes + (int64_t)kernel_bytes(filter, type), GD_CUDA_ALIGNMENT);
        if (at) {
            at[2 * f] = (size_t)bytes;
            at[2 * f + 1] = (size_t)bias;
        }
        bytes = gd_round_up(bias + filter->out * (int64_t)gd_stored_bytes(type), GD_CUDA_ALIGNMENT);
    }
    for (int32_t o = 0, guide = 2 * tape->filter_count; o < tape->op_count; o++) {
        const gd_op *op = &tape->ops[o];
        if (!op->match)
            continue;
        if (at)
            at[guide++] = (size_t)bytes;
        bytes += gd_round_up((int64_t)op->match->units * op->src.channels * (int64_t)sizeof(float),
                             GD_CUDA_ALIGNMENT);
    }
    return (size_t)bytes;
}

size_t gd_cuda_filter_bytes(const gd_device *device, const gd_tape *tape)
{
    gd_error error;
    gd_channel_blocks blocks;
    if (gd_channel_blocks_create(tape, GD_CUDA_BLOCK, &blocks, &error) != GD_OK)
        return lay_out(tape, device->type, NULL); /* loading will say that there is no memory */
    const size_t bytes = lay_out(blocks.tape, device->type, NULL);
    gd_channel_blocks_free(&blocks);
    return bytes;
}

static void write_filter(const gd_channel_blocks *blocks, int32_t f, const gd_filter_values *values,
                         gd_cuda_type type, char *kernel, char *bias)
{
    const gd_filter *filter = &blocks->tape->filters[f];
    const gd_slice in = blocks->inputs[f], out = blocks->outputs[f];
    const int32_t channels = in.channels > 0 ? in.channels : filter->in; /* else the picture, in no tensor */
    const size_t taps = (size_t)filter->kernel_rows * (size_t)filter->kernel_cols;
    const size_t stored = (size_t)gd_stored_channels(filter->in);
    const double *from = values->kernel;
    for (int32_t o = 0; o < out.channels; o++) {
        const size_t row = (size_t)gd_channel_place(blocks, out, o);
        for (int32_t i = 0; i < channels; i++) {
            const size_t at = (size_t)(in.channels > 0 ? gd_channel_place(blocks, in, i) : i);
            for (size_t k = 0; k < taps; k++)
                gd_stored_set(type, kernel, (row * taps + k) * stored + at, *from++);
        }
        gd_stored_set(type, bias, row, values->bias[o]);
    }
}

/* Of operation o; each unit's channels lie as those of the layer's tensor. */
static void write_guide(const gd_channel_blocks *blocks, const gd_tape *tape, int32_t o, float *to)
{
    const gd_match *match = tape->ops[o].match;
    const int32_t stored = blocks->tape->ops[o].src.channels;
    for (int32_t c = 0; c < match->channels; c++) {
        const int32_t at = gd_channel_place(blocks, tape->ops[o].src, c);
        for (int64_t j = 0; j < match->units; j++)
            to[j * stored + at] = match->values[j * match->channels + c];
    }
}

static void write_guides(gd_device *device, const gd_channel_blocks *blocks, const gd_tape *tape, char *host)
{
    device->guide_count = 0;
    for (int32_t o = 0; o < tape->op_count; o++)
        if (tape->ops[o].match)
            write_guide(blocks, tape, o,
                        (float *)(host + device->filter_at[2 * tape->filter_count + device->guide_count++]));
}

/* Copies through `host`, pinned memory. */
static gd_status send_filters(gd_device *device, const gd_channel_blocks *blocks, const gd_tape *given,
                              const gd_filter_values *values, size_t bytes, char *host, gd_error *error)
{
    memset(host, 0, bytes);
    write_guides(device, blocks, given, host);
    for (int32_t f = 0; f < blocks->tape->filter_count; f++)
        write_filter(blocks, f, &values[f], device->type, host + device->filter_at[2 * f],
                     host + device->filter_at[2 * f + 1]);
    gd_status status =
        gd_cuda_check(cudaMemcpyAsync(device->filters, host, bytes, cudaMemcpyHostToDevice, device->compute),
                      "cudaMemcpyAsync of the weights", error);
    if (status == GD_OK)
        status = gd_cuda_check(cudaEventRecord(device->read, device->compute), "cudaEventRecord", error);
    return status == GD_OK ? gd_cuda_wait(device->read, "sending the weights", &device->patience, error)
                           : status;
}

/* Measures what is in use beside the filters, by the context, libraries and other programs. */
static gd_status measure_rest(gd_device *device, size_t filters, gd_error *error)
{
    size_t left = 0, total = 0;
    const gd_status status = gd_cuda_check(cudaMemGetInfo(&left, &total), "cudaMemGetInfo", error);
    if (status == GD_OK)
        device->loaded_bytes = total - left - filters;
    return status;
}

static gd_status load(gd_device *device, const gd_channel_blocks *blocks, const gd_tape *given,
                      const gd_filter_values *values, gd_error *error)
{
    const gd_tape *tape = blocks->tape;
    char *host = NULL;
    if (device->filters)
        return gd_fail(error, GD_INTERNAL, "the weights of a device are loaded once");
    device->filter_at =
        calloc(2 * (size_t)tape->filter_count + (size_t)tape->op_count + 1, sizeof *device->filter_at);
    if (!device->filter_at)
        return gd_no_memory(error, "the network's weights");
    const size_t bytes = lay_out(tape, device->type, device->filter_at);
    gd_status status =
        gd_cuda_check(cudaMalloc(&device->filters, bytes), "cudaMalloc for the weights", error);
    if (status == GD_OK)
        status = gd_cuda_pin((void **)&host, bytes, "the network's weights", error);
    if (status == GD_OK)
        status = send_filters(device, blocks, given, values, bytes, host, error);
    if (status == GD_OK)
        status = measure_rest(device, bytes, error);
    if (status == GD_OK)
        device->filter_count = tape->filter_count;
    (void)cudaFreeHost(host);
    return status;
}

gd_status gd_cuda_load(gd_device *device, const gd_tape *tape, const gd_filter_values *values,
                       gd_error *error)
{
    gd_channel_blocks blocks;
    gd_status status = gd_channel_blocks_create(tape, GD_CUDA_BLOCK, &blocks, error);
    if (status != GD_OK)
        return status;
    status = gd_cuda_begin(device, error);
    if (status == GD_OK)
        status = load(device, &blocks, tape, values, error);
    status = gd_cuda_end(device, status);
    gd_channel_blocks_free(&blocks);
    return status;
}
