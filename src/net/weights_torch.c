/* Finds Inception V3's convolutions by their names in PyTorch, and brings their arrays into Keras' order. */
#include "net/weights_torch.h"

#include "net/keras/weights_range.h"
#include "net/keras/weights_values.h"
#include "net/torch/names.h"
#include "net/torch/tensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An opened file. */
typedef struct torch_file {
    gd_tensors tensors;
    char prefix[GD_TORCH_NAME_MAX]; /* of all names: "" or that of a model around the network */
} torch_file;

bool gd_torch_begins(int fd)
{
    return gd_tensors_begin(fd);
}

/* The prefix of the names, from that of the first convolution; false: there is none. */
static bool find_prefix(torch_file *file)
{
    char first[GD_TORCH_NAME_MAX], part[GD_TORCH_NAME_MAX + sizeof ".conv.weight"];
    gd_torch_conv_name(0, first);
    const int length = snprintf(part, sizeof part, "%s.conv.weight", first);
    for (int32_t i = 0; i < file->tensors.count; i++) {
        const char *name = file->tensors.items[i].name;
        const size_t count = strlen(name);
        if (count < (size_t)length || strcmp(name + count - (size_t)length, part) != 0 ||
            count - (size_t)length >= sizeof file->prefix)
            continue;
        snprintf(file->prefix, sizeof file->prefix, "%.*s", (int)(count - (size_t)length), name);
        return true;
    }
    return false;
}

static gd_status open_file(int fd, const char *path, void *context, gd_error *error)
{
    torch_file *file = context;
    const gd_status status = gd_tensors_open(fd, path, &file->tensors, error);
    if (status != GD_OK || find_prefix(file))
        return status;
    return gd_fail(error, GD_USAGE,
                   "the weights file %s holds no Conv2d_1a_3x3.conv.weight: of .safetensors files those of "
                   "PyTorch's Inception V3 are read, with the names of timm's inception_v3.",
                   path);
}

static void close_file(void *context)
{
    gd_tensors_close(&((torch_file *)context)->tensors);
}

/* The tensor of a convolution's part: "conv.weight", "bn.bias", ... NULL: none; `name` is set all the same.
 */
static const gd_tensor *find(const torch_file *file, const gd_conv_layer *conv, const char *part,
                             char name[3 * GD_TORCH_NAME_MAX])
{
    char layer[GD_TORCH_NAME_MAX] = "";
    const bool known = gd_torch_conv_name(conv->node.conv_index, layer);
    snprintf(name, 3 * GD_TORCH_NAME_MAX, "%s%s.%s", file->prefix, known ? layer : conv->node.name, part);
    return known ? gd_tensors_find(&file->tensors, name) : NULL;
}

static bool has(const void *context, const gd_conv_layer *conv)
{
    char name[3 * GD_TORCH_NAME_MAX];
    return find(context, conv, "conv.weight", name) && find(context, conv, "bn.running_var", name);
}

/* Checks the shape of a part, and reads it to out[product of dims], unless that is NULL. */
static gd_status read_part(const torch_file *file, const gd_conv_layer *conv, const char *part, int32_t rank,
                           const int64_t *dims, float *out, gd_error *error)
{
    char name[3 * GD_TORCH_NAME_MAX];
    int64_t count = 1;
    const gd_tensor *tensor = find(file, conv, part, name);
    if (!tensor)
        return gd_fail(error, GD_USAGE, "the weights file %s has no %s, which the chosen layers need.",
                       file->tensors.path, name);
    if (tensor->rank != rank || memcmp(tensor->dims, dims, (size_t)rank * sizeof *dims) != 0)
        return gd_fail(error, GD_USAGE,
                       "the weights file %s has %s of another shape than the chosen network: .safetensors "
                       "files are read for Inception V3 (-m inceptionV3).",
                       file->tensors.path, name);
    for (int32_t i = 0; i < rank; i++)
        count *= dims[i];
    const gd_status status = out ? gd_tensors_read(&file->tensors, tensor, out, error) : GD_OK;
    const gd_values what = {file->tensors.path, name, strcmp(part, "bn.running_var") == 0};
    return status == GD_OK && out ? gd_weights_check(&what, out, count, error) : status;
}

/* From outputs, inputs, taps to taps, inputs, outputs. */
static void arrange(const float *values, int64_t taps, int64_t in, int64_t out, float *kernel)
{
    for (int64_t tap = 0; tap < taps; tap++)
        for (int64_t i = 0; i < in; i++)
            for (int64_t o = 0; o < out; o++)
                *kernel++ = values[(o * in + i) * taps + tap];
}

static gd_status read_kernel(const torch_file *file, const gd_conv_layer *conv, float *kernel,
                             gd_error *error)
{
    const gd_node *node = &conv->node;
    const int64_t dims[4] = {node->channels, conv->in, node->kernel_rows, node->kernel_cols};
    const int64_t taps = dims[2] * dims[3];
    float *values = kernel ? malloc((size_t)(dims[0] * dims[1] * taps) * sizeof *values) : NULL;
    if (kernel && !values)
        return gd_no_memory(error, "the weights of a convolution");
    const gd_status status = read_part(file, conv, "conv.weight", 4, dims, values, error);
    if (status == GD_OK && kernel)
        arrange(values, taps, dims[1], dims[0], kernel);
    free(values);
    return status;
}

/* Three numbers that the header notes, as "[0.5, 0.5, 0.5]"; *stated: whether it notes any. */
static gd_status read_note(const torch_file *file, const char *key, double numbers[3], bool *stated,
                           gd_error *error)
{
    const char *note = gd_tensors_note(&file->tensors, key);
    int end = 0;
    *stated = note;
    if (!note)
        return GD_OK;
    const int count = sscanf(note, " [ %lf , %lf , %lf ] %n", &numbers[0], &numbers[1], &numbers[2], &end);
    bool usual = count == 3 && end > 0 && note[end] == '\0';
    for (int c = 0; c < 3 && usual; c++)
        usual = fabs(numbers[c]) <= 1000;
    return usual ? GD_OK
                 : gd_fail(error, GD_USAGE,
                           "the weights file %s notes \"%.100s\" as %s, and not three numbers such as [0.5, "
                           "0.5, 0.5].",
                           file->tensors.path, note, key);
}

/* Fits the first convolution to pixels in [-1, 1]: a colour p of [0, 1] is (p - mean) / std for the file. */
static gd_status settle_range(const torch_file *file, const gd_conv_layer *conv,
                              const gd_conv_weights *arrays, gd_error *error)
{
    double mean[3], std[3];
    bool has_mean, has_std;
    gd_status status = read_note(file, "mean", mean, &has_mean, error);
    if (status == GD_OK)
        status = read_note(file, "std", std, &has_std, error);
    if (status != GD_OK)
        return status;
    gd_weights_range range = {.path = file->tensors.path,
                              .remedy =
                                  "note mean and std in the header's __metadata__, as weights/README.md says",
                              .stated = has_mean && has_std};
    for (int c = 0; c < 3 && range.stated; c++) {
        if (!(std[c] >= 1e-3))
            return gd_fail(error, GD_USAGE, "the weights file %s notes a std of %g, which is no deviation.",
                           file->tensors.path, std[c]);
        range.scale[c] = 0.5 / std[c];
        range.shift[c] = (0.5 - mean[c]) / std[c];
    }
    const gd_first_conv first = {.kernel = arrays->kernel,
                                 .mean = arrays->mean,
                                 .variance = arrays->variance,
                                 .taps = conv->node.kernel_rows * conv->node.kernel_cols,
                                 .out = conv->node.channels};
    return gd_weights_settle_range(&range, &first, error);
}

/* Multiplies batch norm's scale into kernel and mean. */
static gd_status apply_scale(const torch_file *file, const gd_conv_layer *conv, const gd_conv_weights *arrays,
                             gd_error *error)
{
    const int64_t out = conv->node.channels;
    float *scale = malloc((size_t)out * sizeof *scale);
    if (!scale)
        return gd_no_memory(error, "the weights of a convolution");
    const gd_status status = read_part(file, conv, "bn.weight", 1, &out, scale, error);
    for (int64_t i = 0; status == GD_OK && i < arrays->bias - arrays->kernel; i++)
        arrays->kernel[i] *= scale[i % out];
    for (int64_t o = 0; status == GD_OK && o < out; o++)
        arrays->mean[o] *= scale[o];
    free(scale);
    return status;
}

static gd_status read_conv(const void *context, const gd_conv_layer *conv, const gd_conv_weights *arrays,
                           gd_error *error)
{
    const torch_file *file = context;
    const int64_t out = conv->node.channels;
    const struct {
        const char *name;
        float *values;
    } parts[] = {
        {"bn.bias", arrays->bias}, {"bn.running_mean", arrays->mean}, {"bn.running_var", arrays->variance}};
    gd_status status = read_kernel(file, conv, arrays->kernel, error);
    for (int i = 0; i < 3 && status == GD_OK; i++)
        status = read_part(file, conv, parts[i].name, 1, &out, parts[i].values, error);
    if (status == GD_OK && arrays->kernel && conv->first)
        status = settle_range(file, conv, arrays, error);
    if (status != GD_OK)
        return status;
    return arrays->kernel ? apply_scale(file, conv, arrays, error)
                          : read_part(file, conv, "bn.weight", 1, &out, NULL, error);
}

const gd_weights_format gd_weights_torch = {
    .bytes = sizeof(torch_file), .open = open_file, .close = close_file, .has = has, .read = read_conv};
