/* Lists the engines that can compute a convolution, in the order in which they are tried. */
#include "kernels/cuda/convolution/convolution_search.h"

#include "kernels/cuda/convolution/convolution_engine.h"
#include "kernels/cuda/convolution/convolution_graph.h"
#include "kernels/cuda/convolution/convolution_notes.h"
#include "kernels/cuda/convolution/convolution_text.h"
#include "kernels/cuda/convolution/cudnn_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* More configurations than the heuristics were seen to return (40), and how many are asked for first. */
enum { CONFIGS_MAX = 64, CONFIGS_FIRST = 2 };

static void read_knob(gd_descriptors *all, cudnnBackendDescriptor_t from, int64_t *knob, int64_t *value)
{
    cudnnBackendKnobType_t type = CUDNN_KNOB_TYPE_COUNTS;
    gd_descriptor_get(all, from, CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1, &type);
    gd_descriptor_get(all, from, CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1, value);
    *knob = (int64_t)type;
}

/* false: the configuration cannot be expressed as a choice. */
static bool read_choice(cudnnBackendDescriptor_t config, gd_conv_choice *choice, gd_engine_notes *notes)
{
    gd_descriptors all = {0};
    *choice = (gd_conv_choice){0};
    cudnnBackendDescriptor_t engine = gd_descriptor_make(&all, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    gd_descriptor_get(&all, config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &engine);
    gd_descriptor_get(&all, engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &choice->engine);
    *notes = gd_engine_notes_read(&all, engine);
    choice->tensor_cores = gd_engine_on_tensor_cores(*notes);

    /* cuDNN returns 0 if asked for the number of knobs only */
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

/* State of a search for candidates. */
typedef struct search {
    gd_cudnn *cudnn;
    const gd_conv_shape *shape;
    int64_t budget;
    int64_t smallest; /* smallest workspace of the plans that could be made; -1: none */
    gd_descriptors graph_owner;
    cudnnBackendDescriptor_t graph;
    gd_conv_choice *found[2]; /* owned; [capacity] on tensor cores, and others */
    int32_t count[2];
    int32_t capacity;
    int32_t wanted;  /* the list that ends the search when it is full */
    char cause[256]; /* cuDNN's last refusal */
} search;

static bool is_over(const search *s)
{
    return s->count[s->wanted] == s->capacity;
}

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

/* Adds the choice if it is wanted, new, and can be made within the budget. */
static void consider(search *s, gd_conv_choice choice, gd_engine_notes notes)
{
    if (gd_engine_ruled_out(s->shape, notes) || known(s, &choice))
        return;
    const int32_t list = choice.tensor_cores ? 0 : 1;
    if (s->count[list] == s->capacity)
        return;
    gd_descriptors all = {0};
    const cudnnBackendDescriptor_t engine = gd_conv_engine(&all, s->cudnn, s->graph, choice.engine);
    gd_conv_build(&all, s->cudnn, engine, &choice, &choice.workspace);
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

/* Considers the first `capacity` configurations of the heuristics, in their order; none twice. */
static void ask(search *s, cudnnBackendHeurMode_t mode, int64_t capacity)
{
    gd_descriptors all = {0};
    cudnnBackendDescriptor_t configs[CONFIGS_MAX];
    const cudnnBackendDescriptor_t heuristics = gd_descriptor_make(&all, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    gd_descriptor_set_link(&all, heuristics, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, s->graph);
    gd_descriptor_set(&all, heuristics, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    if (s->cudnn->device)
        gd_descriptor_set_link(&all, heuristics, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, s->cudnn->device);
    gd_descriptor_finalize(&all, heuristics);
    for (int64_t c = 0; c < capacity; c++)
        configs[c] = gd_descriptor_make(&all, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    const int64_t count = gd_descriptor_get(&all, heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                            CUDNN_TYPE_BACKEND_DESCRIPTOR, capacity, configs);
    for (int64_t c = 0; c < count && !is_over(s); c++) {
        gd_conv_choice choice;
        gd_engine_notes notes;
        if (read_choice(configs[c], &choice, &notes))
            consider(s, choice, notes);
    }
    if (all.status != CUDNN_STATUS_SUCCESS)
        memcpy(s->cause, all.cause, sizeof s->cause);
    gd_descriptors_free(&all);
}

/* Considers every engine of the graph with the knobs that it has of itself. */
static void ask_each(search *s)
{
    gd_descriptors all = {0};
    int64_t engines = 0;
    gd_descriptor_get(&all, s->graph, CUDNN_ATTR_OPERATIONGRAPH_ENGINE_GLOBAL_COUNT, CUDNN_TYPE_INT64, 1,
                      &engines);
    for (int64_t e = 0; e < engines && !is_over(s); e++) {
        gd_descriptors own = {0};
        const cudnnBackendDescriptor_t engine = gd_conv_engine(&own, s->cudnn, s->graph, e);
        const gd_engine_notes notes = gd_engine_notes_read(&own, engine);
        if (own.status == CUDNN_STATUS_SUCCESS)
            consider(s, (gd_conv_choice){.engine = e, .tensor_cores = gd_engine_on_tensor_cores(notes)},
                     notes);
        gd_descriptors_free(&own);
    }
    gd_descriptors_free(&all);
}

/* Asks for the first configurations alone, and for all only if these do not do: cuDNN makes and checks each
 * one that it hands out, which takes most of a search. */
static void ask_all(search *s)
{
    if (s->capacity <= CONFIGS_FIRST && !s->shape->compiled)
        ask(s, CUDNN_HEUR_MODE_A, CONFIGS_FIRST);
    if (!is_over(s))
        ask(s, CUDNN_HEUR_MODE_A, CONFIGS_MAX);
    if (!is_over(s))
        ask(s, CUDNN_HEUR_MODE_FALLBACK, CONFIGS_MAX);
    if (s->shape->compiled && !is_over(s))
        ask_each(s);
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

/* Copies the candidates, those on tensor cores first; returns their number. */
static int32_t hand_over(const search *s, gd_conv_choice *choices)
{
    int32_t count = 0;
    for (int32_t list = 0; list < 2; list++) {
        for (int32_t c = 0; c < s->count[list] && count < s->capacity; c++)
            choices[count++] = s->found[list][c];
    }
    return count;
}

gd_status gd_conv_candidates(gd_cudnn *cudnn, const gd_conv_shape *shape, int64_t budget,
                             gd_conv_choice *choices, int32_t capacity, int32_t *count, gd_error *error)
{
    search s = {.cudnn = cudnn,
                .shape = shape,
                .budget = budget,
                .capacity = capacity,
                .wanted = gd_conv_wants_tensor_cores(shape) ? 0 : 1,
                .smallest = -1};
    gd_conv_choice *found = calloc(2 * (size_t)capacity, sizeof *found);
    *count = 0;
    if (!found)
        return gd_no_memory(error, "%d cuDNN engines to choose from", capacity);
    s.found[0] = found;
    s.found[1] = found + capacity;
    s.graph = gd_conv_graph(&s.graph_owner, shape);
    memcpy(s.cause, s.graph_owner.cause, sizeof s.cause);
    if (s.graph)
        ask_all(&s);
    *count = hand_over(&s, choices);
    const gd_status status = *count > 0 ? GD_OK : nothing_found(&s, error);
    gd_descriptors_free(&s.graph_owner);
    free(found);
    return status;
}
