/* Reads the JSON of a finalized cuDNN plan: what the plan computes. */
#include "standin/cudnn_plan.h"

#include <cjson/cJSON.h>
#include <float.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct reader {
    const cJSON *tensors, *nodes;
    gd_plan *plan;
    char *words;     /* [GD_PLAN_WORDS] */
    int tensors_met; /* of those in the list */
} reader;

bool gd_plan_refuse(char words[GD_PLAN_WORDS], const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(words, GD_PLAN_WORDS, format, values);
    va_end(values);
    return false;
}

/* names: what may stand in the object, separated and surrounded by blanks. */
static bool only(reader *r, const cJSON *object, const char *where, const char *names)
{
    const cJSON *item;
    if (!cJSON_IsObject(object))
        return gd_plan_refuse(r->words, "the plan's %s is not an object", where);
    cJSON_ArrayForEach(item, object)
    {
        char name[64];
        int length = snprintf(name, sizeof name, " %s ", item->string);
        if (length >= (int)sizeof name || !strstr(names, name))
            return gd_plan_refuse(r->words, "the plan's %s has \"%s\", which the stand-in does not know",
                                  where, item->string);
    }
    return true;
}

static const char *text(const cJSON *object, const char *name)
{
    const char *found = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return found ? found : "nothing";
}

static bool is_text(reader *r, const cJSON *object, const char *name, const char *wanted)
{
    const char *found = text(object, name);
    return strcmp(found, wanted) == 0 ||
           gd_plan_refuse(r->words, "the plan's %s is %s; the stand-in knows %s", name, found, wanted);
}

static bool is_number(reader *r, const cJSON *object, const char *name, double wanted)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(item))
        return gd_plan_refuse(r->words, "the plan has no number %s", name);
    return item->valuedouble == wanted ||
           gd_plan_refuse(r->words, "the plan's %s is %g; the stand-in knows %g", name, item->valuedouble,
                          wanted);
}

static bool is_false(reader *r, const cJSON *object, const char *name)
{
    return cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(object, name)) ||
           gd_plan_refuse(r->words, "the plan's tensor %s has %s", text(object, "name"), name);
}

static bool integers(reader *r, const cJSON *object, const char *name, int count, int64_t *values)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) != count)
        return gd_plan_refuse(r->words, "the plan's %s is not a list of %d numbers", name, count);
    for (int i = 0; i < count; i++)
        values[i] = (int64_t)cJSON_GetArrayItem(list, i)->valuedouble;
    return true;
}

static const cJSON *find_tensor(reader *r, const char *name)
{
    const cJSON *tensor;
    cJSON_ArrayForEach(tensor, r->tensors) if (strcmp(text(tensor, "name"), name) == 0) return tensor;
    gd_plan_refuse(r->words, "the plan names a tensor %s that it does not describe", name);
    return NULL;
}

static bool type_of(reader *r, const cJSON *tensor, gd_value_type *type)
{
    const char *name = text(tensor, "dataType");
    if (strcmp(name, "CUDNN_DATA_FLOAT") == 0)
        *type = GD_VALUE_F32;
    else if (strcmp(name, "CUDNN_DATA_BFLOAT16") == 0)
        *type = GD_VALUE_BF16;
    else if (strcmp(name, "CUDNN_DATA_HALF") == 0)
        *type = GD_VALUE_F16;
    else
        return gd_plan_refuse(r->words, "the plan's tensor %s is of %s, which the stand-in does not know",
                              text(tensor, "name"), name);
    return true;
}

static bool read_tensor(reader *r, const cJSON *tensor, gd_strided *shape, gd_plan_tensor *about)
{
    if (!only(r, tensor, "tensor",
              " name dataType dim stride isVirtual isByValue vectCount vectDim ptrAlignment reordering ") ||
        !is_false(r, tensor, "isByValue") || !is_number(r, tensor, "vectCount", 1) ||
        !is_number(r, tensor, "vectDim", -1) ||
        !is_text(r, tensor, "reordering", "CUDNN_TENSOR_REORDERING_NONE") ||
        !type_of(r, tensor, &shape->type) || !integers(r, tensor, "dim", 4, shape->dim) ||
        !integers(r, tensor, "stride", 4, shape->stride))
        return false;
    for (int i = 0; i < 4; i++)
        if (shape->dim[i] < 1 || shape->stride[i] < 1)
            return gd_plan_refuse(r->words, "the plan's tensor %s has an extent or stride below 1",
                                  text(tensor, "name"));
    char *end;
    about->uid = strtoll(text(tensor, "name"), &end, 10);
    if (*end)
        return gd_plan_refuse(r->words, "the plan's tensor %s has a name that is no number",
                              text(tensor, "name"));
    about->alignment =
        (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(tensor, "ptrAlignment"));
    if (about->alignment < 1)
        return gd_plan_refuse(r->words, "the plan's tensor %s has no alignment", text(tensor, "name"));
    r->tensors_met++;
    return true;
}

/* A tensor that a pointer is given for. */
static bool real(reader *r, const cJSON *node, const char *role, gd_strided *shape, gd_plan_tensor *about)
{
    const cJSON *tensor = find_tensor(r, text(node, role));
    return tensor && is_false(r, tensor, "isVirtual") && read_tensor(r, tensor, shape, about);
}

/* What node `at` leaves in `role`: a virtual float32 tensor that node at + 1 takes as X, or, after the last,
 * y. */
static bool result(reader *r, int at, const cJSON *node, const char *role)
{
    gd_plan *plan = r->plan;
    bool last = at + 1 == cJSON_GetArraySize(r->nodes);
    if (last)
        return real(r, node, role, &plan->convolve.y, &plan->y);
    const char *name = text(node, role);
    const cJSON *tensor = find_tensor(r, name);
    gd_strided shape;
    gd_plan_tensor about;
    if (!tensor || !read_tensor(r, tensor, &shape, &about))
        return false;
    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(tensor, "isVirtual")) || shape.type != GD_VALUE_F32)
        return gd_plan_refuse(
            r->words, "the plan's tensor %s between two operations is not virtual or not float32", name);
    return is_text(r, cJSON_GetArrayItem(r->nodes, at + 1), "X", name);
}

/* Before the first unit and behind the last one: one list where they are the same, else two. */
static bool read_padding(reader *r, const cJSON *node)
{
    gd_convolve *c = &r->plan->convolve;
    const bool both = cJSON_GetObjectItemCaseSensitive(node, "pad_lower") != NULL;
    if (both && cJSON_GetObjectItemCaseSensitive(node, "pad"))
        return gd_plan_refuse(r->words, "the plan's convolution has two paddings");
    return integers(r, node, both ? "pad_lower" : "pad", 2, c->pad) &&
           integers(r, node, both ? "pad_upper" : "pad", 2, c->post);
}

static bool read_convolution(reader *r, const cJSON *node)
{
    gd_plan *plan = r->plan;
    gd_convolve *c = &plan->convolve;
    c->backward =
        strcmp(text(node, "operation"), "CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR") == 0;
    const char *operation = c->backward ? "CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR"
                                        : "CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR";
    const char *names =
        c->backward ? " operation mode mathPrec alpha beta pad pad_lower pad_upper stride dilation dX W dY "
                    : " operation mode mathPrec alpha beta pad pad_lower pad_upper stride dilation X W Y ";
    if (!is_text(r, node, "operation", operation) || !only(r, node, "convolution", names) ||
        !is_text(r, node, "mode", "CUDNN_CROSS_CORRELATION") ||
        !is_text(r, node, "mathPrec", "CUDNN_DATA_FLOAT") || !is_number(r, node, "alpha", 1) ||
        !is_number(r, node, "beta", 0) || !read_padding(r, node) ||
        !integers(r, node, "stride", 2, c->step) || !integers(r, node, "dilation", 2, c->dilation) ||
        !real(r, node, c->backward ? "dX" : "X", &c->x, &plan->x) || !real(r, node, "W", &c->w, &plan->w))
        return false;
    return c->backward ? real(r, node, "dY", &c->y, &plan->y) : result(r, 0, node, "Y");
}

/* One value a channel is a bias, any other extent a sum. */
static bool read_add(reader *r, int at, const cJSON *node)
{
    gd_convolve *c = &r->plan->convolve;
    gd_strided shape = {0};
    gd_plan_tensor about;
    if (!only(r, node, "sum", " operation pointwiseMode mathPrec alpha1 alpha2 X B Y ") ||
        !real(r, node, "B", &shape, &about))
        return false;
    bool bias = !c->bias && shape.dim[2] == 1 && shape.dim[3] == 1;
    if (c->relu || (!bias && c->sum))
        return gd_plan_refuse(r->words, "the plan adds twice, or after its ReLU");
    *(bias ? &c->bias : &c->sum) = true;
    *(bias ? &c->b : &c->z) = shape;
    *(bias ? &r->plan->b : &r->plan->z) = about;
    return result(r, at, node, "Y");
}

static bool read_relu(reader *r, int at, const cJSON *node)
{
    if (r->plan->convolve.relu)
        return gd_plan_refuse(r->words, "the plan has two ReLUs");
    r->plan->convolve.relu = true;
    if (!only(r, node, "ReLU",
              " operation pointwiseMode mathPrec upperClip lowerClip lowerClipSlope alpha1 alpha2 X Y ") ||
        !is_number(r, node, "lowerClip", 0) || !is_number(r, node, "lowerClipSlope", 0))
        return false;
    const cJSON *upper = cJSON_GetObjectItemCaseSensitive(node, "upperClip");
    if (!cJSON_IsNumber(upper) || upper->valuedouble < FLT_MAX)
        return gd_plan_refuse(r->words, "the plan's ReLU has an upper bound");
    return result(r, at, node, "Y");
}

static bool read_pointwise(reader *r, int at, const cJSON *node)
{
    if (r->plan->convolve.backward)
        return gd_plan_refuse(r->words, "the plan has an operation after a backward convolution");
    if (!is_text(r, node, "operation", "CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR") ||
        !is_text(r, node, "mathPrec", "CUDNN_DATA_FLOAT") || !is_number(r, node, "alpha1", 1) ||
        !is_number(r, node, "alpha2", 1))
        return false;
    const char *mode = text(node, "pointwiseMode");
    if (strcmp(mode, "CUDNN_POINTWISE_ADD") == 0)
        return read_add(r, at, node);
    if (strcmp(mode, "CUDNN_POINTWISE_RELU_FWD") == 0)
        return read_relu(r, at, node);
    return gd_plan_refuse(r->words, "the plan has a %s, which the stand-in does not know", mode);
}

bool gd_plan_extents_agree(const gd_convolve *c)
{
    bool ok = c->w.dim[0] == c->y.dim[1] && c->w.dim[1] == c->x.dim[1] && c->x.dim[0] == c->y.dim[0];
    if (c->bias)
        ok = ok && c->b.dim[0] == 1 && c->b.dim[1] == c->y.dim[1] && c->b.dim[2] == 1 && c->b.dim[3] == 1;
    for (int k = 0; k < 2; k++) {
        ok = ok && c->step[k] > 0 && c->dilation[k] > 0 && c->pad[k] >= 0 && c->post[k] >= 0 &&
             c->w.dim[2 + k] <= GD_KERNEL_MAX;
        int64_t room = c->x.dim[2 + k] + c->pad[k] + c->post[k] - c->dilation[k] * (c->w.dim[2 + k] - 1) - 1;
        ok = ok && room >= 0 && room / c->step[k] + 1 == c->y.dim[2 + k];
    }
    return ok;
}

static bool extents_agree(reader *r)
{
    const gd_convolve *c = &r->plan->convolve;
    bool ok = gd_plan_extents_agree(c);
    for (int k = 0; c->sum && k < 4; k++)
        ok = ok && c->z.dim[k] == c->y.dim[k];
    return ok || gd_plan_refuse(r->words, "the extents of the plan's tensors do not fit together");
}

static bool read_graph(reader *r, const cJSON *graph)
{
    if (!only(r, graph, "operationGraph", " finalizeMode tensors nodes "))
        return false;
    r->tensors = cJSON_GetObjectItemCaseSensitive(graph, "tensors");
    r->nodes = cJSON_GetObjectItemCaseSensitive(graph, "nodes");
    int count = cJSON_GetArraySize(r->nodes);
    if (!cJSON_IsArray(r->tensors) || !cJSON_IsArray(r->nodes) || count < 1)
        return gd_plan_refuse(r->words, "the plan has no tensors or no operations");
    if (!read_convolution(r, cJSON_GetArrayItem(r->nodes, 0)))
        return false;
    for (int i = 1; i < count; i++)
        if (!read_pointwise(r, i, cJSON_GetArrayItem(r->nodes, i)))
            return false;
    if (r->tensors_met != cJSON_GetArraySize(r->tensors))
        return gd_plan_refuse(r->words, "the plan describes tensors that none of its operations names");
    return extents_agree(r);
}

bool gd_plan_parse(const char *json, size_t bytes, gd_plan *plan, char words[GD_PLAN_WORDS])
{
    memset(plan, 0, sizeof *plan);
    reader r = {.plan = plan, .words = words};
    cJSON *root = cJSON_ParseWithLength(json, bytes);
    const cJSON *engine = cJSON_GetObjectItemCaseSensitive(root, "engine");
    bool ok = root ? true : gd_plan_refuse(r.words, "the plan's text is no JSON");
    ok = ok && only(&r, root, "text", " cudnnVersion schemaVersion operationGraph GPUProfile engine ") &&
         is_number(&r, root, "schemaVersion", 4) &&
         only(&r, engine, "engine", " engineId smVersion knobChoices ") &&
         read_graph(&r, cJSON_GetObjectItemCaseSensitive(root, "operationGraph"));
    if (ok)
        plan->engine = (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(engine, "engineId"));
    cJSON_Delete(root);
    return ok;
}
