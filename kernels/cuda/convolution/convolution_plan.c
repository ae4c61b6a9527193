/* Makes plans from choices, and runs them on the stream of cuDNN's handle. */
#include "kernels/cuda/convolution/convolution_plan.h"

#include "kernels/cuda/convolution/convolution_engine.h"
#include "kernels/cuda/convolution/convolution_graph.h"
#include "kernels/cuda/convolution/convolution_notes.h"
#include "kernels/cuda/convolution/convolution_text.h"
#include "kernels/cuda/convolution/cudnn_state.h"

#include <inttypes.h>
#include <stdlib.h>

struct gd_conv_plan {
    gd_conv_shape shape;
    int64_t workspace;   /* bytes */
    gd_descriptors made; /* graph, engine, its settings, plan */
    cudnnBackendDescriptor_t plan;
};

static gd_status refused(const gd_conv_shape *shape, const gd_conv_choice *choice, const char *cause,
                         gd_error *error)
{
    char shape_text[GD_CONV_TEXT_MAX], choice_text[GD_CONV_TEXT_MAX], version[32];
    gd_conv_shape_text(shape, shape_text, sizeof shape_text);
    gd_conv_choice_text(choice, choice_text, sizeof choice_text);
    gd_cudnn_version(version, sizeof version);
    return gd_fail(
        error, GD_BACKEND,
        "cuDNN %s on this device cannot do the convolution %s by %s (%s): run on the kind of device and "
        "the version of cuDNN that chose it, or start afresh",
        version, shape_text, choice_text, cause);
}

gd_status gd_conv_plan_create(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_choice *choice,
                              gd_conv_plan **plan, gd_error *error)
{
    *plan = NULL;
    gd_conv_plan *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "a convolution plan of %zu bytes", sizeof *made);
    made->shape = *shape;
    const cudnnBackendDescriptor_t graph = gd_conv_graph(&made->made, shape);
    const cudnnBackendDescriptor_t engine = gd_conv_engine(&made->made, cudnn, graph, choice->engine);
    const gd_engine_notes notes = gd_engine_notes_read(&made->made, engine);
    made->plan = gd_conv_build(&made->made, cudnn, engine, choice, &made->workspace);
    gd_status status = GD_OK;
    if (made->made.status != CUDNN_STATUS_SUCCESS)
        status = refused(shape, choice, made->made.cause, error);
    else if (gd_engine_ruled_out(shape, notes))
        status = refused(shape, choice, "its notes rule it out", error);
    else if (made->workspace > choice->workspace)
        status = refused(shape, choice, "it needs more workspace here", error);
    if (status == GD_OK)
        *plan = made;
    else
        gd_conv_plan_free(made);
    return status;
}

void gd_conv_plan_free(gd_conv_plan *plan)
{
    if (!plan)
        return;
    gd_descriptors_free(&plan->made);
    free(plan);
}

gd_status gd_conv_plan_json(const gd_conv_plan *plan, char **json, gd_error *error)
{
    gd_descriptors all = {0};
    const int64_t bytes = gd_descriptor_get(&all, plan->plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                                            CUDNN_TYPE_CHAR, 0, NULL);
    *json = calloc((size_t)bytes + 1, 1);
    if (!*json)
        return gd_no_memory(error, "the text of a plan, %" PRId64 " bytes", bytes);
    gd_descriptor_get(&all, plan->plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, bytes,
                      *json);
    if (all.status == CUDNN_STATUS_SUCCESS)
        return GD_OK;
    free(*json);
    *json = NULL;
    return gd_fail(error, GD_BACKEND, "cuDNN does not write down its plan (%s): install cuDNN 9.8 or newer",
                   all.cause);
}

/* The tensors that a plan is given addresses for. */
typedef struct addresses {
    int64_t uids[7], count;
    const void *at[7];
} addresses;

static void give(addresses *a, bool wanted, gd_conv_uid uid, const void *at)
{
    if (!wanted)
        return;
    a->uids[a->count] = uid;
    a->at[a->count++] = at;
}

/* The addresses of one run. A sum reads the old values where it writes the result, which is safe: each value
 * is read once, by the thread that overwrites it. */
static cudnnBackendDescriptor_t variant_pack(gd_descriptors *all, const gd_conv_shape *s,
                                             const gd_conv_buffers *b)
{
    static const float zero = 0;
    addresses a = {0};
    give(&a, true, GD_UID_X, b->x);
    give(&a, true, GD_UID_W, b->w);
    give(&a, true, GD_UID_Y, b->y);
    give(&a, s->bias, GD_UID_BIAS, b->bias);
    give(&a, s->sum, GD_UID_BEFORE, s->backward ? b->x : b->y);
    give(&a, s->mask != GD_CONV_NO_MASK, GD_UID_MASK, b->mask);
    give(&a, s->mask == GD_CONV_WRITES_MASK, GD_UID_ZERO, &zero);
    const cudnnBackendDescriptor_t pack = gd_descriptor_make(all, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    gd_descriptor_set(all, pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, a.count, a.uids);
    gd_descriptor_set(all, pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, a.count, a.at);
    gd_descriptor_set(all, pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &b->workspace);
    gd_descriptor_finalize(all, pack);
    return pack;
}

gd_status gd_conv_plan_run(gd_cudnn *cudnn, const gd_conv_plan *plan, const gd_conv_buffers *buffers,
                           gd_error *error)
{
    gd_descriptors all = {0};
    const cudnnBackendDescriptor_t pack = variant_pack(&all, &plan->shape, buffers);
    gd_status status = GD_OK;
    if (all.status == CUDNN_STATUS_SUCCESS)
        gd_descriptors_note(&all, cudnnBackendExecute(cudnn->handle, plan->plan, pack));
    if (all.status != CUDNN_STATUS_SUCCESS) {
        char shape[GD_CONV_TEXT_MAX];
        gd_conv_shape_text(&plan->shape, shape, sizeof shape);
        status = gd_fail(
            error, GD_BACKEND,
            "cuDNN did not start the convolution %s (%s: %s): run again with --backend cpu, or report "
            "it with the log",
            shape, cudnnGetErrorString(all.status), all.cause);
    }
    gd_descriptors_free(&all);
    return status;
}
