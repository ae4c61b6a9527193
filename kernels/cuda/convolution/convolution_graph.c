/* Builds the operation graph of one convolution: tensors, the convolution, then sum, bias, ReLU and mask
 * if the shape has them. */
#include "kernels/cuda/convolution/convolution_graph.h"

typedef cudnnBackendDescriptor_t descriptor;

/* Values are 16-byte aligned: slices begin at multiples of 8 channels of at least 2 bytes. */
enum { ALIGNMENT = 16 };

static cudnnDataType_t stored_as(gd_cuda_type type)
{
    switch (type) {
    case GD_CUDA_BF16:
        return CUDNN_DATA_BFLOAT16;
    case GD_CUDA_F16:
        return CUDNN_DATA_HALF;
    case GD_CUDA_F32:
        break;
    }
    return CUDNN_DATA_FLOAT;
}

/* Extents are [n, channels, rows, cols], cuDNN's order; the layout is NHWC, with `pitch` values from one
 * pixel to the next. */
static descriptor tensor_aligned(gd_descriptors *all, gd_conv_uid uid, cudnnDataType_t type,
                                 const int64_t extent[4], int64_t line, int64_t pitch, bool virtual,
                                 int64_t alignment)
{
    const descriptor made = gd_descriptor_make(all, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    const int64_t strides[4] = {extent[2] * line * pitch, 1, line * pitch, pitch};
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, extent);
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides);
    gd_descriptor_set_int(all, made, CUDNN_ATTR_TENSOR_UNIQUE_ID, uid);
    gd_descriptor_set_int(all, made, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, alignment);
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &virtual);
    gd_descriptor_finalize(all, made);
    return made;
}

static descriptor tensor(gd_descriptors *all, gd_conv_uid uid, cudnnDataType_t type, const int64_t extent[4],
                         int64_t line, int64_t pitch, bool virtual)
{
    return tensor_aligned(all, uid, type, extent, line, pitch, virtual, ALIGNMENT);
}

static descriptor tensor_x(gd_descriptors *all, const gd_conv_shape *s, gd_conv_uid uid)
{
    return tensor(all, uid, stored_as(s->type), (int64_t[4]){1, s->in, s->in_rows, s->in_cols}, s->in_line,
                  s->in_pitch, false);
}

static descriptor tensor_w(gd_descriptors *all, const gd_conv_shape *s)
{
    return tensor(all, GD_UID_W, stored_as(s->type),
                  (int64_t[4]){s->out, s->in, s->kernel_rows, s->kernel_cols}, s->kernel_cols, s->in, false);
}

static descriptor tensor_y(gd_descriptors *all, const gd_conv_shape *s, gd_conv_uid uid)
{
    return tensor(all, uid, stored_as(s->type), (int64_t[4]){1, s->out, s->out_rows, s->out_cols},
                  s->out_line, s->out_pitch, false);
}

static descriptor tensor_before(gd_descriptors *all, const gd_conv_shape *s)
{
    return (s->backward ? tensor_x : tensor_y)(all, s, GD_UID_BEFORE);
}

/* [n, channels, rows, cols] of what is computed. */
static void extent_of(const gd_conv_shape *s, int64_t extent[4])
{
    extent[0] = 1;
    extent[1] = s->backward ? s->in : s->out;
    extent[2] = s->backward ? s->in_rows : s->out_rows;
    extent[3] = s->backward ? s->in_cols : s->out_cols;
}

/* Values between two operations are dense and float32. */
static descriptor between(gd_descriptors *all, const gd_conv_shape *s, gd_conv_uid uid)
{
    int64_t extent[4];
    extent_of(s, extent);
    return tensor(all, uid, CUDNN_DATA_FLOAT, extent, extent[3], extent[1], true);
}

static descriptor tensor_mask(gd_descriptors *all, const gd_conv_shape *s)
{
    int64_t extent[4];
    extent_of(s, extent);
    return tensor_aligned(all, GD_UID_MASK, CUDNN_DATA_BOOLEAN, extent, s->mask_line, s->mask_pitch, false,
                          s->mask_alignment);
}

/* The bias has the type of the tensors, because cuDNN's precompiled engines accept no other. */
static descriptor tensor_bias(gd_descriptors *all, const gd_conv_shape *s)
{
    return tensor(all, GD_UID_BIAS, stored_as(s->type), (int64_t[4]){1, s->out, 1, 1}, 1, s->out, false);
}

static descriptor convolution(gd_descriptors *all, const gd_conv_shape *s)
{
    const descriptor made = gd_descriptor_make(all, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    const cudnnDataType_t sums = CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    const int64_t pads[2] = {s->pad_rows, s->pad_cols}, posts[2] = {s->post_rows, s->post_cols},
                  strides[2] = {s->stride, s->stride}, dense[2] = {1, 1};
    gd_descriptor_set_int(all, made, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2);
    gd_descriptor_set(all, made, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &sums);
    gd_descriptor_set(all, made, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
    gd_descriptor_set(all, made, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, pads);
    gd_descriptor_set(all, made, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, posts);
    gd_descriptor_set(all, made, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, strides);
    gd_descriptor_set(all, made, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, dense);
    gd_descriptor_finalize(all, made);
    return made;
}

static descriptor forward(gd_descriptors *all, const gd_conv_shape *s, descriptor y)
{
    const descriptor x = tensor_x(all, s, GD_UID_X), w = tensor_w(all, s), conv = convolution(all, s);
    const descriptor made = gd_descriptor_make(all, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    const float alpha = 1, beta = 0;
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, x);
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, w);
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y);
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, conv);
    gd_descriptor_set(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, &alpha);
    gd_descriptor_set(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, &beta);
    gd_descriptor_finalize(all, made);
    return made;
}

static descriptor backward(gd_descriptors *all, const gd_conv_shape *s, descriptor x)
{
    const descriptor w = tensor_w(all, s), y = tensor_y(all, s, GD_UID_Y), conv = convolution(all, s);
    const descriptor made =
        gd_descriptor_make(all, CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR);
    const float alpha = 1, beta = 0;
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, x);
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, w);
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, y);
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, conv);
    gd_descriptor_set(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, CUDNN_TYPE_FLOAT, 1,
                      &alpha);
    gd_descriptor_set(all, made, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, CUDNN_TYPE_FLOAT, 1, &beta);
    gd_descriptor_finalize(all, made);
    return made;
}

/* to = mode(from, other); other NULL for functions of one value. */
static descriptor pointwise(gd_descriptors *all, cudnnPointwiseMode_t mode, descriptor from, descriptor other,
                            descriptor to)
{
    const descriptor function = gd_descriptor_make(all, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    const cudnnDataType_t arithmetic = CUDNN_DATA_FLOAT;
    gd_descriptor_set(all, function, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
    gd_descriptor_set(all, function, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &arithmetic);
    gd_descriptor_finalize(all, function);
    const descriptor made = gd_descriptor_make(all, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, function);
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, from);
    if (other)
        gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, other);
    gd_descriptor_set_link(all, made, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, to);
    gd_descriptor_finalize(all, made);
    return made;
}

static descriptor tensor_zero(gd_descriptors *all)
{
    const descriptor made = gd_descriptor_make(all, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const int64_t one[4] = {1, 1, 1, 1};
    const bool by_value = true;
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, one);
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, one);
    gd_descriptor_set_int(all, made, CUDNN_ATTR_TENSOR_UNIQUE_ID, GD_UID_ZERO);
    gd_descriptor_set_int(all, made, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, ALIGNMENT);
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_IS_BY_VALUE, CUDNN_TYPE_BOOLEAN, 1, &by_value);
    gd_descriptor_finalize(all, made);
    return made;
}

enum { OPERATIONS_MAX = 5 };

/* The operations of a graph; each takes what the last one leaves. */
typedef struct chain {
    gd_descriptors *all;
    descriptor ops[OPERATIONS_MAX];
    int32_t count, last; /* last: of those that are to come, the one that leaves the result */
    descriptor at, result;
} chain;

/* Where the next operation leaves its values. */
static descriptor next_of(chain *c, const gd_conv_shape *s, gd_conv_uid uid)
{
    return c->count == c->last ? c->result : between(c->all, s, uid);
}

/* other NULL: of one value. */
static void append(chain *c, const gd_conv_shape *s, cudnnPointwiseMode_t mode, descriptor other,
                   gd_conv_uid uid)
{
    const descriptor to = next_of(c, s, uid);
    c->ops[c->count++] = pointwise(c->all, mode, c->at, other, to);
    c->at = to;
}

/* The convolution, then what its shape asks for, in the order of epilogue.h. A mask that is written is a
 * second reader of the ReLU's input. */
static chain operations(gd_descriptors *all, const gd_conv_shape *s)
{
    const bool applies = s->mask == GD_CONV_APPLIES_MASK;
    chain c = {.all = all, .last = s->sum + s->bias + s->relu + applies};
    c.result = s->backward ? tensor_x(all, s, GD_UID_X) : tensor_y(all, s, GD_UID_Y);
    c.at = next_of(&c, s, GD_UID_SUM);
    c.ops[c.count++] = (s->backward ? backward : forward)(all, s, c.at);
    if (s->sum)
        append(&c, s, CUDNN_POINTWISE_ADD, tensor_before(all, s), GD_UID_SUMMED);
    if (s->bias)
        append(&c, s, CUDNN_POINTWISE_ADD, tensor_bias(all, s), GD_UID_BIASED);
    if (s->mask == GD_CONV_WRITES_MASK)
        c.ops[c.last + 1] =
            pointwise(all, CUDNN_POINTWISE_CMP_GT, c.at, tensor_zero(all), tensor_mask(all, s));
    if (s->relu)
        append(&c, s, CUDNN_POINTWISE_RELU_FWD, NULL, GD_UID_Y);
    if (applies)
        append(&c, s, CUDNN_POINTWISE_MUL, tensor_mask(all, s), GD_UID_X);
    c.count += s->mask == GD_CONV_WRITES_MASK;
    return c;
}

cudnnBackendDescriptor_t gd_conv_graph(gd_descriptors *all, const gd_conv_shape *shape)
{
    const chain c = operations(all, shape);
    const descriptor graph = gd_descriptor_make(all, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    gd_descriptor_set(all, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, c.count,
                      c.ops);
    gd_descriptor_finalize(all, graph);
    return all->status == CUDNN_STATUS_SUCCESS ? graph : NULL;
}
