/* Every convolution of both networks has a plan, made by the real cuDNN, on GPUs that need not be here:
 * prints what is needed and what there is, and fails below 100 %. "quick": bf16 at 512 px; "all": the full
 * table. */
#include "base/clock.h"
#include "check.h"
#include "kernels/cuda/convolution/convolution_search.h"
#include "kernels/cuda/convolution/convolution_text.h"
#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/device/properties.h"
#include "net/lower/lower.h"

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

static const char *const devices[] = {"a100", "rtx4090", "h100", "b200"};
static const kind kinds[] = {{"bf16", GD_CUDA_BF16, false},
                             {"fp16", GD_CUDA_F16, false},
                             {"tf32", GD_CUDA_F32, true},
                             {"fp32", GD_CUDA_F32, false}};
static const int32_t windows[] = {512, 1152, 4096};
/* What of a window's gradient is wanted: all, or half of either side, in a corner (where the network pads
 * on two sides only) or in the middle. */
static const char *const foci[] = {"whole", "corner", "middle"};

static gd_rect focus_of(size_t focus, int32_t window)
{
    const int32_t at = focus == 2 ? window / 4 : 0;
    return focus == 0 ? (gd_rect){0} : (gd_rect){at, at, window / 2, window / 2};
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

static gd_tape *lower(const gd_net *net, int32_t window, size_t focus)
{
    gd_objective objective = {0};
    const gd_lower_options options = {.dense = true, .focus = focus_of(focus, window)};
    gd_tape *tape;
    gd_error error;
    for (int32_t l = net->layer_count - 1; l >= 0 && objective.count < GD_TERMS_MAX; l--)
        objective.terms[objective.count++] = (gd_term){net->layers[l].node, 1};
    check_ok(gd_tape_lower(net, &objective, window, window, &options, &tape, &error), error);
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

static void collect(const gd_net *net, int32_t window, size_t focus, const kind *k, shapes *s)
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
    int32_t planned, on_tensor_cores;
    int64_t largest;
    bool engines[ENGINES_MAX];
    double seconds;
} row;

/* Takes the first candidate, and makes its plan once more from the choice alone. */
static void plan_one(gd_cudnn *cudnn, const gd_conv_shape *shape, row *r)
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
    r->largest = choice.workspace > r->largest ? choice.workspace : r->largest;
    if (choice.engine >= 0 && choice.engine < ENGINES_MAX)
        r->engines[choice.engine] = true;
}

static void print_row(const char *device, const gd_net *net, const kind *k, int32_t window, size_t focus,
                      const shapes *s, const row *r)
{
    printf("%-8s %-16s %-5s %5" PRId32 " %-6s %6" PRId32 " %6" PRId32 " %6" PRId32 " %5" PRId32
           " %9.1f %7.2f ",
           device, net->name, k->name, window, foci[focus], s->operations, s->count, r->planned,
           r->on_tensor_cores, (double)r->largest / 1e6, r->seconds * 1e3 / s->count);
    for (int32_t e = 0; e < ENGINES_MAX; e++) {
        if (r->engines[e])
            printf(" %" PRId32, e);
    }
    printf("\n");
    fflush(stdout);
}

/* All devices for one tape; the number of shapes without a plan. */
static int32_t plan_tape(gd_cudnn *const *cudnn, const gd_net *net, const kind *k, int32_t window,
                         size_t focus)
{
    static shapes s;
    int32_t missing = 0;
    collect(net, window, focus, k, &s);
    for (size_t d = 0; d < sizeof devices / sizeof *devices; d++) {
        row r = {0};
        const double start = gd_clock();
        for (int32_t i = 0; i < s.count; i++)
            plan_one(cudnn[d], &s.list[i], &r);
        r.seconds = gd_clock() - start;
        print_row(devices[d], net, k, window, focus, &s, &r);
        missing += s.count - r.planned;
    }
    return missing;
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

static int32_t plan_network(gd_cudnn *const *cudnn, gd_architecture architecture, bool all)
{
    gd_net *net = gd_net_create(architecture);
    int32_t missing = 0;
    assert_non_null(net);
    for (size_t k = 0; k < (all ? sizeof kinds / sizeof *kinds : 1); k++) {
        for (size_t w = 0; w < (all ? sizeof windows / sizeof *windows : 1); w++)
            for (size_t f = 0; f < sizeof foci / sizeof *foci; f++)
                missing += plan_tape(cudnn, net, &kinds[k], windows[w], f);
    }
    gd_net_free(net);
    return missing;
}

static void every_convolution_has_a_plan(void **state)
{
    const bool all = *(const bool *)*state;
    gd_cudnn *cudnn[sizeof devices / sizeof *devices];
    int32_t missing = 0;
    for (size_t d = 0; d < sizeof devices / sizeof *devices; d++)
        cudnn[d] = open_described(devices[d]);
    printf("device   network          type  window focus    ops needed planned cores  space_MB ms/shape  "
           "engines\n");
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++)
        missing += plan_network(cudnn, networks[n], all);
    for (size_t d = 0; d < sizeof devices / sizeof *devices; d++)
        gd_cudnn_close(cudnn[d]);
    assert_int_equal(missing, 0);
}

int main(int count, char **arguments)
{
    bool all = count > 1 && !strcmp(arguments[1], "all");
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(every_convolution_has_a_plan, &all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
