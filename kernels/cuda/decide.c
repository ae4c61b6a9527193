/* Decides which engine computes each convolution, by timing or by heuristics, or adopts the choices of
 * another rank. */
#include "kernels/cuda/decide.h"

#include "kernels/cuda/convolution/autotune_cache.h"
#include "kernels/cuda/convolution/convolution_search.h"
#include "kernels/cuda/convolution/convolution_text.h"
#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/describe.h"
#include "kernels/cuda/device_lock.h"
#include "kernels/cuda/products.h"
#include "kernels/cuda/tune.h"

#include <stdlib.h>

static gd_status first_candidate(gd_device *device, const gd_conv_shape *shape, gd_conv_choice *choice,
                                 gd_error *error)
{
    int32_t count = 0;
    gd_status status = gd_conv_candidates(device->cudnn, shape, GD_CUDA_WORKSPACE, choice, 1, &count, error);
    return status == GD_OK ? gd_choices_add(&device->choices, shape, choice, error) : status;
}

gd_status gd_cuda_choose(gd_device *device, const gd_conv_shape *shape, gd_conv_choice *choice,
                         gd_error *error)
{
    char text[GD_CONV_TEXT_MAX];
    const gd_conv_choice *known = gd_choices_find(&device->choices, shape);
    if (known) {
        *choice = *known;
        return GD_OK;
    }
    if (!device->settled)
        return first_candidate(device, shape, choice, error);
    if (!gd_conv_shape_text(shape, text, sizeof text))
        text[0] = '\0';
    return gd_fail(error, GD_BACKEND,
                   "no engine was decided for the convolution %s; start afresh, or run with the version that "
                   "wrote the checkpoint",
                   text);
}

static gd_status decide_op(gd_device *device, const gd_tape *tape, int32_t o, char *memory, gd_error *error)
{
    gd_cuda_product product;
    gd_conv_choice choice;
    const gd_status status = gd_cuda_find_product(device, tape, o, &product, error);
    if (status != GD_OK || product.epilogue.way)
        return status;
    if (memory)
        return gd_cuda_tune(device, tape, o, memory, error);
    const gd_conv_shape shape = gd_conv_shape_of(tape, &tape->ops[o], device->type, device->tf32);
    return gd_choices_find(&device->choices, &shape) ? GD_OK
                                                     : first_candidate(device, &shape, &choice, error);
}

/* Decides engines by timing in `memory` (device memory), or by cuDNN's heuristics if it is NULL; algorithms
 * of products by cuBLASLt's heuristics. */
static gd_status decide_shapes(gd_device *device, const gd_tape *tape, char *memory, gd_error *error)
{
    gd_status status = GD_OK;
    for (int32_t o = 0; o < tape->op_count && status == GD_OK; o++)
        if (gd_is_convolution(&tape->ops[o]))
            status = decide_op(device, tape, o, memory, error);
    return status;
}

/* A cache that cannot be read or written only costs time: *error then holds a remark. */
static gd_status tune_shapes(gd_device *device, const gd_tape *tape, gd_error *error)
{
    gd_memory *memory = &device->memory->base;
    gd_error remark = {""};
    void *buffers = NULL;
    const int64_t bytes = gd_cuda_tuning_bytes(device, tape);
    if (!device->cache_read)
        gd_autotune_load(device->name, &device->timed, &remark);
    device->cache_read = true;
    gd_status status = memory->class->allocate(memory, GD_FOR_TENSORS, (size_t)bytes, &buffers, error);
    if (status != GD_OK)
        return status;
    status = decide_shapes(device, tape, buffers, error);
    if (status == GD_OK)
        status = gd_cuda_check(cudaEventRecord(device->read, device->compute), "cudaEventRecord", error);
    if (status == GD_OK)
        status = gd_cuda_wait(device->read, "timing convolutions", &device->patience, error);
    memory->class->release(memory, GD_FOR_TENSORS, buffers);
    if (status == GD_OK)
        (void)!gd_autotune_save(device->name, &device->timed, &remark);
    if (status == GD_OK && remark.message[0])
        *error = remark;
    return status;
}

/* Updates all that depends on the record after a change. */
static gd_status settle(gd_device *device, gd_error *error)
{
    device->settled = true;
    free(device->record);
    device->record = NULL;
    gd_cuda_write_text(device);
    return gd_choices_text(&device->choices, &device->record, error);
}

static gd_status decide(gd_device *device, const gd_tape *tape, bool tune, gd_error *error)
{
    gd_status status = GD_OK;
    const bool here = device->ordinal >= 0;
    if (here)
        status = gd_cuda_begin(device, error);
    else
        pthread_mutex_lock(&device->lock);
    if (status == GD_OK && tune && here && !device->settled)
        gd_choices_free(&device->choices); /* drops choices that a plan made without timing */
    if (status == GD_OK)
        status = tune && here ? tune_shapes(device, tape, error) : decide_shapes(device, tape, NULL, error);
    if (status == GD_OK)
        status = settle(device, error);
    return gd_cuda_end(device, status);
}

gd_status gd_cuda_decide(gd_device *device, const gd_tape *tape, bool tune, gd_error *error)
{
    gd_channel_blocks blocks;
    gd_status status = gd_channel_blocks_create(tape, GD_CUDA_BLOCK, &blocks, error);
    if (status != GD_OK)
        return status;
    status = decide(device, blocks.tape, tune, error);
    gd_channel_blocks_free(&blocks);
    return status;
}

const char *gd_cuda_decided(const gd_device *device)
{
    return device->record ? device->record : "";
}

gd_status gd_cuda_adopt(gd_device *device, const char *record, gd_error *error)
{
    gd_choices adopted = {0};
    gd_status status = gd_choices_parse(record, &adopted, error);
    if (status != GD_OK)
        return status;
    pthread_mutex_lock(&device->lock);
    gd_choices_free(&device->choices);
    device->choices = adopted;
    device->adopted = true;
    status = settle(device, error);
    return gd_cuda_end(device, status);
}
