/* Reads convolutions of a Keras file by the names of its layers. */
#include "net/weights_keras.h"

#include "net/keras/weights_file.h"
#include "net/keras/weights_range.h"

#include <stdio.h>

/* Keras writes "conv2d" for number 0 of the family, "conv2d_1" for number 1. */
static void numbered_name(char *name, const char *family, int32_t number)
{
    if (number == 0)
        snprintf(name, GD_LAYER_NAME_MAX, "%s", family);
    else
        snprintf(name, GD_LAYER_NAME_MAX, "%s_%d", family, (int)number);
}

/* Names of a convolution's layers in the file. */
typedef struct layer_names {
    char conv[GD_LAYER_NAME_MAX], norm[GD_LAYER_NAME_MAX];
} layer_names;

static layer_names name_layers(const gd_weights_file *file, const gd_node *node)
{
    layer_names names;
    if (node->conv_index >= 0) {
        numbered_name(names.conv, "conv2d", file->first_conv + node->conv_index);
        numbered_name(names.norm, "batch_normalization", file->first_norm + node->conv_index);
    } else {
        snprintf(names.conv, sizeof names.conv, "%s", node->name);
        snprintf(names.norm, sizeof names.norm, "%s_bn", node->name);
    }
    return names;
}

/* Checks the shapes of a convolution's arrays, and reads those that `arrays` holds. */
static gd_status read_arrays(const gd_weights_file *file, const gd_conv_layer *conv,
                             const gd_conv_weights *arrays, gd_error *error)
{
    const gd_node *node = &conv->node;
    const layer_names names = name_layers(file, node);
    const hsize_t in = (hsize_t)conv->in, out = (hsize_t)node->channels;
    const hsize_t shape[4] = {(hsize_t)node->kernel_rows, (hsize_t)node->kernel_cols, in, out};
    gd_status status = gd_weights_file_read(file, names.conv, "kernel", 4, shape, arrays->kernel, error);
    if (status != GD_OK || !node->batch_norm)
        return status != GD_OK ? status
                               : gd_weights_file_read(file, names.conv, "bias", 1, &out, arrays->bias, error);
    if (gd_weights_file_lists(file, names.norm, "gamma"))
        return gd_fail(
            error, GD_USAGE,
            "the weights file %s has batch norm with a scale (%s/gamma), which the published networks "
            "are without.",
            file->path, names.norm);
    const struct {
        const char *name;
        float *values;
    } parts[] = {
        {"beta", arrays->bias}, {"moving_mean", arrays->mean}, {"moving_variance", arrays->variance}};
    for (int i = 0; i < 3 && status == GD_OK; i++)
        status = gd_weights_file_read(file, names.norm, parts[i].name, 1, &out, parts[i].values, error);
    return status;
}

/* Fits the first convolution to pixels in [-1, 1]. */
static gd_status settle_range(const gd_weights_file *file, const gd_conv_layer *conv,
                              const gd_conv_weights *arrays, gd_error *error)
{
    const gd_first_conv first = {.kernel = arrays->kernel,
                                 .mean = arrays->mean,
                                 .variance = arrays->variance,
                                 .taps = conv->node.kernel_rows * conv->node.kernel_cols,
                                 .out = conv->node.channels};
    double ends[2] = {-1, 1};
    gd_weights_range range = {.path = file->path,
                              .remedy = "add the root attribute input_range, for example 0 and 1"};
    const gd_status status = gd_weights_file_range(file, &range.stated, ends, error);
    for (int c = 0; c < 3; c++) {
        range.scale[c] = (ends[1] - ends[0]) / 2;
        range.shift[c] = (ends[1] + ends[0]) / 2;
    }
    return status == GD_OK ? gd_weights_settle_range(&range, &first, error) : status;
}

static gd_status open_file(int fd, const char *path, void *file, gd_error *error)
{
    return gd_weights_file_open(fd, path, file, error);
}

static void close_file(void *file)
{
    gd_weights_file_close(file);
}

static bool has(const void *context, const gd_conv_layer *conv)
{
    const gd_weights_file *file = context;
    const layer_names names = name_layers(file, &conv->node);
    return gd_weights_file_has(file, names.conv) &&
           (!conv->node.batch_norm || gd_weights_file_has(file, names.norm));
}

static gd_status read_conv(const void *context, const gd_conv_layer *conv, const gd_conv_weights *arrays,
                           gd_error *error)
{
    const gd_weights_file *file = context;
    const gd_status status = read_arrays(file, conv, arrays, error);
    return status == GD_OK && conv->first && arrays->kernel ? settle_range(file, conv, arrays, error)
                                                            : status;
}

const gd_weights_format gd_weights_keras = {
    .bytes = sizeof(gd_weights_file), .open = open_file, .close = close_file, .has = has, .read = read_conv};
