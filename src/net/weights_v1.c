/* Reads traits and convolutions of Inception V1 from a published file, and checks every shape and value. */
#include "net/weights_v1.h"

#include "net/inception_v1.h"
#include "net/keras/weights_values.h"
#include "net/protobuf/published.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)GD_MODEL_CONVS == (int)GD_TRAITS_CONVS && (int)GD_MODEL_LRNS == (int)GD_TRAITS_LRNS,
               "the network's layers");

/* Of 255: a picture of p in [-1, 1] has (p + 1) * HALF. */
#define HALF 127.5

/* Extents of a kernel in the file's order: rows, columns, inputs, outputs. */
typedef struct kernel_shape {
    int64_t rows, cols, in, out;
} kernel_shape;

static kernel_shape shape_of(const gd_model *model, int32_t index)
{
    const int64_t *d = model->kernels[index].dims;
    return model->tensorflow ? (kernel_shape){d[0], d[1], d[2], d[3]}
                             : (kernel_shape){d[2], d[3], d[1], d[0]};
}

static bool has(const gd_model *model, int32_t index)
{
    return model->kernels[index].message.at && model->biases[index].message.at;
}

/* Whether the kernel's shape is one of this convolution, of any numbers of channels. */
static gd_status check_kernel(const gd_model *model, int32_t index, gd_error *error)
{
    char name[GD_MODEL_NAME_MAX];
    const kernel_shape shape = shape_of(model, index);
    const int32_t side = gd_model_kernel(index);
    if (model->kernels[index].rank == 4 && shape.rows == side && shape.cols == side && shape.out >= 1 &&
        shape.out <= GD_MODEL_CHANNELS_MAX && shape.in >= 1)
        return GD_OK;
    gd_model_caffe_name(index, name);
    return gd_model_refuse(model, error,
                           "has no kernel of %d x %d and at most %d channels in %s, as Inception V1 has",
                           side, side, GD_MODEL_CHANNELS_MAX, name);
}

static gd_status take_lrn(const gd_model *model, const gd_model_lrn *from, gd_lrn *lrn, gd_error *error)
{
    const double quarters = round(4 * from->power);
    const bool known = from->size >= 3 && from->size <= GD_LRN_SIZE_MAX && fmod(from->size, 2) == 1 &&
                       fabs(4 * from->power - quarters) < 1e-4 && quarters >= 1 && quarters <= 4 &&
                       from->scale >= 0 && from->scale <= 1e3 && from->bias >= 1e-3 && from->bias <= 1e3;
    if (!known)
        return gd_model_refuse(
            model, error,
            "normalizes with size %g, alpha %g, beta %g, k %g; what is read is an odd size of 3 to "
            "%d, a beta of 0.25, 0.5, 0.75 or 1, and ordinary others",
            from->size, from->scale, from->power, from->bias, GD_LRN_SIZE_MAX);
    *lrn = (gd_lrn){
        .size = (int32_t)from->size, .quarters = (int32_t)quarters, .scale = from->scale, .bias = from->bias};
    return GD_OK;
}

/* The mean colour: the file's, TensorFlow's 117, or what was published with the weights. */
static gd_status take_mean(const gd_model *model, gd_net_traits *traits, gd_error *error)
{
    static const double places[3] = {116.676, 112.514, 104.051};
    for (int c = 0; c < 3; c++) {
        double mean = HALF - HALF * gd_traits_bvlc.shift[c];
        if (model->tensorflow)
            mean = 117;
        else if (model->mean_count != 0)
            mean = model->mean[c];
        else if (model->classes == 365)
            mean = places[c];
        if (model->mean_count < 0 || !(mean >= 0 && mean <= 255))
            return gd_model_refuse(model, error,
                                   "states a mean colour that is not of one or three values from 0 to 255");
        traits->shift[c] = (HALF - mean) / HALF;
    }
    return GD_OK;
}

static gd_status find_traits(const gd_model *model, gd_net_traits *traits, gd_error *error)
{
    *traits = gd_traits_bvlc;
    traits->late = model->tensorflow;
    if (model->lrn_count != GD_MODEL_LRNS)
        return gd_model_refuse(model, error, "does not hold the two normalizations of Inception V1");
    gd_status status = GD_OK;
    for (int32_t i = 0; i < GD_MODEL_CONVS && status == GD_OK; i++) {
        if (!has(model, i))
            continue;
        status = check_kernel(model, i, error);
        traits->channels[i] = (int32_t)shape_of(model, i).out;
    }
    for (int32_t i = 0; i < GD_MODEL_LRNS && status == GD_OK; i++)
        status = take_lrn(model, &model->lrns[i], &traits->lrn[i], error);
    return status == GD_OK ? take_mean(model, traits, error) : status;
}

gd_status gd_v1_traits(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    const gd_weights_request *r = request;
    gd_published published;
    gd_net_traits traits;
    gd_status status = gd_published_open(fd, r->path, &published, error);
    if (status == GD_OK)
        status = find_traits(&published.model, &traits, error);
    if (status == GD_OK)
        gd_apart_write(answer, &traits, sizeof traits);
    gd_published_close(&published);
    return status;
}

static int32_t index_of(const gd_conv_layer *conv)
{
    char name[GD_MODEL_NAME_MAX];
    for (int32_t i = 0; i < GD_MODEL_CONVS; i++) {
        gd_model_caffe_name(i, name);
        if (strcmp(name, conv->node.name) == 0)
            return i;
    }
    return -1;
}

/* Whether the kernel is as the network has it. */
static gd_status check_shape(const gd_model *model, int32_t index, const gd_conv_layer *conv, gd_error *error)
{
    const gd_node *node = &conv->node;
    const kernel_shape s = shape_of(model, index);
    if (model->kernels[index].rank == 4 && s.rows == node->kernel_rows && s.cols == node->kernel_cols &&
        s.in == conv->in && s.out == node->channels)
        return GD_OK;
    return gd_model_refuse(
        model, error,
        "has %s of %lld x %lld and %lld to %lld channels, where the layers before it give %d x %d "
        "and %d to %d: it is the file of another network",
        node->name, (long long)s.rows, (long long)s.cols, (long long)s.in, (long long)s.out,
        node->kernel_rows, node->kernel_cols, conv->in, node->channels);
}

/* Value [y][x][i][o] of a kernel as the file has it. */
static float kernel_at(const gd_model *model, const gd_conv_layer *conv, const float *values, int64_t tap,
                       int64_t i, int64_t o)
{
    const int64_t in = conv->in, out = conv->node.channels;
    const int64_t taps = (int64_t)conv->node.kernel_rows * conv->node.kernel_cols;
    return model->tensorflow ? values[(tap * in + i) * out + o] : values[(o * in + i) * taps + tap];
}

/* To rows, columns, inputs, outputs; Caffe's first convolution takes blue, green, red. */
static void arrange(const gd_model *model, const gd_conv_layer *conv, const float *values, float *kernel)
{
    const int64_t in = conv->in, out = conv->node.channels;
    const int64_t taps = (int64_t)conv->node.kernel_rows * conv->node.kernel_cols;
    const double scale = conv->first ? HALF : 1;
    for (int64_t tap = 0; tap < taps; tap++)
        for (int64_t i = 0; i < in; i++)
            for (int64_t o = 0; o < out; o++) {
                const int64_t from = conv->first && !model->tensorflow ? in - 1 - i : i;
                *kernel++ = (float)(scale * (double)kernel_at(model, conv, values, tap, from, o));
            }
}

static gd_status read_kernel(const gd_published *p, int32_t index, const gd_conv_layer *conv, int64_t count,
                             float *kernel, gd_error *error)
{
    float *values = malloc((size_t)count * sizeof *values);
    if (!values)
        return gd_no_memory(error, "the weights of a convolution");
    gd_status status = gd_published_read(p, &p->model.kernels[index], conv->node.name, count, values, error);
    if (status == GD_OK)
        status = gd_weights_check(&(gd_values){p->model.path, conv->node.name, false}, values, count, error);
    if (status == GD_OK)
        arrange(&p->model, conv, values, kernel);
    free(values);
    return status;
}

static gd_status read_conv(const void *context, const gd_conv_layer *conv, const gd_conv_weights *arrays,
                           gd_error *error)
{
    const gd_published *p = context;
    const int32_t index = index_of(conv), out = conv->node.channels;
    if (index < 0 || !has(&p->model, index))
        return gd_model_refuse(&p->model, error, "has no %s, which the chosen layers need", conv->node.name);
    gd_status status = check_shape(&p->model, index, conv, error);
    if (status != GD_OK || !arrays->kernel)
        return status;
    status = read_kernel(p, index, conv, arrays->bias - arrays->kernel, arrays->kernel, error);
    if (status == GD_OK)
        status = gd_published_read(p, &p->model.biases[index], conv->node.name, out, arrays->bias, error);
    return status == GD_OK ? gd_weights_check(&(gd_values){p->model.path, conv->node.name, false},
                                              arrays->bias, out, error)
                           : status;
}

static gd_status open_file(int fd, const char *path, void *file, gd_error *error)
{
    return gd_published_open(fd, path, file, error);
}

static void close_file(void *file)
{
    gd_published_close(file);
}

static bool has_conv(const void *file, const gd_conv_layer *conv)
{
    const int32_t index = index_of(conv);
    return index >= 0 && has(&((const gd_published *)file)->model, index);
}

const gd_weights_format gd_weights_v1 = {.bytes = sizeof(gd_published),
                                         .open = open_file,
                                         .close = close_file,
                                         .has = has_conv,
                                         .read = read_conv};
