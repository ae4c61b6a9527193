/* Takes Inception V1 from TensorFlow's graph of Inception5h: field numbers are those of graph.proto,
 * node_def.proto, attr_value.proto, tensor.proto and tensor_shape.proto. */
#include "net/protobuf/graphdef.h"

#include <stdio.h>
#include <string.h>

enum { DT_FLOAT = 1 };

/* A node: its name and operation, and the whole of it. */
typedef struct node {
    gd_wire_field name, op;
    gd_wire message;
} node;

static node read_node(gd_wire message)
{
    node n = {.message = message};
    gd_wire_field field;
    while (gd_wire_next(&message, &field)) {
        if (field.number == 1)
            n.name = field;
        else if (field.number == 2)
            n.op = field;
    }
    return n;
}

/* The AttrValue of an attribute: fields 5 of the node are entries of a map, key 1 and value 2. */
static gd_wire attribute(gd_wire message, const char *name)
{
    gd_wire_field field, part;
    while (gd_wire_next(&message, &field)) {
        gd_wire value = {0};
        bool found = false;
        if (field.number != 5 || field.type != GD_WIRE_BYTES)
            continue;
        while (gd_wire_next(&field.bytes, &part)) {
            found = found || (part.number == 1 && gd_wire_is(&part, name));
            if (part.number == 2 && part.type == GD_WIRE_BYTES)
                value = part.bytes;
        }
        if (found)
            return value;
    }
    return (gd_wire){0};
}

/* The field `number` of an attribute; all 0: there is none. */
static gd_wire_field attribute_field(const node *n, const char *name, uint32_t number)
{
    gd_wire value = attribute(n->message, name);
    gd_wire_field field;
    while (gd_wire_next(&value, &field))
        if (field.number == number)
            return field;
    return (gd_wire_field){0};
}

/* A list of four whole numbers, of which those of the rows and columns are equal and those of the batch and
 * channels are 1; 0: something else. */
static int64_t axes_of(const node *n, const char *name)
{
    gd_wire_field list = attribute_field(n, name, 1), field;
    int64_t numbers[4];
    int32_t count = 0;
    while (gd_wire_next(&list.bytes, &field))
        if (field.number == 3)
            count = gd_wire_numbers(&field, numbers, count, 4);
    return count == 4 && numbers[0] == 1 && numbers[3] == 1 && numbers[1] == numbers[2] ? numbers[1] : 0;
}

static bool pads_same(const node *n)
{
    const gd_wire_field padding = attribute_field(n, "padding", 2);
    return gd_wire_is(&padding, "SAME");
}

/* TensorProto: type, shape, and values as bytes or floats. */
static gd_model_array read_tensor(gd_wire message)
{
    gd_model_array array = {.message = message};
    gd_wire_field field, dim, size;
    bool floats = false;
    while (gd_wire_next(&message, &field)) {
        floats = floats || (field.number == 1 && field.value == DT_FLOAT);
        while (field.number == 2 && field.type == GD_WIRE_BYTES && gd_wire_next(&field.bytes, &dim)) {
            if (dim.number != 2 || dim.type != GD_WIRE_BYTES)
                continue;
            int64_t extent = 0;
            while (gd_wire_next(&dim.bytes, &size))
                if (size.number == 1)
                    extent = (int64_t)size.value;
            if (array.rank < 4)
                array.dims[array.rank] = extent;
            array.rank += array.rank <= 4;
        }
    }
    if (!floats)
        array.rank = 0;
    return array;
}

/* Kernels are called NAME_w and biases NAME_b. */
static void take_constant(gd_model *model, const node *n)
{
    for (int32_t i = 0; i < GD_MODEL_CONVS; i++) {
        char name[GD_MODEL_NAME_MAX], array[GD_MODEL_NAME_MAX + 4];
        gd_model_tensorflow_name(i, name);
        for (int bias = 0; bias < 2; bias++) {
            snprintf(array, sizeof array, "%s_%c", name, bias ? 'b' : 'w');
            if (gd_wire_is(&n->name, array)) {
                const gd_wire_field tensor = attribute_field(n, "value", 8);
                *(bias ? &model->biases[i] : &model->kernels[i]) = read_tensor(tensor.bytes);
            }
        }
    }
}

/* The convolution whose kernel is an input of this node, or -1. */
static int32_t convolution_of(const node *n)
{
    gd_wire message = n->message;
    gd_wire_field field;
    while (gd_wire_next(&message, &field)) {
        for (int32_t i = 0; field.number == 3 && i < GD_MODEL_CONVS; i++) {
            char name[GD_MODEL_NAME_MAX], array[GD_MODEL_NAME_MAX + 8];
            gd_model_tensorflow_name(i, name);
            snprintf(array, sizeof array, "%s_w", name);
            bool reads = gd_wire_is(&field, array);
            snprintf(array, sizeof array, "%s_w/read", name);
            reads = reads || gd_wire_is(&field, array);
            if (reads)
                return i;
        }
    }
    return -1;
}

static gd_status check_convolution(const gd_model *model, const node *n, gd_error *error)
{
    char name[GD_MODEL_NAME_MAX];
    const int32_t index = convolution_of(n);
    if (index < 0) /* of the classifier */
        return GD_OK;
    const int64_t stride = axes_of(n, "strides");
    gd_model_tensorflow_name(index, name);
    if (stride == gd_model_stride(index) && pads_same(n))
        return GD_OK;
    return gd_model_refuse(
        model, error, "has another network's %s: stride %lld%s, where Inception V1 has %d and padding SAME",
        name, (long long)stride, pads_same(n) ? "" : " without padding SAME", gd_model_stride(index));
}

static gd_status check_pool(const gd_model *model, const node *n, gd_error *error)
{
    const int64_t size = axes_of(n, "ksize"), stride = axes_of(n, "strides");
    if (size == 3 && (stride == 1 || stride == 2) && pads_same(n))
        return GD_OK;
    return gd_model_refuse(
        model, error,
        "has another network's max pool: size %lld, stride %lld%s, where Inception V1 has 3, 1 or "
        "2 and padding SAME",
        (long long)size, (long long)stride, pads_same(n) ? "" : " without padding SAME");
}

static void read_lrn(gd_model *model, const node *n)
{
    const gd_wire_field radius = attribute_field(n, "depth_radius", 3), bias = attribute_field(n, "bias", 4),
                        alpha = attribute_field(n, "alpha", 4), beta = attribute_field(n, "beta", 4);
    if (model->lrn_count < GD_MODEL_LRNS)
        model->lrns[model->lrn_count] =
            (gd_model_lrn){.size = 2.0 * (double)(radius.number ? (int64_t)radius.value : 5) + 1,
                           .scale = alpha.number ? gd_wire_float(&alpha) : 1,
                           .power = beta.number ? gd_wire_float(&beta) : 0.5,
                           .bias = bias.number ? gd_wire_float(&bias) : 1};
    model->lrn_count += model->lrn_count <= GD_MODEL_LRNS;
}

static gd_status take_node(gd_model *model, const node *n, gd_error *error)
{
    if (gd_wire_is(&n->op, "Conv2D"))
        return check_convolution(model, n, error);
    if (gd_wire_is(&n->op, "MaxPool"))
        return check_pool(model, n, error);
    if (gd_wire_is(&n->op, "LRN"))
        read_lrn(model, n);
    else if (gd_wire_is(&n->op, "Const"))
        take_constant(model, n);
    return GD_OK;
}

gd_status gd_graphdef_read(gd_wire file, gd_model *model, gd_error *error)
{
    gd_status status = GD_OK;
    gd_wire_field field;
    model->tensorflow = true;
    while (status == GD_OK && gd_wire_next(&file, &field)) {
        if (field.number != 1 || field.type != GD_WIRE_BYTES)
            continue;
        const node n = read_node(field.bytes);
        status = take_node(model, &n, error);
    }
    return status;
}
