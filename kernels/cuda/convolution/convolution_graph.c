/* Builds the operation graph of one convolution: tensors, the convolution, then sum, bias and ReLU if the
 * shape has them. */
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
static descriptor tensor(gd_descriptors *all, gd_conv_uid uid, cudnnDataType_t type, const int64_t extent[4],
                         int64_t line, int64_t pitch, bool virtual)
{
    const descriptor made = gd_descriptor_make(all, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    const int64_t strides[4] = {extent[2] * line * pitch, 1, line * pitch, pitch};
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, extent);
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides);
    gd_descriptor_set_int(all, made, CUDNN_ATTR_TENSOR_UNIQUE_ID, uid);
    gd_descriptor_set_int(all, made, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, ALIGNMENT);
    gd_descriptor_set(all, made, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &virtual);
    gd_descriptor_finalize(all, made);
    return made;
}

static descriptor tensor_x(gd_descriptors *all, const gd_conv_shape *s)
{
    return tensor(all, GD_UID_X, stored_as(s->type), (int64_t[4]){1, s->in, s->in_rows, s->in_cols},
                  s->in_line, s->in_pitch, false);
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

/* Values between two operations are dense and float32. */
static descriptor between(gd_descriptors *all, const gd_conv_shape *s, gd_conv_uid uid)
{
    return tensor(all, uid, CUDNN_DATA_FLOAT, (int64_t[4]){1, s->out, s->out_rows, s->out_cols}, s->out_cols,
                  s->out, true);
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
    const descriptor x = tensor_x(all, s), w = tensor_w(all, s), conv = convolution(all, s);
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

/* Booleans of the results, [rows, cols, channels]. */
static descriptor tensor_mask(gd_descriptors *all, const int64_t extent[4])
{
    return tensor(all, GD_UID_MASK, CUDNN_DATA_BOOLEAN, extent, extent[3], extent[1], false);
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

static int32_t backward_operations(gd_descriptors *all, const gd_conv_shape *s, bool masked,
                                   descriptor ops[OPERATIONS_MAX])
{
    const int64_t extent[4] = {1, s->in, s->in_rows, s->in_cols};
    const descriptor x = tensor_x(all, s);
    if (!masked) {
        ops[0] = backward(all, s, x);
        return 1;
    }
    const descriptor sums = tensor(all, GD_UID_SUM, CUDNN_DATA_FLOAT, extent, s->in_cols, s->in, true);
    ops[0] = backward(all, s, sums);
    ops[1] = pointwise(all, CUDNN_POINTWISE_MUL, sums, tensor_mask(all, extent), x);
    return 2;
}

/* Makes the operations of a shape, in order; returns their number. */
static int32_t operations(gd_descriptors *all, const gd_conv_shape *s, bool masked,
                          descriptor ops[OPERATIONS_MAX])
{
    int32_t count = 0;
    if (s->backward)
        return backward_operations(all, s, masked, ops);
    const descriptor y = tensor_y(all, s, GD_UID_Y);
    descriptor at = s->sum || s->bias || s->relu ? between(all, s, GD_UID_SUM) : y;
    ops[count++] = forward(all, s, at);
    if (s->sum) {
        const descriptor to = s->bias || s->relu ? between(all, s, GD_UID_SUMMED) : y;
        ops[count++] = pointwise(all, CUDNN_POINTWISE_ADD, at, tensor_y(all, s, GD_UID_BEFORE), to);
        at = to;
    }
    if (s->bias) {
        const descriptor to = s->relu ? between(all, s, GD_UID_BIASED) : y;
        ops[count++] = pointwise(all, CUDNN_POINTWISE_ADD, at, tensor_bias(all, s), to);
        at = to;
    }
    if (s->relu)
        ops[count++] = pointwise(all, CUDNN_POINTWISE_RELU_FWD, at, NULL, y);
    if (s->relu && masked)
        ops[count++] = pointwise(all, CUDNN_POINTWISE_CMP_GT, at, tensor_zero(all),
                                 tensor_mask(all, (int64_t[4]){1, s->out, s->out_rows, s->out_cols}));
    return count;
}

static descriptor graph_of(gd_descriptors *all, const gd_conv_shape *shape, bool masked)
{
    descriptor ops[OPERATIONS_MAX];
    const int32_t count = operations(all, shape, masked, ops);
    const descriptor graph = gd_descriptor_make(all, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    gd_descriptor_set(all, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, count, ops);
    gd_descriptor_finalize(all, graph);
    return all->status == CUDNN_STATUS_SUCCESS ? graph : NULL;
}

cudnnBackendDescriptor_t gd_conv_graph(gd_descriptors *all, const gd_conv_shape *shape)
{
    return graph_of(all, shape, false);
}

cudnnBackendDescriptor_t gd_conv_graph_masked(gd_descriptors *all, const gd_conv_shape *shape)
{
    return graph_of(all, shape, true);
}
