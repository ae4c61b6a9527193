/* From a convolution to a finalized cuDNN plan, for tests. */
#include "standin/plan_of.h"

#include "check.h"

#include <string.h>

static void check(cudnnStatus_t status, const char *what)
{
    if (status != CUDNN_STATUS_SUCCESS)
        fail_msg("%s: %s", what, cudnnGetErrorString(status));
}

static cudnnBackendDescriptor_t make(plan_of *p, cudnnBackendDescriptorType_t type)
{
    assert_true(p->count < PLAN_DESCRIPTORS);
    check(cudnnBackendCreateDescriptor(type, &p->made[p->count]), "create");
    return p->made[p->count++];
}

static void set(cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name,
                cudnnBackendAttributeType_t type, int64_t count, const void *values)
{
    check(cudnnBackendSetAttribute(d, name, type, count, values), "set");
}

static void link_to(cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t to)
{
    set(d, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &to);
}

static cudnnBackendDescriptor_t done(cudnnBackendDescriptor_t d)
{
    check(cudnnBackendFinalize(d), "finalize");
    return d;
}

static cudnnBackendDescriptor_t tensor(plan_of *p, int64_t uid, const gd_strided *t, bool is_virtual)
{
    static const cudnnDataType_t types[] = {CUDNN_DATA_FLOAT, CUDNN_DATA_BFLOAT16, CUDNN_DATA_HALF};
    cudnnBackendDescriptor_t d = make(p, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    int64_t alignment = 16;
    cudnnDataType_t type = is_virtual ? CUDNN_DATA_FLOAT : types[t->type];
    set(d, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    set(d, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, t->dim);
    set(d, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, t->stride);
    set(d, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &uid);
    set(d, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
    set(d, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual);
    return done(d);
}

static cudnnBackendDescriptor_t geometry(plan_of *p, const gd_convolve *c)
{
    cudnnBackendDescriptor_t d = make(p, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    int64_t axes = 2;
    cudnnDataType_t type = CUDNN_DATA_FLOAT;
    cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    set(d, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &axes);
    set(d, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    set(d, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
    set(d, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, c->pad);
    set(d, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, c->post);
    set(d, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, c->step);
    set(d, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, c->dilation);
    return done(d);
}

static cudnnBackendDescriptor_t convolution(plan_of *p, const gd_convolve *c, cudnnBackendDescriptor_t y)
{
    float one = 1, zero = 0;
    bool back = c->backward;
    cudnnBackendDescriptor_t d = make(p, back ? CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR
                                              : CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    link_to(d,
            back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
            tensor(p, PLAN_X, &c->x, false));
    link_to(d,
            back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
            tensor(p, PLAN_W, &c->w, false));
    link_to(d,
            back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
            y);
    link_to(d,
            back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC
                 : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
            geometry(p, c));
    set(d,
        back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA
             : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
        CUDNN_TYPE_FLOAT, 1, &one);
    set(d,
        back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
        CUDNN_TYPE_FLOAT, 1, &zero);
    return done(d);
}

static cudnnBackendDescriptor_t pointwise(plan_of *p, cudnnPointwiseMode_t mode, cudnnBackendDescriptor_t x,
                                          cudnnBackendDescriptor_t b, cudnnBackendDescriptor_t y)
{
    cudnnDataType_t type = CUDNN_DATA_FLOAT;
    cudnnBackendDescriptor_t how = make(p, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    set(how, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
    set(how, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &type);
    cudnnBackendDescriptor_t d = make(p, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    link_to(d, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, done(how));
    link_to(d, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    if (b)
        link_to(d, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b);
    link_to(d, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    return done(d);
}

static cudnnBackendDescriptor_t graph(plan_of *p, const gd_convolve *c)
{
    cudnnBackendDescriptor_t operations[3], at = tensor(p, 100, &c->y, true), next = NULL;
    cudnnBackendDescriptor_t y = tensor(p, PLAN_Y, &c->y, false);
    int count = 0;
    operations[count++] = convolution(p, c, c->bias || c->relu ? at : y);
    if (c->bias) {
        next = c->relu ? tensor(p, 101, &c->y, true) : y;
        operations[count++] = pointwise(p, CUDNN_POINTWISE_ADD, at, tensor(p, PLAN_B, &c->b, false), next);
        at = next;
    }
    if (c->relu)
        operations[count++] = pointwise(p, CUDNN_POINTWISE_RELU_FWD, at, NULL, y);
    cudnnBackendDescriptor_t d = make(p, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    set(d, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, count, operations);
    return done(d);
}

static bool wanted(plan_of *p, const gd_convolve *c, cudnnBackendDescriptor_t config)
{
    cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    int64_t count = 0;
    bool rounds = false;
    cudnnBackendDescriptor_t engine = make(p, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    check(cudnnBackendGetAttribute(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                                   &count, &engine),
          "engine");
    check(cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                   CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &count, notes),
          "notes");
    for (int64_t i = 0; i < count; i++) {
        if (notes[i] == CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)
            return false;
        rounds = rounds || notes[i] == CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
    }
    return c->x.type != GD_VALUE_F32 || rounds == c->tf32;
}

static bool try_mode(cudnnHandle_t handle, plan_of *p, const gd_convolve *c,
                     cudnnBackendDescriptor_t operations, cudnnBackendDescriptor_t device,
                     cudnnBackendHeurMode_t mode)
{
    enum { MOST = 30 };
    cudnnBackendDescriptor_t configs[MOST], ranking = make(p, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    int64_t count = 0;
    link_to(ranking, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, operations);
    set(ranking, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    link_to(ranking, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, device);
    if (cudnnBackendFinalize(ranking) != CUDNN_STATUS_SUCCESS)
        return false;
    for (int i = 0; i < MOST; i++)
        configs[i] = make(p, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    check(cudnnBackendGetAttribute(ranking, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                   MOST, &count, configs),
          "results");
    for (int64_t i = 0; i < count && i < MOST; i++) {
        if (!wanted(p, c, configs[i]))
            continue;
        p->plan = make(p, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
        link_to(p->plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configs[i]);
        set(p->plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
        if (cudnnBackendFinalize(p->plan) == CUDNN_STATUS_SUCCESS)
            return true;
    }
    return false;
}

void plan_make(cudnnHandle_t handle, const gd_convolve *c, plan_of *p)
{
    int64_t count;
    memset(p, 0, sizeof *p);
    cudnnBackendDescriptor_t device = make(p, CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    set(device, CUDNN_ATTR_DEVICEPROP_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
    done(device);
    cudnnBackendDescriptor_t operations = graph(p, c);
    if (!try_mode(handle, p, c, operations, device, CUDNN_HEUR_MODE_A) &&
        !try_mode(handle, p, c, operations, device, CUDNN_HEUR_MODE_FALLBACK))
        fail_msg("no engine for the convolution");
    check(cudnnBackendGetAttribute(p->plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1,
                                   &count, &p->workspace),
          "workspace");
}

void plan_free(plan_of *p)
{
    while (p->count)
        check(cudnnBackendDestroyDescriptor(p->made[--p->count]), "destroy");
}

cudnnBackendDescriptor_t plan_pack(plan_of *p, int count, const int64_t *uids, void *const *pointers,
                                   void *workspace, bool finalize)
{
    cudnnBackendDescriptor_t d = make(p, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    set(d, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, uids);
    set(d, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, (const void *)pointers);
    set(d, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace);
    return finalize ? done(d) : d;
}
