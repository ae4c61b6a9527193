/* The engines of cuDNN for the convolutions of one window, timed: for gpu-check and by hand.
 *
 *   engines [--layer NAME] [--side N] [--precision bf16|fp16|tf32|fp32] [--seconds N] [--described h100]
 *
 * Prints a line of JSON for each convolution and engine: the shape, the engine with its knobs, the seconds of
 * a run or why it was refused, and whether the program takes it without --autotune. First come all that
 * --autotune would choose from in advance. Then, the largest convolutions first and until --seconds have
 * passed, engines that are compiled at run time ("fused"), where the other ones leave a sum or a mask to a
 * kernel of ours, for the graph that does it too: these need a driver. Tensors hold random values, since GPUs
 * are faster on zeros. --described makes plans alone, for a device that need not be here. */
#include "base/apart/apart.h"
#include "base/clock.h"
#include "base/minmax.h"
#include "base/round.h"
#include "kernels/cuda/compiled.h"
#include "kernels/cuda/convolution/autotune.h"
#include "kernels/cuda/convolution/convolution_search.h"
#include "kernels/cuda/convolution/convolution_text.h"
#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/stored.h"
#include "net/lower/lower.h"
#include "precision_named.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES = 16 };

/* Those of cuDNN 9 that are compiled at run time, by their indices for such graphs. */
static const int64_t fused_engines[] = {4, 7, 9, 10, 1};
enum { FUSED_ENGINES = sizeof fused_engines / sizeof *fused_engines };

typedef struct options {
    const char *layer, *described;
    gd_precision precision;
    int32_t side;
    double seconds;
} options;

/* A convolution by engines that are compiled in advance and, with the whole epilogue, at run time. */
typedef struct pair {
    gd_conv_shape plain, fused; /* fused.compiled false: nothing is left to fuse */
} pair;

typedef struct bench {
    gd_net *net;
    gd_tape *tape;
    const gd_backend *backend;
    gd_device *device;
    pair *shapes; /* owned; [count], all different, the largest first */
    int32_t count;
    void *memory; /* owned; of the device: x, y, mask, filter with bias, workspace; NULL: described */
    int64_t tensor_bytes, filter_bytes; /* of x or y, and of a filter, at most */
} bench;

static double macs_of(const gd_conv_shape *s)
{
    return (double)s->out_rows * s->out_cols * s->out * s->in * s->kernel_rows * s->kernel_cols;
}

static int by_size(const void *a, const void *b)
{
    const double x = macs_of(&((const pair *)a)->plain), y = macs_of(&((const pair *)b)->plain);
    return (x < y) - (x > y);
}

static void add_shape(bench *b, const gd_conv_shape *shape, const gd_conv_shape *fused)
{
    const int64_t value = (int64_t)gd_stored_bytes(shape->type);
    const int64_t pitch = gd_max_i32(shape->in_pitch, fused->in_pitch);
    const int64_t x = (int64_t)shape->in_rows * shape->in_line * pitch;
    const int64_t y = (int64_t)shape->out_rows * shape->out_line * shape->out_pitch;
    const int64_t w = (int64_t)shape->out * shape->kernel_rows * shape->kernel_cols * shape->in;
    b->shapes[b->count++] = (pair){*shape, *fused};
    b->tensor_bytes = gd_max_i64(b->tensor_bytes, gd_round_up(gd_max_i64(x, y) * value, GD_CUDA_ALIGNMENT));
    b->filter_bytes = gd_max_i64(b->filter_bytes, gd_round_up(w * value, GD_CUDA_ALIGNMENT));
}

static gd_status collect_shapes(bench *b, gd_error *error)
{
    gd_choices seen = {0};
    gd_status status = GD_OK;
    b->shapes = calloc((size_t)b->tape->op_count, sizeof *b->shapes);
    if (!b->shapes)
        return gd_no_memory(error, "the shapes of convolutions");
    for (int32_t o = 0; o < b->tape->op_count && status == GD_OK; o++) {
        if (!gd_is_convolution(&b->tape->ops[o]))
            continue;
        const gd_conv_shape shape =
            gd_conv_shape_of(b->tape, &b->tape->ops[o], b->device->type, b->device->tf32);
        if (gd_choices_find(&seen, &shape))
            continue;
        const gd_cuda_compiled compiled = gd_cuda_compiled_of(b->device, b->tape, o);
        add_shape(b, &shape, &compiled.shape);
        status = gd_choices_add(&seen, &shape, &(gd_conv_choice){0}, error);
    }
    gd_choices_free(&seen);
    qsort(b->shapes, (size_t)b->count, sizeof *b->shapes, by_size);
    return status;
}

static gd_status make_buffers(bench *b, gd_error *error)
{
    gd_memory *memory = b->backend->memory(b->device);
    const int64_t bytes = 3 * b->tensor_bytes + b->filter_bytes;
    gd_status status =
        memory->class->allocate(memory, GD_FOR_TENSORS, (size_t)bytes + GD_CUDA_WORKSPACE, &b->memory, error);
    if (status == GD_OK)
        status = gd_cuda_check(gd_launch_random(b->device->type, 1, b->memory,
                                                bytes / (int64_t)gd_stored_bytes(b->device->type),
                                                b->device->compute),
                               "filling tensors to time convolutions on", error);
    return status == GD_OK ? b->backend->finish(b->device, error) : status;
}

static char *mask_of(const bench *b)
{
    return (char *)b->memory + 2 * b->tensor_bytes;
}

/* Seconds of a run; INFINITY: it did not start. The bias is the beginning of the filter. */
static gd_status time_plan(const bench *b, const gd_conv_plan *plan, double *seconds, gd_error *error)
{
    char *x = b->memory, *y = x + b->tensor_bytes, *w = mask_of(b) + b->tensor_bytes;
    const gd_conv_buffers buffers = {.x = x,
                                     .w = w,
                                     .bias = w,
                                     .y = y,
                                     .mask = mask_of(b),
                                     .workspace = w + b->filter_bytes,
                                     .workspace_bytes = GD_CUDA_WORKSPACE};
    return gd_conv_time(NULL, b->device->cudnn, plan, &buffers, seconds, error);
}

typedef struct row {
    const gd_conv_shape *shape;
    const gd_conv_shape *graph; /* what the engine computes: that shape, or the fused one */
    const gd_conv_choice *choice;
    bool taken;     /* by the program, without --autotune */
    double seconds; /* 0: not timed */
    const char *refused;
} row;

static gd_status print_row(const row *r, gd_error *error)
{
    char shape[GD_CONV_TEXT_MAX], graph[GD_CONV_TEXT_MAX], choice[GD_CONV_TEXT_MAX];
    gd_conv_shape_text(r->shape, shape, sizeof shape);
    gd_conv_shape_text(r->graph, graph, sizeof graph);
    gd_conv_choice_text(r->choice, choice, sizeof choice);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "shape", shape);
    cJSON_AddStringToObject(json, "engine", choice);
    cJSON_AddNumberToObject(json, "gflop", 2e-9 * macs_of(r->shape));
    cJSON_AddBoolToObject(json, "taken", r->taken);
    cJSON_AddBoolToObject(json, "fused", r->graph->compiled);
    if (r->graph->compiled)
        cJSON_AddStringToObject(json, "graph", graph);
    if (r->refused)
        cJSON_AddStringToObject(json, "refused", r->refused);
    else if (r->seconds > 0)
        cJSON_AddNumberToObject(json, "seconds", r->seconds);
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    if (!text)
        return gd_no_memory(error, "a line of text");
    printf("%s\n", text);
    fflush(stdout);
    free(text);
    return GD_OK;
}

/* A refusal is a line, not an error. */
static gd_status try_engine(const bench *b, row *r, gd_error *error)
{
    gd_conv_plan *plan = NULL;
    gd_error why;
    gd_cudnn *cudnn = b->device->cudnn;
    gd_status status = gd_conv_plan_create(cudnn, r->graph, r->choice, &plan, &why);
    if (status != GD_OK)
        r->refused = why.message;
    else if (b->memory)
        status = time_plan(b, plan, &r->seconds, error);
    gd_conv_plan_free(plan);
    if (!r->refused && status != GD_OK)
        return status;
    if (isinf(r->seconds))
        r->refused = "cuDNN did not start it";
    return print_row(r, error);
}

static gd_status time_candidates(const bench *b, const gd_conv_shape *shape, gd_error *error)
{
    gd_conv_choice choices[CANDIDATES];
    int32_t count = 0;
    gd_status status =
        gd_conv_candidates(b->device->cudnn, shape, GD_CUDA_WORKSPACE, choices, CANDIDATES, &count, error);
    for (int32_t c = 0; c < count && status == GD_OK; c++)
        status = try_engine(b, &(row){.shape = shape, .graph = shape, .choice = &choices[c], .taken = c == 0},
                            error);
    return status;
}

static bool has_engine(const gd_conv_choice *choices, int32_t count, int64_t engine)
{
    for (int32_t c = 0; c < count; c++)
        if (choices[c].engine == engine)
            return true;
    return false;
}

/* Those that would be tried, and the indices above with the knobs that engines have of themselves,
 * whose rows say why they are not. */
static gd_status time_fused(const bench *b, const pair *p, gd_error *error)
{
    gd_conv_choice choices[CANDIDATES + FUSED_ENGINES];
    gd_error why;
    int32_t count = 0;
    gd_status status = GD_OK;
    if (!p->fused.compiled)
        return GD_OK;
    if (gd_conv_candidates(b->device->cudnn, &p->fused, GD_CUDA_WORKSPACE, choices, CANDIDATES, &count,
                           &why) != GD_OK)
        count = 0; /* the rows of the indices say why */
    const int32_t offered = count;
    for (size_t e = 0; e < FUSED_ENGINES; e++)
        if (!has_engine(choices, offered, fused_engines[e]))
            choices[count++] = (gd_conv_choice){.engine = fused_engines[e], .workspace = GD_CUDA_WORKSPACE};
    for (int32_t c = 0; c < count && status == GD_OK; c++)
        status = try_engine(b, &(row){.shape = &p->plain, .graph = &p->fused, .choice = &choices[c]}, error);
    return status;
}

static gd_status time_all(const bench *b, double seconds, gd_error *error)
{
    const double begin = gd_clock();
    gd_status status = GD_OK;
    for (int32_t s = 0; s < b->count && status == GD_OK; s++)
        status = time_candidates(b, &b->shapes[s].plain, error);
    for (int32_t s = 0; s < b->count && status == GD_OK && gd_clock() - begin < seconds; s++)
        status = time_fused(b, &b->shapes[s], error);
    return status;
}

static gd_status prepare(const options *o, bench *b, gd_error *error)
{
    b->backend = &gd_backend_cuda;
    b->net = gd_net_create(GD_INCEPTION_V3);
    if (!b->net)
        return gd_no_memory(error, "a network");
    const int32_t layer = gd_net_find_layer(b->net, o->layer);
    if (layer < 0)
        return gd_fail(error, GD_USAGE, "there is no layer %s", o->layer);
    const gd_objective objective = {.terms = {{.node = b->net->layers[layer].node, .weight = 1.0}},
                                    .count = 1};
    const gd_device_options opened = {.precision = o->precision, .described = o->described};
    gd_status status = gd_tape_lower(b->net, &objective, o->side, o->side, &(gd_lower_options){.dense = true},
                                     &b->tape, error);
    if (status == GD_OK)
        status = b->backend->open(&opened, &b->device, error);
    if (status == GD_OK)
        status = collect_shapes(b, error);
    return status == GD_OK && !o->described ? make_buffers(b, error) : status;
}

static void release(bench *b)
{
    if (b->memory) {
        gd_memory *memory = b->backend->memory(b->device);
        memory->class->release(memory, GD_FOR_TENSORS, b->memory);
    }
    if (b->device)
        b->backend->close(b->device);
    free(b->shapes);
    gd_tape_free(b->tape);
    gd_net_free(b->net);
}

static bool parse(int argc, char **argv, options *o)
{
    *o = (options){.layer = "mixed5", .precision = GD_PRECISION_BF16, .side = 2304, .seconds = 60};
    for (int i = 1; i < argc; i += 2) {
        const char *flag = argv[i], *value = argv[i + 1];
        if (!value)
            return false;
        if (strcmp(flag, "--layer") == 0)
            o->layer = value;
        else if (strcmp(flag, "--described") == 0)
            o->described = value;
        else if (strcmp(flag, "--precision") == 0)
            o->precision = precision_named(value);
        else if (strcmp(flag, "--side") == 0)
            o->side = atoi(value);
        else if (strcmp(flag, "--seconds") == 0)
            o->seconds = atof(value);
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    options o;
    bench b = {0};
    gd_error error = {{0}};
    gd_apart_start();
    if (!parse(argc, argv, &o)) {
        fprintf(stderr, "engines: see the top of bench/engines.c for its flags\n");
        return 2;
    }
    gd_status status = prepare(&o, &b, &error);
    if (status == GD_OK)
        status = time_all(&b, o.seconds, &error);
    if (status != GD_OK)
        fprintf(stderr, "engines: %s\n", error.message);
    release(&b);
    return gd_exit_code(status);
}
