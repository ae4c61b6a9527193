/* Converts tensors to and from dense doubles [channels, rows, cols], for tests. */
#include "kernels/cuda/access.h"

#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/device_lock.h"
#include "kernels/cuda/memory/stored.h"

#include <math.h>
#include <string.h>

/* Copies a tensor's bytes to or from staging, and waits. */
static gd_status move(gd_device *device, void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                      gd_error *error)
{
    gd_status status = gd_cuda_begin(device, error);
    if (status == GD_OK)
        status =
            gd_cuda_check(cudaMemcpyAsync(to, from, bytes, kind, device->compute), "cudaMemcpyAsync", error);
    if (status == GD_OK)
        status = gd_cuda_check(cudaEventRecord(device->read, device->compute), "cudaEventRecord", error);
    if (status == GD_OK)
        status = gd_cuda_wait(device->read, "a tensor", &device->patience, error);
    return gd_cuda_end(device, status);
}

static double read_unit(gd_cuda_type type, gd_tensor_kind kind, const void *base, size_t i)
{
    switch (kind) {
    case GD_TENSOR_MASK:
        return ((const uint16_t *)base)[i / 16] >> (i % 16) & 1;
    case GD_TENSOR_WINNER:
        return ((const uint8_t *)base)[i];
    case GD_TENSOR_VALUES:
        break;
    }
    return gd_stored_get(type, base, i);
}

static void write_unit(gd_cuda_type type, gd_tensor_kind kind, void *base, size_t i, double value)
{
    switch (kind) {
    case GD_TENSOR_MASK:
        ((uint16_t *)base)[i / 16] |= (uint16_t)((value != 0) << i % 16);
        return;
    case GD_TENSOR_WINNER:
        ((uint8_t *)base)[i] = (uint8_t)value;
        return;
    case GD_TENSOR_VALUES:
        gd_stored_set(type, base, i, value);
        return;
    }
}

static size_t stored_channels(const gd_program *program, int32_t tensor)
{
    const int32_t masks = program->mask_channels[tensor];
    return (size_t)(masks > 0 ? masks : gd_stored_channels(program->tape->tensors[tensor].channels));
}

/* Of masks that are stored with more bits than they have, only those: the others are undefined. */
static gd_status fetch(const gd_program *program, const void *arena, int32_t tensor, void *staging,
                       gd_error *error)
{
    const gd_tensor *shape = &program->tape->tensors[tensor];
    const char *from = (const char *)arena + program->plan.tensor_at[tensor];
    const size_t pixels = (size_t)shape->rows * (size_t)shape->cols,
                 pitch = stored_channels(program, tensor) / 8, used = (size_t)shape->channels / 8;
    gd_status status = GD_OK;
    if (program->mask_channels[tensor] <= shape->channels)
        return move(program->device, staging, from, program->tensor_bytes[tensor], cudaMemcpyDeviceToHost,
                    error);
    for (size_t p = 0; p < pixels && status == GD_OK; p++)
        status = move(program->device, (char *)staging + p * pitch, from + p * pitch, used,
                      cudaMemcpyDeviceToHost, error);
    return status;
}

void gd_cuda_get(const gd_program *program, const void *arena, int32_t tensor, double *values)
{
    const gd_tensor *shape = &program->given->tensors[tensor];
    const int32_t *place = program->blocks.place[tensor];
    const size_t pixels = (size_t)shape->rows * (size_t)shape->cols, channels = (size_t)shape->channels;
    const size_t stored = stored_channels(program, tensor);
    gd_device *device = program->device;
    gd_memory *memory = &device->memory->base;
    void *staging = NULL;
    gd_error late;
    gd_status status =
        memory->class->allocate_staging(memory, program->tensor_bytes[tensor], &staging, &late);
    if (status == GD_OK)
        status = fetch(program, arena, tensor, staging, &late);
    for (size_t c = 0; c < channels; c++)
        for (size_t p = 0; p < pixels; p++)
            values[c * pixels + p] =
                status == GD_OK ? read_unit(device->type, shape->kind, staging, p * stored + (size_t)place[c])
                                : NAN;
    memory->class->release_staging(memory, staging);
}

void gd_cuda_set(const gd_program *program, void *arena, int32_t tensor, const double *values)
{
    const gd_tensor *shape = &program->given->tensors[tensor];
    const int32_t *place = program->blocks.place[tensor];
    const size_t pixels = (size_t)shape->rows * (size_t)shape->cols, channels = (size_t)shape->channels;
    const size_t stored = stored_channels(program, tensor), bytes = program->tensor_bytes[tensor];
    gd_device *device = program->device;
    gd_memory *memory = &device->memory->base;
    void *staging = NULL;
    gd_error late;
    gd_status status = memory->class->allocate_staging(memory, bytes, &staging, &late);
    if (status != GD_OK)
        return; /* a test that reads the tensor back fails */
    memset(staging, 0, bytes);
    for (size_t c = 0; c < channels; c++)
        for (size_t p = 0; p < pixels; p++)
            write_unit(device->type, shape->kind, staging, p * stored + (size_t)place[c],
                       values[c * pixels + p]);
    (void)!move(device, (char *)arena + program->plan.tensor_at[tensor], staging, bytes,
                cudaMemcpyHostToDevice, &late);
    memory->class->release_staging(memory, staging);
}
