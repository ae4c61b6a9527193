/* Names and shapes of Inception V1 as Caffe and TensorFlow published it. */
#include "net/protobuf/model.h"

#include <stdarg.h>
#include <stdio.h>

enum { STEM = 3, PARTS = 6 };

static const char *const blocks[] = {"3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"};

void gd_model_caffe_name(int32_t index, char name[GD_MODEL_NAME_MAX])
{
    static const char *const stem[STEM] = {"conv1/7x7_s2", "conv2/3x3_reduce", "conv2/3x3"};
    static const char *const parts[PARTS] = {"1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool_proj"};
    if (index < STEM)
        snprintf(name, GD_MODEL_NAME_MAX, "%s", stem[index]);
    else
        snprintf(name, GD_MODEL_NAME_MAX, "inception_%s/%s", blocks[(index - STEM) / PARTS],
                 parts[(index - STEM) % PARTS]);
}

void gd_model_tensorflow_name(int32_t index, char name[GD_MODEL_NAME_MAX])
{
    static const char *const parts[PARTS] = {"1x1", "3x3_bottleneck", "3x3", "5x5_bottleneck",
                                             "5x5", "pool_reduce"};
    if (index < STEM)
        snprintf(name, GD_MODEL_NAME_MAX, "conv2d%d", (int)index);
    else
        snprintf(name, GD_MODEL_NAME_MAX, "mixed%s_%s", blocks[(index - STEM) / PARTS],
                 parts[(index - STEM) % PARTS]);
}

int32_t gd_model_kernel(int32_t index)
{
    static const int32_t stem[STEM] = {7, 1, 3}, parts[PARTS] = {1, 1, 3, 1, 5, 1};
    return index < STEM ? stem[index] : parts[(index - STEM) % PARTS];
}

int32_t gd_model_stride(int32_t index)
{
    return index == 0 ? 2 : 1;
}

gd_status gd_model_refuse(const gd_model *model, gd_error *error, const char *format, ...)
{
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return gd_fail(error, GD_USAGE, "the weights file %s %s.", model->path, what);
}
