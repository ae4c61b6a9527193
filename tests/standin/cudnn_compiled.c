/* Reads the operation graph of a plan that a driver would compile, descriptor by descriptor. */
#include "standin/cudnn_compiled.h"

#include "standin/cudnn_notes.h"

#include <float.h>
#include <string.h>

typedef cudnnBackendDescriptor_t descriptor;

typedef struct reader {
    gd_plan *plan;
    char *words;           /* [GD_PLAN_WORDS] */
    descriptor at, beside; /* what the operation before leaves, and what the ReLU reads; NULL: none yet */
    int64_t uids[16];
    descriptor tensors[16]; /* of these uids */
    int count;
} reader;

/* `count` values of `bytes` bytes each; zeros if there are not as many. */
static bool get(reader *r, descriptor from, cudnnBackendAttributeName_t name, int64_t count, size_t bytes,
                void *values)
{
    int64_t set;
    const void *found = gd_cudnn_note_get(from, name, &set);
    memset(values, 0, (size_t)count * bytes);
    if (!found || set != count)
        return gd_plan_refuse(r->words, "attribute %d of the graph has %lld values instead of %lld",
                              (int)name, (long long)set, (long long)count);
    memcpy(values, found, (size_t)count * bytes);
    return true;
}

static bool get_link(reader *r, descriptor from, cudnnBackendAttributeName_t name,
                     cudnnBackendDescriptorType_t type, descriptor *to)
{
    if (!get(r, from, name, 1, sizeof *to, to))
        return false;
    return gd_cudnn_note_is(*to, type) ||
           gd_plan_refuse(r->words,
                          "attribute %d of the graph names a descriptor that is gone or of another type",
                          (int)name);
}

static bool is_enum(reader *r, descriptor from, cudnnBackendAttributeName_t name, int32_t wanted)
{
    int32_t value;
    return get(r, from, name, 1, sizeof value, &value) &&
           (value == wanted ||
            gd_plan_refuse(r->words, "attribute %d of the graph is %d; the stand-in knows %d", (int)name,
                           (int)value, (int)wanted));
}

static bool is_float(reader *r, descriptor from, cudnnBackendAttributeName_t name, float wanted)
{
    float value;
    return get(r, from, name, 1, sizeof value, &value) &&
           (value == wanted ||
            gd_plan_refuse(r->words, "attribute %d of the graph is %g; the stand-in knows %g", (int)name,
                           (double)value, (double)wanted));
}

/* A uid names one descriptor of a graph, or tensors that are the same in all. */
static bool is_known(reader *r, descriptor tensor, int64_t uid)
{
    for (int i = 0; i < r->count; i++)
        if (r->uids[i] == uid && r->tensors[i] != tensor)
            return gd_plan_refuse(r->words, "two tensors of the graph have the number %lld", (long long)uid);
    if (r->count == (int)(sizeof r->uids / sizeof *r->uids))
        return gd_plan_refuse(r->words, "the graph has more tensors than the stand-in knows");
    r->uids[r->count] = uid;
    r->tensors[r->count++] = tensor;
    return true;
}

typedef struct tensor {
    cudnnDataType_t type;
    gd_strided shape; /* its type is set for values only */
    gd_plan_tensor about;
    bool is_virtual;
} tensor;

static bool read_type(reader *r, tensor *t)
{
    switch (t->type) {
    case CUDNN_DATA_BFLOAT16:
        t->shape.type = GD_VALUE_BF16;
        return true;
    case CUDNN_DATA_HALF:
        t->shape.type = GD_VALUE_F16;
        return true;
    case CUDNN_DATA_FLOAT:
    case CUDNN_DATA_BOOLEAN:
        t->shape.type = GD_VALUE_F32;
        return true;
    default:
        return gd_plan_refuse(
            r->words, "a tensor of the graph is of type %d, which the stand-in does not know", (int)t->type);
    }
}

static bool read_tensor(reader *r, descriptor from, tensor *t)
{
    memset(t, 0, sizeof *t);
    if (!get(r, from, CUDNN_ATTR_TENSOR_DATA_TYPE, 1, sizeof t->type, &t->type) ||
        !get(r, from, CUDNN_ATTR_TENSOR_DIMENSIONS, 4, sizeof(int64_t), t->shape.dim) ||
        !get(r, from, CUDNN_ATTR_TENSOR_STRIDES, 4, sizeof(int64_t), t->shape.stride) ||
        !get(r, from, CUDNN_ATTR_TENSOR_UNIQUE_ID, 1, sizeof t->about.uid, &t->about.uid) ||
        !get(r, from, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, 1, sizeof t->about.alignment, &t->about.alignment) ||
        !get(r, from, CUDNN_ATTR_TENSOR_IS_VIRTUAL, 1, 1, &t->is_virtual) || !read_type(r, t))
        return false;
    for (int i = 0; i < 4; i++)
        if (t->shape.dim[i] < 1 || t->shape.stride[i] < 1)
            return gd_plan_refuse(r->words, "tensor %lld of the graph has an extent or stride below 1",
                                  (long long)t->about.uid);
    return is_known(r, from, t->about.uid);
}

static bool read_link(reader *r, descriptor from, cudnnBackendAttributeName_t name, descriptor *to, tensor *t)
{
    return get_link(r, from, name, CUDNN_BACKEND_TENSOR_DESCRIPTOR, to) && read_tensor(r, *to, t);
}

/* A tensor of values that a pointer is given for. */
static bool real(reader *r, descriptor from, cudnnBackendAttributeName_t name, gd_strided *shape,
                 gd_plan_tensor *about)
{
    descriptor to;
    tensor t;
    if (!read_link(r, from, name, &to, &t))
        return false;
    *shape = t.shape;
    *about = t.about;
    return (!t.is_virtual && t.type != CUDNN_DATA_BOOLEAN) ||
           gd_plan_refuse(r->words, "tensor %lld of the graph is virtual or of booleans",
                          (long long)t.about.uid);
}

/* What an operation leaves: the result if it is the last in the chain, else a virtual float32 tensor. */
static bool leaves(reader *r, descriptor from, cudnnBackendAttributeName_t name, bool last)
{
    gd_convolve *c = &r->plan->convolve;
    tensor t;
    if (!read_link(r, from, name, &r->at, &t))
        return false;
    if (t.is_virtual == last || t.type == CUDNN_DATA_BOOLEAN || (!last && t.type != CUDNN_DATA_FLOAT))
        return gd_plan_refuse(
            r->words, "tensor %lld between two operations is not virtual or not float32, or the last is",
            (long long)t.about.uid);
    if (last) {
        *(c->backward ? &c->x : &c->y) = t.shape;
        *(c->backward ? &r->plan->x : &r->plan->y) = t.about;
    }
    return true;
}

static bool takes(reader *r, descriptor op, descriptor wanted)
{
    descriptor from;
    return get_link(r, op, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_BACKEND_TENSOR_DESCRIPTOR, &from) &&
           (from == wanted ||
            gd_plan_refuse(r->words, "an operation of the graph does not take what the one before leaves"));
}

static bool read_geometry(reader *r, descriptor op, cudnnBackendAttributeName_t name)
{
    gd_convolve *c = &r->plan->convolve;
    descriptor how;
    return get_link(r, op, name, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, &how) &&
           is_enum(r, how, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT) &&
           is_enum(r, how, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION) &&
           get(r, how, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, 2, sizeof(int64_t), c->pad) &&
           get(r, how, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, 2, sizeof(int64_t), c->post) &&
           get(r, how, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, 2, sizeof(int64_t), c->step) &&
           get(r, how, CUDNN_ATTR_CONVOLUTION_DILATIONS, 2, sizeof(int64_t), c->dilation);
}

static bool read_convolution(reader *r, descriptor op, bool last)
{
    gd_plan *p = r->plan;
    gd_convolve *c = &p->convolve;
    c->backward = gd_cudnn_note_is(op, CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR);
    if (c->backward)
        return is_float(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, 1) &&
               is_float(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, 0) &&
               read_geometry(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC) &&
               real(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, &c->w, &p->w) &&
               real(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, &c->y, &p->y) &&
               leaves(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, last);
    if (!gd_cudnn_note_is(op, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR))
        return gd_plan_refuse(r->words, "the graph does not begin with a convolution");
    return is_float(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1) &&
           is_float(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, 0) &&
           read_geometry(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC) &&
           real(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, &c->x, &p->x) &&
           real(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, &c->w, &p->w) &&
           leaves(r, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, last);
}

/* One value a channel is a bias, any other extent a sum. */
static bool read_add(reader *r, descriptor op)
{
    gd_convolve *c = &r->plan->convolve;
    gd_strided shape;
    gd_plan_tensor about;
    if (!real(r, op, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, &shape, &about))
        return false;
    const bool bias = !c->backward && shape.dim[2] == 1 && shape.dim[3] == 1;
    if (c->relu || c->mask != GD_NO_MASK || (bias ? c->bias : c->sum || c->bias))
        return gd_plan_refuse(r->words, "the graph adds twice, or after its ReLU or mask");
    *(bias ? &c->bias : &c->sum) = true;
    *(bias ? &c->b : &c->z) = shape;
    *(bias ? &r->plan->b : &r->plan->z) = about;
    return true;
}

/* One bit for each result, eight channels a byte. */
static bool read_mask(reader *r, descriptor op, cudnnBackendAttributeName_t name, gd_mask_kind kind)
{
    gd_convolve *c = &r->plan->convolve;
    descriptor at;
    tensor t;
    if (!read_link(r, op, name, &at, &t))
        return false;
    if (t.is_virtual || t.type != CUDNN_DATA_BOOLEAN || t.shape.stride[1] != 1 ||
        t.shape.stride[2] % 8 != 0 || t.shape.stride[3] % 8 != 0 || t.shape.stride[3] < t.shape.dim[1] ||
        t.shape.dim[1] % 8 != 0)
        return gd_plan_refuse(r->words,
                              "the mask of the graph, tensor %lld, is none of whole bytes for each pixel",
                              (long long)t.about.uid);
    if (c->mask != GD_NO_MASK)
        return gd_plan_refuse(r->words, "the graph has two masks");
    c->mask = kind;
    c->m = t.shape;
    r->plan->m = t.about;
    return true;
}

/* A value of the program that is passed with the pointers. */
static bool read_zero(reader *r, descriptor op)
{
    descriptor at;
    tensor t;
    char by_value;
    bool ok = get_link(r, op, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, CUDNN_BACKEND_TENSOR_DESCRIPTOR, &at) &&
              get(r, at, CUDNN_ATTR_TENSOR_IS_BY_VALUE, 1, 1, &by_value) &&
              get(r, at, CUDNN_ATTR_TENSOR_UNIQUE_ID, 1, sizeof t.about.uid, &t.about.uid) &&
              get(r, at, CUDNN_ATTR_TENSOR_DATA_TYPE, 1, sizeof t.type, &t.type) &&
              is_known(r, at, t.about.uid);
    if (ok && (!by_value || t.type != CUDNN_DATA_FLOAT))
        return gd_plan_refuse(r->words,
                              "what the mask is compared with is no float32 that is passed by value");
    if (ok)
        r->plan->zero = t.about.uid;
    return ok;
}

static bool read_pointwise(reader *r, descriptor op, bool last)
{
    gd_convolve *c = &r->plan->convolve;
    descriptor how;
    int32_t mode;
    if (!gd_cudnn_note_is(op, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR))
        return gd_plan_refuse(r->words, "the graph has a second operation that is not pointwise");
    if (!get_link(r, op, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_BACKEND_POINTWISE_DESCRIPTOR,
                  &how) ||
        !is_enum(r, how, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT) ||
        !get(r, how, CUDNN_ATTR_POINTWISE_MODE, 1, sizeof mode, &mode))
        return false;
    if (mode == CUDNN_POINTWISE_CMP_GT)
        return (c->relu || gd_plan_refuse(r->words, "the graph writes the mask of no ReLU")) &&
               takes(r, op, r->beside) && read_zero(r, op) &&
               read_mask(r, op, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, GD_WRITES_MASK);
    if (!takes(r, op, r->at))
        return false;
    r->beside = r->at;
    if (mode == CUDNN_POINTWISE_RELU_FWD && !c->relu && !c->backward) {
        c->relu = true;
    } else if (mode == CUDNN_POINTWISE_MUL && c->backward) {
        if (!read_mask(r, op, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, GD_APPLIES_MASK))
            return false;
    } else if (mode != CUDNN_POINTWISE_ADD) {
        return gd_plan_refuse(
            r->words,
            "the graph has a pointwise operation of mode %d, which the stand-in does not know there",
            (int)mode);
    } else if (!read_add(r, op)) {
        return false;
    }
    return leaves(r, op, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, last);
}

/* A comparison behind the ReLU stands beside the chain. */
static bool is_beside(descriptor op)
{
    char ignored[GD_PLAN_WORDS];
    reader r = {.words = ignored};
    descriptor how;
    int32_t mode;
    return get(&r, op, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, 1, sizeof how, &how) &&
           get(&r, how, CUDNN_ATTR_POINTWISE_MODE, 1, sizeof mode, &mode) && mode == CUDNN_POINTWISE_CMP_GT;
}

static bool read_graph(reader *r, descriptor graph)
{
    enum { MOST = 8 };
    descriptor ops[MOST];
    int64_t count;
    const void *found = gd_cudnn_note_get(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, &count);
    if (!found || count < 1 || count > MOST)
        return gd_plan_refuse(r->words, "the graph has %lld operations", (long long)count);
    memcpy(ops, found, (size_t)count * sizeof *ops);
    const int64_t chain = count - is_beside(ops[count - 1]);
    for (int64_t i = 0; i < count; i++)
        if (!(i == 0 ? read_convolution : read_pointwise)(r, ops[i], i == chain - 1))
            return false;
    return true;
}

static bool is_extent(const gd_strided *t, const gd_strided *wanted)
{
    return memcmp(t->dim, wanted->dim, sizeof t->dim) == 0;
}

static bool extents_agree(reader *r)
{
    const gd_convolve *c = &r->plan->convolve;
    const gd_strided *to = c->backward ? &c->x : &c->y;
    return gd_plan_extents_agree(c) && (!c->sum || is_extent(&c->z, to)) &&
                   (c->mask == GD_NO_MASK || is_extent(&c->m, to))
               ? true
               : gd_plan_refuse(r->words, "the extents of the graph's tensors do not fit together");
}

/* What a compiler would ask for is unknown. */
static int64_t workspace_of(int64_t engine)
{
    return engine == 4 ? 1000 : engine == 7 ? (int64_t)3 << 28 : engine == 9 ? 4096 : 0;
}

bool gd_cudnn_compile(descriptor plan, gd_plan *compiled, int64_t *workspace, char words[GD_PLAN_WORDS])
{
    descriptor config, engine, graph;
    memset(compiled, 0, sizeof *compiled);
    reader r = {.plan = compiled, .words = words};
    if (!get_link(&r, plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
                  &config) ||
        !get_link(&r, config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, &engine) ||
        !get_link(&r, engine, CUDNN_ATTR_ENGINE_OPERATION_GRAPH, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR,
                  &graph) ||
        !get(&r, engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, 1, sizeof compiled->engine, &compiled->engine) ||
        !read_graph(&r, graph) || !extents_agree(&r))
        return false;
    compiled->compiled = true;
    compiled->convolve.reversed = compiled->engine == 4;
    *workspace = workspace_of(compiled->engine);
    return true;
}
