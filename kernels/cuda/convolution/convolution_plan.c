/* Plans made from a choice, and nothing but the choice. */
#include "kernels/cuda/convolution/convolution_graph.h"

#include <inttypes.h>
#include <stdlib.h>

cudnnBackendDescriptor_t gd_conv_engine(gd_descriptors *all, const gd_cudnn *cudnn,
                                        cudnnBackendDescriptor_t graph, int64_t index)
{
    const cudnnBackendDescriptor_t engine = gd_descriptor_make(all, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    gd_descriptor_set_link(all, engine, CUDNN_ATTR_ENGINE_OPERATION_GRAPH, graph);
    gd_descriptor_set_int(all, engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, index);
    gd_descriptor_set_link(all, engine, CUDNN_ATTR_ENGINE_DEVICEPROP, cudnn->device);
    gd_descriptor_finalize(all, engine);
    return engine;
}

/* An engine with the settings of a choice. */
static cudnnBackendDescriptor_t config_of(gd_descriptors *all, cudnnBackendDescriptor_t engine,
                                          const gd_conv_choice *choice)
{
    cudnnBackendDescriptor_t knobs[GD_KNOBS_MAX];
    for (int32_t k = 0; k < choice->knob_count; k++) {
        const cudnnBackendKnobType_t type = (cudnnBackendKnobType_t)choice->knobs[k];
        knobs[k] = gd_descriptor_make(all, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
        gd_descriptor_set(all, knobs[k], CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1, &type);
        gd_descriptor_set_int(all, knobs[k], CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, choice->values[k]);
        gd_descriptor_finalize(all, knobs[k]);
    }
    const cudnnBackendDescriptor_t config = gd_descriptor_make(all, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    gd_descriptor_set_link(all, config, CUDNN_ATTR_ENGINECFG_ENGINE, engine);
    if (choice->knob_count > 0)
        gd_descriptor_set(all, config, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                          choice->knob_count, knobs);
    gd_descriptor_finalize(all, config);
    return config;
}

cudnnBackendDescriptor_t gd_conv_build(gd_descriptors *all, const gd_cudnn *cudnn,
                                       cudnnBackendDescriptor_t engine, const gd_conv_choice *choice,
                                       int64_t *workspace)
{
    const cudnnBackendDescriptor_t config = config_of(all, engine, choice);
    const cudnnBackendDescriptor_t plan = gd_descriptor_make(all, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    gd_descriptor_set_link(all, plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
    gd_descriptor_set_link(all, plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, cudnn->device);
    gd_descriptor_finalize(all, plan);
    *workspace = 0;
    gd_descriptor_get(all, plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, workspace);
    return plan;
}

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
        return gd_fail(error, GD_MEMORY, "no memory for a convolution plan of %zu bytes", sizeof *made);
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
        return gd_fail(error, GD_MEMORY, "no memory for the text of a plan, %" PRId64 " bytes", bytes);
    gd_descriptor_get(&all, plan->plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, bytes,
                      *json);
    if (all.status == CUDNN_STATUS_SUCCESS)
        return GD_OK;
    free(*json);
    *json = NULL;
    return gd_fail(error, GD_BACKEND, "cuDNN does not write down its plan (%s): install cuDNN 9.8 or newer",
                   all.cause);
}
