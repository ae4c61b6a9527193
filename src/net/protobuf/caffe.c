/* Takes Inception V1 from a Caffe model: field numbers are those of caffe.proto, where a NetParameter has
 * layers of two kinds, LayerParameter and the older V1LayerParameter. */
#include "net/protobuf/caffe.h"

#include <string.h>

/* The fields of a layer of one kind. */
typedef struct layer_fields {
    uint32_t layer, name, blobs, convolution, pooling, lrn, transform;
} layer_fields;

static const layer_fields kinds[] = {
    {.layer = 100, .name = 1, .blobs = 7, .convolution = 106, .pooling = 121, .lrn = 118, .transform = 100},
    {.layer = 2, .name = 4, .blobs = 6, .convolution = 10, .pooling = 19, .lrn = 18, .transform = 36},
};

/* A layer: its parts; at NULL: none. */
typedef struct layer {
    gd_wire_field name;
    gd_wire blobs[2], convolution, pooling, lrn, transform;
    int32_t blob_count;
} layer;

/* The last value of each field of a message of numbers. */
enum { FIELDS = 16 };
typedef struct numbers {
    bool stated[FIELDS];
    int64_t whole[FIELDS];
    double real[FIELDS];
} numbers;

static numbers read_numbers(gd_wire message)
{
    numbers n = {0};
    gd_wire_field field;
    while (gd_wire_next(&message, &field)) {
        int64_t first = (int64_t)field.value;
        if (field.number >= FIELDS)
            continue;
        if (field.type == GD_WIRE_BYTES && gd_wire_numbers(&field, &first, 0, 1) < 1)
            continue;
        n.stated[field.number] = true;
        n.whole[field.number] = first;
        n.real[field.number] = gd_wire_float(&field);
    }
    return n;
}

/* A whole number, which may be stated as one for each axis. */
static int64_t either(const numbers *n, int field, int rows, int cols, int64_t otherwise)
{
    if (n->stated[field])
        return n->whole[field];
    if (n->stated[rows] && n->stated[cols])
        return n->whole[rows] == n->whole[cols] ? n->whole[rows] : -1;
    return n->stated[rows] || n->stated[cols] ? -1 : otherwise;
}

static layer read_layer(gd_wire message, const layer_fields *of)
{
    layer l = {0};
    gd_wire_field field;
    while (gd_wire_next(&message, &field)) {
        if (field.type != GD_WIRE_BYTES)
            continue;
        if (field.number == of->name)
            l.name = field;
        else if (field.number == of->blobs && l.blob_count < 2)
            l.blobs[l.blob_count++] = field.bytes;
        else if (field.number == of->convolution)
            l.convolution = field.bytes;
        else if (field.number == of->pooling)
            l.pooling = field.bytes;
        else if (field.number == of->lrn)
            l.lrn = field.bytes;
        else if (field.number == of->transform)
            l.transform = field.bytes;
    }
    return l;
}

/* BlobProto: its shape, or num, channels, height and width. */
static gd_model_array read_blob(gd_wire message)
{
    gd_model_array array = {.message = message};
    gd_wire_field field, dim;
    bool old = false;
    while (gd_wire_next(&message, &field)) {
        if (field.number >= 1 && field.number <= 4 && field.type == GD_WIRE_VARINT) {
            array.dims[field.number - 1] = (int64_t)field.value;
            old = true;
        }
        while (field.number == 7 && field.type == GD_WIRE_BYTES && gd_wire_next(&field.bytes, &dim))
            if (dim.number == 1)
                array.rank = gd_wire_numbers(&dim, array.dims, array.rank, 4);
    }
    if (array.rank == 0 && old)
        array.rank = 4;
    return array;
}

static gd_status check_convolution(const gd_model *model, int32_t index, gd_wire message, gd_error *error)
{
    char name[GD_MODEL_NAME_MAX];
    const numbers n = read_numbers(message);
    const int64_t kernel = either(&n, 4, 11, 12, 0), pad = either(&n, 3, 9, 10, 0),
                  stride = either(&n, 6, 13, 14, 1), group = n.stated[5] ? n.whole[5] : 1;
    const int32_t wanted = gd_model_kernel(index);
    gd_model_caffe_name(index, name);
    if (kernel == wanted && pad == wanted / 2 && stride == gd_model_stride(index) && group == 1)
        return GD_OK;
    return gd_model_refuse(model, error,
                           "has another network's %s: kernel %lld, pad %lld, stride %lld, group %lld, where "
                           "Inception V1 has %d, %d, %d, 1",
                           name, (long long)kernel, (long long)pad, (long long)stride, (long long)group,
                           wanted, wanted / 2, gd_model_stride(index));
}

/* Pools of stride 2 take no padding and round up, those of stride 1 keep the size. */
static gd_status check_pooling(const gd_model *model, const layer *l, gd_error *error)
{
    const numbers n = read_numbers(l->pooling);
    const int64_t size = either(&n, 2, 5, 6, 0), stride = either(&n, 3, 7, 8, 1),
                  pad = either(&n, 4, 9, 10, 0);
    const bool global = n.stated[12] && n.whole[12], average = n.stated[1] && n.whole[1] != 0;
    const bool rounds_up = !n.stated[13] || n.whole[13] == 0;
    if (global || average) /* the classifiers' */
        return GD_OK;
    if (size == 3 && rounds_up && ((stride == 2 && pad == 0) || (stride == 1 && pad == 1)))
        return GD_OK;
    return gd_model_refuse(
        model, error,
        "has another network's pool: size %lld, stride %lld, pad %lld%s, where Inception V1 has "
        "3, 2, 0 and 3, 1, 1",
        (long long)size, (long long)stride, (long long)pad, rounds_up ? "" : " rounding down");
}

/* Caffe divides alpha by the size. */
static gd_status read_lrn(gd_model *model, gd_wire message, gd_error *error)
{
    const numbers n = read_numbers(message);
    if (n.stated[4] && n.whole[4] != 0)
        return gd_model_refuse(model, error, "normalizes within channels, which Inception V1 does not");
    gd_model_lrn lrn = {.size = n.stated[1] ? (double)n.whole[1] : 5,
                        .scale = n.stated[2] ? n.real[2] : 1,
                        .power = n.stated[3] ? n.real[3] : 0.75,
                        .bias = n.stated[5] ? n.real[5] : 1};
    lrn.scale /= lrn.size;
    if (model->lrn_count < GD_MODEL_LRNS)
        model->lrns[model->lrn_count] = lrn;
    model->lrn_count += model->lrn_count <= GD_MODEL_LRNS;
    return GD_OK;
}

/* The mean colour, in the order of the blobs' channels: blue, green, red. */
static void read_transform(gd_model *model, gd_wire message)
{
    float mean[3] = {0};
    const int64_t count = gd_wire_floats(message, 5, 0, mean, 3);
    if (count < 1)
        return;
    model->mean_count = count == 3 ? 3 : count == 1 ? 1 : -1;
    for (int c = 0; c < 3; c++)
        model->mean[c] = (double)mean[count == 1 ? 0 : 2 - c];
}

static gd_status take_convolution(gd_model *model, const layer *l, gd_error *error)
{
    for (int32_t i = 0; i < GD_MODEL_CONVS && l->blob_count > 0; i++) {
        char name[GD_MODEL_NAME_MAX];
        gd_model_caffe_name(i, name);
        if (!gd_wire_is(&l->name, name))
            continue;
        if (l->blob_count < 2)
            return gd_model_refuse(model, error, "has no bias in %s", name);
        model->kernels[i] = read_blob(l->blobs[0]);
        model->biases[i] = read_blob(l->blobs[1]);
        return check_convolution(model, i, l->convolution, error);
    }
    return GD_OK;
}

static gd_status take_layer(gd_model *model, const layer *l, gd_error *error)
{
    gd_status status = take_convolution(model, l, error);
    if (status == GD_OK && l->pooling.at)
        status = check_pooling(model, l, error);
    if (status == GD_OK && l->lrn.at)
        status = read_lrn(model, l->lrn, error);
    if (l->transform.at)
        read_transform(model, l->transform);
    if (l->blob_count > 0 && gd_wire_is(&l->name, "loss3/classifier"))
        model->classes = gd_wire_floats(l->blobs[l->blob_count - 1], 5, 0, NULL, 0);
    return status;
}

gd_status gd_caffe_read(gd_wire file, gd_model *model, gd_error *error)
{
    gd_status status = GD_OK;
    gd_wire_field field;
    while (status == GD_OK && gd_wire_next(&file, &field)) {
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds && status == GD_OK; k++) {
            if (field.type != GD_WIRE_BYTES || field.number != kinds[k].layer)
                continue;
            const layer l = read_layer(field.bytes, &kinds[k]);
            status = take_layer(model, &l, error);
        }
    }
    return status;
}
