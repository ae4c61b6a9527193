/* Which engines can do a convolution, in which order they are tried, and plans made from a choice. */
#include "kernels/cuda/convolution_graph.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* More than any heuristics have been seen to answer. */
enum { CONFIGS_MAX = 64 };

/* What an engine's notes say about it, one bit a note. */
typedef struct engine_notes {
    uint64_t numerical, behaviour;
} engine_notes;

static uint64_t bit(int32_t note)
{
    return (uint64_t)1 << note;
}

static uint64_t read_notes(gd_descriptors *all, cudnnBackendDescriptor_t engine,
                           cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type)
{
    int32_t notes[32]; /* both enums are of this size */
    const int64_t count = gd_descriptor_get(all, engine, name, type, 32, notes);
    uint64_t bits = 0;
    for (int64_t n = 0; n < count && n < 32; n++)
        bits |= bit(notes[n]);
    return bits;
}

_Static_assert(sizeof(cudnnBackendNumericalNote_t) == sizeof(int32_t), "read_notes reads them as int32_t");
_Static_assert(sizeof(cudnnBackendBehaviorNote_t) == sizeof(int32_t), "read_notes reads them as int32_t");

/* Notes that rule an engine out for this shape.
 * - Nondeterministic: adds with atomics.
 * - Reduced precision reduction: partial sums are rounded to the tensors' type, while sums are float32 here.
 * - FFT and Winograd on 16-bit tensors: the transformed inputs are rounded once more, after sums that grow
 * them (Lavin and Gray 2016, arXiv:1509.09308); in float32 that costs a few units in the last place only. The
 * tiles of 6x6 and 13x13 lose digits in float32 as well.
 * - fp32 without tf32: what runs on tensor cores, or rounds its inputs down. */
static uint64_t unwanted(const gd_conv_shape *shape)
{
    uint64_t notes = bit(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC) |
                     bit(CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION) | bit(CUDNN_NUMERICAL_NOTE_FFT) |
                     bit(CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6) |
                     bit(CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13);
    if (shape->type != GD_CUDA_F32)
        notes |= bit(CUDNN_NUMERICAL_NOTE_WINOGRAD) | bit(CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4);
    else if (!shape->tf32)
        notes |= bit(CUDNN_NUMERICAL_NOTE_TENSOR_CORE) | bit(CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS);
    return notes;
}

/* Engines that compile at run time need the driver and NVRTC, so that a plan could not be made beforehand;
 * reordered filters are for int8. That an engine has no *native* CUDA graph does not matter: its launches are
 * captured from the stream. */
static uint64_t unusable(void)
{
    return bit(CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION) |
           bit(CUDNN_BEHAVIOR_NOTE_REQUIRES_FILTER_INT8x32_REORDER) |
           bit(CUDNN_BEHAVIOR_NOTE_REQUIRES_BIAS_INT8x32_REORDER);
}

static void read_knob(gd_descriptors *all, cudnnBackendDescriptor_t from, int64_t *knob, int64_t *value)
{
    cudnnBackendKnobType_t type = CUDNN_KNOB_TYPE_COUNTS;
    gd_descriptor_get(all, from, CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1, &type);
    gd_descriptor_get(all, from, CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1, value);
    *knob = (int64_t)type;
}

/* false: the configuration cannot be written down as a choice. */
static bool read_choice(cudnnBackendDescriptor_t config, gd_conv_choice *choice, engine_notes *notes)
{
    gd_descriptors all = {0};
    *choice = (gd_conv_choice){0};
    cudnnBackendDescriptor_t engine = gd_descriptor_make(&all, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    gd_descriptor_get(&all, config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &engine);
    gd_descriptor_get(&all, engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &choice->engine);
    notes->numerical = read_notes(&all, engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE);
    notes->behaviour = read_notes(&all, engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE);
    choice->tensor_cores = notes->numerical & bit(CUDNN_NUMERICAL_NOTE_TENSOR_CORE);

    /* asked for their number alone, cuDNN says 0 */
    cudnnBackendDescriptor_t knobs[GD_KNOBS_MAX];
    for (int32_t k = 0; k < GD_KNOBS_MAX; k++)
        knobs[k] = gd_descriptor_make(&all, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
    const int64_t count = gd_descriptor_get(&all, config, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES,
                                            CUDNN_TYPE_BACKEND_DESCRIPTOR, GD_KNOBS_MAX, knobs);
    const bool fits = count < GD_KNOBS_MAX;
    choice->knob_count = fits ? (int32_t)count : 0;
    for (int32_t k = 0; k < choice->knob_count; k++)
        read_knob(&all, knobs[k], &choice->knobs[k], &choice->values[k]);
    const bool read = all.status == CUDNN_STATUS_SUCCESS && fits;
    gd_descriptors_free(&all);
    return read;
}

static cudnnBackendDescriptor_t engine_of(gd_descriptors *all, const gd_cudnn *cudnn,
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
static cudnnBackendDescriptor_t config_of(gd_descriptors *all, const gd_cudnn *cudnn,
                                          cudnnBackendDescriptor_t graph, const gd_conv_choice *choice)
{
    const cudnnBackendDescriptor_t engine = engine_of(all, cudnn, graph, choice->engine);
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

/* A plan from the choice's engine and knobs; all->status says whether it can be. */
static cudnnBackendDescriptor_t plan_of(gd_descriptors *all, const gd_cudnn *cudnn,
                                        cudnnBackendDescriptor_t graph, const gd_conv_choice *choice,
                                        int64_t *workspace)
{
    const cudnnBackendDescriptor_t config = config_of(all, cudnn, graph, choice);
    const cudnnBackendDescriptor_t plan = gd_descriptor_make(all, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    gd_descriptor_set_link(all, plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
    gd_descriptor_set_link(all, plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, cudnn->device);
    gd_descriptor_finalize(all, plan);
    *workspace = 0;
    gd_descriptor_get(all, plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, workspace);
    return plan;
}

/* What a search for candidates has come by. */
typedef struct search {
    gd_cudnn *cudnn;
    const gd_conv_shape *shape;
    int64_t budget;
    int64_t smallest; /* workspace of all plans that could be made, -1: none */
    gd_descriptors graph_owner;
    cudnnBackendDescriptor_t graph;
    gd_conv_choice *found[2]; /* owned; [room] on tensor cores, and others */
    int32_t count[2];
    int32_t room;
    char cause[256]; /* cuDNN's last refusal */
} search;

static bool same_choice(const gd_conv_choice *a, const gd_conv_choice *b)
{
    const size_t bytes = (size_t)a->knob_count * sizeof *a->knobs;
    return a->engine == b->engine && a->knob_count == b->knob_count && !memcmp(a->knobs, b->knobs, bytes) &&
           !memcmp(a->values, b->values, bytes);
}

static bool known(const search *s, const gd_conv_choice *choice)
{
    const int32_t list = choice->tensor_cores ? 0 : 1;
    for (int32_t c = 0; c < s->count[list]; c++) {
        if (same_choice(&s->found[list][c], choice))
            return true;
    }
    return false;
}

/* Adds the configuration if it is wanted, new, and can be made within the budget. */
static void consider(search *s, cudnnBackendDescriptor_t config)
{
    gd_conv_choice choice;
    engine_notes notes;
    if (!read_choice(config, &choice, &notes) || notes.numerical & unwanted(s->shape) ||
        notes.behaviour & unusable() || known(s, &choice))
        return;
    const int32_t list = choice.tensor_cores ? 0 : 1;
    if (s->count[list] == s->room)
        return;
    gd_descriptors all = {0};
    plan_of(&all, s->cudnn, s->graph, &choice, &choice.workspace);
    if (all.status != CUDNN_STATUS_SUCCESS) {
        memcpy(s->cause, all.cause, sizeof s->cause);
    } else {
        if (s->smallest < 0 || choice.workspace < s->smallest)
            s->smallest = choice.workspace;
        if (choice.workspace <= s->budget)
            s->found[list][s->count[list]++] = choice;
    }
    gd_descriptors_free(&all);
}

/* Considers what the heuristics answer, in their order. */
static void ask(search *s, cudnnBackendHeurMode_t mode)
{
    gd_descriptors all = {0};
    const cudnnBackendDescriptor_t heuristics = gd_descriptor_make(&all, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    gd_descriptor_set_link(&all, heuristics, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, s->graph);
    gd_descriptor_set(&all, heuristics, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    gd_descriptor_set_link(&all, heuristics, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, s->cudnn->device);
    gd_descriptor_finalize(&all, heuristics);
    int64_t count = gd_descriptor_get(&all, heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                      CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, NULL);
    cudnnBackendDescriptor_t configs[CONFIGS_MAX];
    count = count < CONFIGS_MAX ? count : CONFIGS_MAX;
    for (int64_t c = 0; c < count; c++)
        configs[c] = gd_descriptor_make(&all, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    if (count > 0)
        count = gd_descriptor_get(&all, heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                  CUDNN_TYPE_BACKEND_DESCRIPTOR, count, configs);
    for (int64_t c = 0; c < count && s->count[0] < s->room; c++)
        consider(s, configs[c]);
    if (all.status != CUDNN_STATUS_SUCCESS)
        memcpy(s->cause, all.cause, sizeof s->cause);
    gd_descriptors_free(&all);
}

static gd_status nothing_found(const search *s, gd_error *error)
{
    char shape[GD_CONV_TEXT_MAX], version[32];
    gd_conv_shape_text(s->shape, shape, sizeof shape);
    gd_cudnn_version(version, sizeof version);
    if (s->smallest >= 0)
        return gd_fail(error, GD_BACKEND,
                       "the convolution %s needs %" PRId64
                       " bytes of workspace in cuDNN %s, and may take %" PRId64 ": take a smaller -ts",
                       shape, s->smallest, version, s->budget);
    return gd_fail(
        error, GD_BACKEND,
        "cuDNN %s has no deterministic engine for the convolution %s on this device (%s): try another "
        "--precision, or --backend cpu",
        version, shape, s->cause[0] ? s->cause : "all that it offers are ruled out by their notes");
}

/* Those on tensor cores first. */
static int32_t hand_over(const search *s, gd_conv_choice *choices)
{
    int32_t count = 0;
    for (int32_t list = 0; list < 2; list++) {
        for (int32_t c = 0; c < s->count[list] && count < s->room; c++)
            choices[count++] = s->found[list][c];
    }
    return count;
}

gd_status gd_conv_candidates(gd_cudnn *cudnn, const gd_conv_shape *shape, int64_t budget,
                             gd_conv_choice *choices, int32_t room, int32_t *count, gd_error *error)
{
    search s = {.cudnn = cudnn, .shape = shape, .budget = budget, .room = room, .smallest = -1};
    gd_conv_choice *found = calloc(2 * (size_t)room, sizeof *found);
    *count = 0;
    if (!found)
        return gd_fail(error, GD_MEMORY, "no memory for %d cuDNN engines to choose from", room);
    s.found[0] = found;
    s.found[1] = found + room;
    s.graph = gd_conv_graph(&s.graph_owner, shape);
    memcpy(s.cause, s.graph_owner.cause, sizeof s.cause);
    if (s.graph)
        ask(&s, CUDNN_HEUR_MODE_A);
    if (s.graph && s.count[0] < room)
        ask(&s, CUDNN_HEUR_MODE_FALLBACK);
    *count = hand_over(&s, choices);
    const gd_status status = *count > 0 ? GD_OK : nothing_found(&s, error);
    gd_descriptors_free(&s.graph_owner);
    free(found);
    return status;
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
    if (graph)
        made->plan = plan_of(&made->made, cudnn, graph, choice, &made->workspace);
    gd_status status = GD_OK;
    if (made->made.status != CUDNN_STATUS_SUCCESS)
        status = refused(shape, choice, made->made.cause, error);
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
