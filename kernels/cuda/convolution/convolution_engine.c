/* Builds cuDNN's engines and execution plans from a choice, without asking its heuristics. */
#include "kernels/cuda/convolution/convolution_engine.h"

#include "kernels/cuda/convolution/cudnn_state.h"

cudnnBackendDescriptor_t gd_conv_engine(gd_descriptors *all, const gd_cudnn *cudnn,
                                        cudnnBackendDescriptor_t graph, int64_t index)
{
    const cudnnBackendDescriptor_t engine = gd_descriptor_make(all, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    gd_descriptor_set_link(all, engine, CUDNN_ATTR_ENGINE_OPERATION_GRAPH, graph);
    gd_descriptor_set_int(all, engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, index);
    if (cudnn->device)
        gd_descriptor_set_link(all, engine, CUDNN_ATTR_ENGINE_DEVICEPROP, cudnn->device);
    gd_descriptor_finalize(all, engine);
    return engine;
}

/* Configuration of an engine with the knobs of a choice. */
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
    if (cudnn->device)
        gd_descriptor_set_link(all, plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, cudnn->device);
    else
        gd_descriptor_set(all, plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &cudnn->handle);
    gd_descriptor_finalize(all, plan);
    *workspace = 0;
    gd_descriptor_get(all, plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, workspace);
    return plan;
}
