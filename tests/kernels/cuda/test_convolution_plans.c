/* Every convolution of both networks has a plan, made by the real cuDNN, on GPUs that need not be here, for
 * windows up to the largest there can be: on tensor cores, with at most 1 MiB of workspace, or an exception
 * that plan_exceptions.txt lists with its reason. Prints what is needed and what there is. "quick": bf16 at
 * 512 and 11,584 px; "all": the full table. */
#include "base/clock.h"
#include "check.h"
#include "kernels/cuda/convolution/convolution_search.h"
#include "kernels/cuda/convolution/convolution_text.h"
#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/device/kinds.h"
#include "kernels/cuda/device/properties.h"
#include "net/lower/lower.h"
#include "net/objective.h"
#include "plan_exceptions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What the backend allows. */
static const int64_t budget = GD_CUDA_WORKSPACE;

enum { SHAPES_MAX = 2048, ENGINES_MAX = 256 };

typedef struct kind {
    const char *name;
    gd_cuda_type type;
    bool tf32;
} kind;

static const kind kinds[] = {{"bf16", GD_CUDA_BF16, false},
                             {"fp16", GD_CUDA_F16, false},
                             {"tf32", GD_CUDA_F32, true},
                             {"fp32", GD_CUDA_F32, false}};
/* The largest square has tensors of just below 2^31 values; beside it, what -ts auto chooses for 40,000 x
 * 25,000 px. */
typedef struct extent {
    int32_t rows, cols;
} extent;
static const extent windows[] = {{512, 512},   {11584, 11584}, {1152, 1152}, {2304, 2304},
                                 {4096, 4096}, {8192, 8192},   {9432, 11088}};
enum { QUICK = 2 /* of the windows */ };
/* What of a window's gradient is wanted: all, or half of either side, in a corner (where the network pads
 * on two sides only) or in the middle. */
static const char *const foci[] = {"whole", "corner", "middle"};

static gd_rect focus_of(size_t focus, const extent *window)
{
    const int32_t quarters = focus == 2 ? 1 : 0;
    return focus == 0 ? (gd_rect){0}
                      : (gd_rect){quarters * (window->rows / 4), quarters * (window->cols / 4),
                                  window->rows / 2, window->cols / 2};
}

static const gd_architecture networks[] = {GD_INCEPTION_V3, GD_INCEPTION_RESNET_V2};

/* The different shapes of a tape. */
typedef struct shapes {
    gd_conv_shape list[SHAPES_MAX];
    int32_t count, operations;
} shapes;

static void add_shape(shapes *s, const gd_conv_shape *shape)
{
    char text[GD_CONV_TEXT_MAX], other[GD_CONV_TEXT_MAX];
    s->operations++;
    assert_true(gd_conv_shape_text(shape, text, sizeof text));
    for (int32_t i = 0; i < s->count; i++) {
        assert_true(gd_conv_shape_text(&s->list[i], other, sizeof other));
        if (!strcmp(text, other))
            return;
    }
    assert_true(s->count < SHAPES_MAX);
    s->list[s->count++] = *shape;
}

static gd_tape *lower(const gd_net *net, const extent *window, size_t focus)
{
    gd_objective objective = {0};
    const gd_lower_options options = {.dense = true, .focus = focus_of(focus, window)};
    gd_tape *tape;
    gd_error error;
    for (int32_t l = net->layer_count - 1; l >= 0 && objective.count < GD_TERMS_MAX; l--)
        objective.terms[objective.count++] = (gd_term){.node = net->layers[l].node, .weight = 1};
    check_ok(gd_tape_lower(net, &objective, window->rows, window->cols, &options, &tape, &error), error);
    return tape;
}

/* Only a sum on the way back goes through scratch, which is then what x is. */
static void check_scratch(const gd_tape *tape, const gd_op *op, const gd_conv_shape *shape)
{
    const bool through = shape->backward && op->accumulate;
    const int64_t value = shape->type == GD_CUDA_F32 ? 4 : 2;
    const int64_t bytes = value * shape->in_rows * shape->in_cols * shape->in;
    assert_int_equal(gd_conv_scratch_bytes(tape, op, shape->type), through ? bytes : 0);
    assert_true(!through || shape->in_pitch == shape->in);
}

static void collect(const gd_net *net, const extent *window, size_t focus, const kind *k, shapes *s)
{
    gd_tape *tape = lower(net, window, focus);
    s->count = s->operations = 0;
    for (int32_t o = 0; o < tape->op_count; o++) {
        if (!gd_is_convolution(&tape->ops[o]))
            continue;
        const gd_conv_shape shape = gd_conv_shape_of(tape, &tape->ops[o], k->type, k->tf32);
        check_scratch(tape, &tape->ops[o], &shape);
        add_shape(s, &shape);
    }
    gd_tape_free(tape);
}

/* A line of the table. */
typedef struct row {
    int32_t planned, on_tensor_cores, unlisted;
    int64_t largest, copied; /* bytes: the largest workspace, and what cuDNN copies in all */
    bool engines[ENGINES_MAX];
    double seconds;
} row;

/* Takes the first candidate, and makes its plan once more from the choice alone. */
static void plan_one(gd_cudnn *cudnn, const plan_place *place, const gd_conv_shape *shape,
                     plan_exceptions *exceptions, row *r)
{
    gd_conv_choice choice;
    gd_conv_plan *plan = NULL;
    gd_error error;
    int32_t count;
    gd_status status = gd_conv_candidates(cudnn, shape, budget, &choice, 1, &count, &error);
    if (status == GD_OK)
        status = gd_conv_plan_create(cudnn, shape, &choice, &plan, &error);
    if (status != GD_OK) {
        print_error("%s\n", error.message);
        return;
    }
    gd_conv_plan_free(plan);
    r->planned++;
    r->on_tensor_cores += choice.tensor_cores;
    r->unlisted += !plan_is_excused(exceptions, place, shape, &choice);
    r->copied += choice.tensor_cores ? plan_copied_bytes(shape) : 0;
    r->largest = choice.workspace > r->largest ? choice.workspace : r->largest;
    if (choice.engine >= 0 && choice.engine < ENGINES_MAX)
        r->engines[choice.engine] = true;
}

static void print_row(const plan_place *place, const gd_net *net, size_t focus, const shapes *s, const row *r)
{
    printf("%-8s %-16s %-5s %5" PRId32 " %-6s %6" PRId32 " %6" PRId32 " %6" PRId32 " %5" PRId32
           " %9.1f %9.1f %7.2f ",
           place->device, net->name, place->precision, place->side, foci[focus], s->operations, s->count,
           r->planned, r->on_tensor_cores, (double)r->largest / 1e6, (double)r->copied / 1e6,
           r->seconds * 1e3 / s->count);
    for (int32_t e = 0; e < ENGINES_MAX; e++) {
        if (r->engines[e])
            printf(" %" PRId32, e);
    }
    printf("\n");
    fflush(stdout);
}

/* The devices, the exceptions, and the shapes without a plan or with one that nothing excuses. */
typedef struct bench {
    gd_cudnn *cudnn[GD_GPU_KINDS];
    plan_exceptions exceptions;
    int32_t missing;
} bench;

/* All devices for one tape. */
static void plan_tape(bench *b, const gd_net *net, const kind *k, const extent *window, size_t focus)
{
    static shapes s;
    collect(net, window, focus, k, &s);
    for (int d = 0; d < GD_GPU_KINDS; d++) {
        row r = {0};
        const plan_place place = {gd_gpu_kinds[d].option, k->name,
                                  window->rows > window->cols ? window->rows : window->cols};
        const double start = gd_clock();
        for (int32_t i = 0; i < s.count; i++)
            plan_one(b->cudnn[d], &place, &s.list[i], &b->exceptions, &r);
        r.seconds = gd_clock() - start;
        print_row(&place, net, focus, &s, &r);
        b->missing += s.count - r.planned + r.unlisted;
    }
}

static gd_cudnn *open_described(const char *device)
{
    gd_properties properties;
    gd_cudnn *cudnn;
    gd_error error;
    check_ok(gd_properties_read(device, &properties, &error), error);
    check_ok(gd_cudnn_open(properties.json, NULL, &cudnn, &error), error);
    gd_properties_free(&properties);
    return cudnn;
}

/* Nothing is asked of fp32 but that there are plans, and its searches are the longest. */
static bool is_left_out(const kind *k, const extent *window)
{
    return k->type == GD_CUDA_F32 && !k->tf32 && window->rows > 4096;
}

static void plan_network(bench *b, gd_architecture architecture, bool all)
{
    gd_net *net = gd_net_create(architecture);
    assert_non_null(net);
    for (size_t k = 0; k < (all ? sizeof kinds / sizeof *kinds : 1); k++) {
        for (size_t w = 0; w < (all ? sizeof windows / sizeof *windows : QUICK); w++)
            for (size_t f = 0; f < sizeof foci / sizeof *foci && !is_left_out(&kinds[k], &windows[w]); f++)
                plan_tape(b, net, &kinds[k], &windows[w], f);
    }
    gd_net_free(net);
}

static void every_convolution_has_a_plan(void **state)
{
    const bool all = *(const bool *)*state;
    static bench b;
    plan_exceptions_read(&b.exceptions);
    for (int d = 0; d < GD_GPU_KINDS; d++)
        b.cudnn[d] = open_described(gd_gpu_kinds[d].option);
    printf("device   network          type  window focus    ops needed planned cores  space_MB copied_MB "
           "ms/shape  engines\n");
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++)
        plan_network(&b, networks[n], all);
    for (int d = 0; d < GD_GPU_KINDS; d++)
        gd_cudnn_close(b.cudnn[d]);
    assert_int_equal(b.missing, 0);
    if (all)
        assert_int_equal(plan_exceptions_unused(&b.exceptions), 0);
}

int main(int count, char **arguments)
{
    bool all = count > 1 && !strcmp(arguments[1], "all");
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(every_convolution_has_a_plan, &all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
