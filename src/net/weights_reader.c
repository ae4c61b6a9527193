/* Reads and probes convolutions in a Keras file with HDF5, and answers what it holds. */
#include "net/weights_reader.h"

#include "net/keras/weights_file.h"
#include "net/keras/weights_range.h"

#include <stdio.h>
#include <stdlib.h>

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

static gd_status check_variance(const char *path, const gd_conv_layer *conv, const gd_conv_weights *arrays,
                                gd_error *error)
{
    for (int32_t o = 0; arrays->variance && o < conv->node.channels; o++) {
        if (arrays->variance[o] < 0)
            return gd_fail(error, GD_USAGE,
                           "the weights file %s is damaged: it holds a negative variance (%g).", path,
                           (double)arrays->variance[o]);
    }
    return GD_OK;
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
    return gd_weights_settle_range(file, &first, error);
}

static gd_status read_conv(const void *context, const gd_conv_layer *conv, const gd_conv_weights *arrays,
                           gd_error *error)
{
    const gd_weights_file *file = context;
    gd_status status = read_arrays(file, conv, arrays, error);
    if (status == GD_OK)
        status = check_variance(file->path, conv, arrays, error);
    return status == GD_OK && conv->first ? settle_range(file, conv, arrays, error) : status;
}

gd_status gd_weights_send(gd_conv_reader *read, const void *file, const gd_conv_layer *conv,
                          gd_apart_answer *answer, gd_error *error)
{
    gd_conv_weights arrays;
    const size_t count = gd_conv_weights_place(conv, NULL, NULL);
    float *values = malloc(count * sizeof *values);
    if (!values)
        return gd_no_memory(error, "the weights of a convolution");
    (void)gd_conv_weights_place(conv, values, &arrays);
    const gd_status status = read(file, conv, &arrays, error);
    if (status == GD_OK)
        gd_apart_write(answer, values, count * sizeof *values);
    free(values);
    return status;
}

gd_status gd_weights_read_all(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    const gd_weights_request *r = request;
    gd_weights_file file;
    gd_status status = gd_weights_file_open(fd, r->path, &file, error);
    if (status != GD_OK)
        return status;
    for (int32_t i = 0; i < r->count && status == GD_OK; i++)
        status = gd_weights_send(read_conv, &file, &r->convs[i], answer, error);
    gd_weights_file_close(&file);
    return status;
}

gd_status gd_weights_probe_all(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    const gd_weights_request *r = request;
    gd_weights_file file;
    gd_status status = gd_weights_file_open(fd, r->path, &file, error);
    if (status != GD_OK)
        return status;
    for (int32_t i = 0; i < r->count && status == GD_OK; i++) {
        const gd_conv_layer *conv = &r->convs[i];
        const layer_names names = name_layers(&file, &conv->node);
        const bool held = gd_weights_file_has(&file, names.conv) &&
                          (!conv->node.batch_norm || gd_weights_file_has(&file, names.norm));
        if (held)
            status = read_arrays(&file, conv, &(gd_conv_weights){0}, error);
        gd_apart_write(answer, &held, sizeof held);
    }
    gd_weights_file_close(&file);
    return status;
}
