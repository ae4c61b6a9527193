/* Converts tensors to and from dense doubles [channels, rows, cols], for tests. */
#include "kernels/cpu/access.h"

#include <string.h>

/* The place of a unit in a tensor of blocks, in planes, or in the picture's gradient. */
static int64_t place(const gd_program *program, int32_t t, int64_t channel, int64_t pixel)
{
    const gd_tensor *tensor = &program->tape->tensors[t];
    const gd_elementwise *elementwise = program->device->elementwise;
    const int64_t block = elementwise->block, pixels = (int64_t)tensor->rows * tensor->cols;
    const bool picture = tensor->channels == GD_DNNL_PICTURE_CHANNELS;
    channel = program->blocks.place[t][channel];
    if (t == program->gradient || (picture && elementwise->interleaved))
        return pixel * GD_DNNL_PICTURE_CHANNELS + channel;
    if (picture)
        return channel * pixels + pixel;
    return (channel / block * pixels + pixel) * block + channel % block;
}

static double read_unit(const gd_program *program, const char *base, int32_t t, int64_t i)
{
    const gd_elementwise *elementwise = program->device->elementwise;
    float value;
    switch (program->tape->tensors[t].kind) {
    case GD_TENSOR_MASK:
        return (unsigned char)base[i / 8] >> (i % 8) & 1;
    case GD_TENSOR_WINNER:
        return (unsigned char)base[i];
    case GD_TENSOR_VALUES:
        break;
    }
    if (t == program->gradient)
        return ((const float *)base)[i];
    elementwise->to_floats(base + i * elementwise->bytes, 1, &value);
    return value;
}

static void write_unit(const gd_program *program, char *base, int32_t t, int64_t i, double value)
{
    const gd_elementwise *elementwise = program->device->elementwise;
    float rounded = (float)value;
    switch (program->tape->tensors[t].kind) {
    case GD_TENSOR_MASK:
        base[i / 8] = (char)((base[i / 8] & ~(1 << i % 8)) | (value != 0) << i % 8);
        return;
    case GD_TENSOR_WINNER:
        base[i] = (char)value;
        return;
    case GD_TENSOR_VALUES:
        break;
    }
    if (t == program->gradient)
        ((float *)base)[i] = rounded;
    else
        elementwise->from_floats(&rounded, 1, base + i * elementwise->bytes);
}

void gd_cpu_get(const gd_program *program, const void *arena, int32_t tensor, double *values)
{
    const gd_tensor *shape = &program->given->tensors[tensor];
    const char *base = (const char *)arena + program->plan.tensor_at[tensor];
    int64_t pixels = (int64_t)shape->rows * shape->cols;
    for (int64_t c = 0; c < shape->channels; c++)
        for (int64_t p = 0; p < pixels; p++)
            values[c * pixels + p] = read_unit(program, base, tensor, place(program, tensor, c, p));
}

void gd_cpu_set(const gd_program *program, void *arena, int32_t tensor, const double *values)
{
    const gd_tensor *shape = &program->given->tensors[tensor];
    char *base = (char *)arena + program->plan.tensor_at[tensor];
    int64_t pixels = (int64_t)shape->rows * shape->cols;
    memset(base, 0, program->tensor_bytes[tensor]); /* channels of padding, which are numbers in a run */
    for (int64_t c = 0; c < shape->channels; c++)
        for (int64_t p = 0; p < pixels; p++)
            write_unit(program, base, tensor, place(program, tensor, c, p), values[c * pixels + p]);
}
