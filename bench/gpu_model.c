/* What gradients and steps cost on a GPU, by arithmetic: no GPU is needed or used, and nothing is measured.
 *
 *   gpu_model [--model M] [--layer NAME] [--side N] [--crop N] [--no-shrink] [--ops | --branches]
 *   gpu_model --steps [--rows N] [--cols N] [--tile N] [--halo auto|exact|N] [--ranks 1,8,64]
 *   both: [--device h100|a100|h200|b200|rtx4090] [--json]
 *
 * The first prints what one window of N x N pixels takes (a line for each kind of operation, or with --ops
 * for each operation), then windows of several sizes, of which all is wanted. With --crop only the gradient
 * of what lies that far from the window's edges is, as of a tile in its halo; --no-shrink computes all for it
 * nevertheless. --branches prints instead what branches side by side could gain at most (gpu_branches.h), in
 * windows of several sizes. The second prints the seconds of a step of a canvas. Times are
 * those at peak figures, and a faster and a slower estimate (gpu_cost.c). Markdown, as
 * docs/gpu-performance.md has it; --json prints windows or steps of one device for
 * bench/gpu.py, which may name it in full; null for one that is not in the table. */
#include "gpu_branches.h"
#include "gpu_predict.h"
#include "net/lower/lower.h"
#include "net/objective.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANKS_MAX = 16, STEPS = 4 /* rolls over which the steps' means are taken */ };

typedef struct options {
    gd_architecture architecture;
    const char *layer;
    int32_t side, crop;
    bool no_shrink;
    int64_t rows, cols, tile, halo;
    gd_halo_kind halo_kind;
    int32_t ranks[RANKS_MAX];
    int32_t rank_count;
    const gd_gpu_kind *kind;
    bool ops, branches, steps, json;
} options;

static const char *const kinds[] = {
    [GD_OP_INPUT] = "input, first convolution",
    [GD_OP_CONV] = "convolution, bias, ReLU, mask",
    [GD_OP_MAX_POOL] = "max pool",
    [GD_OP_AVG_POOL] = "mean pool",
    [GD_OP_SEAM] = "seam: slices, ReLU, mask",
    [GD_OP_LRN] = "normalization",
    [GD_OP_SEED] = "seed",
    [GD_OP_MATCH] = "match",
    [GD_OP_CONV_BACK] = "convolution back, sum, mask",
    [GD_OP_MAX_POOL_BACK] = "max pool back",
    [GD_OP_AVG_POOL_BACK] = "mean pool back",
    [GD_OP_SEAM_BACK] = "seam back: slices, sum, mask",
    [GD_OP_LRN_BACK] = "normalization back",
    [GD_OP_MASK] = "mask",
    [GD_OP_OUTPUT] = "last convolution back, output",
    [GD_OP_COPY] = "copy",
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* A sum of operations, with the seconds that each takes at peak on each device. */
typedef struct line {
    gpu_cost cost;
    double seconds[GD_GPU_KINDS];
} line;

static void add_op(line *l, const gd_tape *tape, const gd_op *op)
{
    const gpu_cost c = gpu_cost_of(tape, op);
    gpu_cost_add(&l->cost, &c);
    for (int i = 0; i < GD_GPU_KINDS; i++)
        l->seconds[i] += gpu_seconds(&c, &gd_gpu_kinds[i], &gpu_at_peak);
}

static void print_line(const char *name, const line *l)
{
    printf("| %s | %d + %d + %d | %.2f | %.3f | %.3f | %.3f |", name, l->cost.convs, l->cost.copies,
           l->cost.kernels, 1e-9 * (l->cost.flop + l->cost.own_flop), 1e-9 * l->cost.conv_bytes,
           1e-9 * l->cost.copy_bytes, 1e-9 * l->cost.own_bytes);
    for (int i = 0; i < GD_GPU_KINDS; i++)
        printf(" %.3f |", 1e3 * l->seconds[i]);
    printf("\n");
}

static void print_heads(void)
{
    printf("| operation | launches, cuDNN + copies + own | GFLOP | GB, cuDNN | GB, copies | GB, own |");
    for (int i = 0; i < GD_GPU_KINDS; i++)
        printf(" %s, ms |", gd_gpu_kinds[i].title);
    printf("\n|---|---|---|---|---|---|");
    for (int i = 0; i < GD_GPU_KINDS; i++)
        printf("---|");
    printf("\n");
}

static void print_kinds(const gd_tape *tape)
{
    line sums[KINDS] = {0}, all = {0};
    for (int32_t o = 0; o < tape->op_count; o++) {
        add_op(&sums[tape->ops[o].kind], tape, &tape->ops[o]);
        add_op(&all, tape, &tape->ops[o]);
    }
    for (int k = 0; k < KINDS; k++)
        if (gpu_launches(&sums[k].cost) > 0)
            print_line(kinds[k], &sums[k]);
    print_line("**all**", &all);
}

static void print_ops(const gd_tape *tape)
{
    char name[128];
    for (int32_t o = 0; o < tape->op_count; o++) {
        const gd_op *op = &tape->ops[o];
        const gd_tensor *at = &tape->tensors[op->dst.channels ? op->dst.tensor : op->src.tensor];
        line l = {0};
        add_op(&l, tape, op);
        snprintf(name, sizeof name, "%d %s %dx%d/%d %d to %d at %dx%d", o, kinds[op->kind], op->kernel_rows,
                 op->kernel_cols, op->stride, op->src.channels, op->dst.channels, at->cols, at->rows);
        print_line(name, &l);
    }
}

static gd_status lower(const gd_net *net, const gd_objective *objective, int32_t side, gd_tape **tape,
                       gd_error *error)
{
    return gd_tape_lower(net, objective, side, side, &(gd_lower_options){.dense = true}, tape, error);
}

/* The window of --side, with its crop. */
static gd_status lower_window(const gd_net *net, const gd_objective *objective, const options *o,
                              gd_tape **tape, gd_error *error)
{
    const gd_lower_options lowered = {
        .dense = true,
        .no_shrink = o->no_shrink,
        .focus = {o->crop, o->crop, o->side - 2 * o->crop, o->side - 2 * o->crop}};
    return gd_tape_lower(net, objective, o->side, o->side, &lowered, tape, error);
}

/* What is predicted for the window on each device; the last column is what a plan without a device goes by.
 */
static void print_devices(const gd_tape *tape)
{
    const gpu_cost cost = gpu_tape_cost(tape);
    const double tflop = 1e-12 * (cost.flop + cost.own_flop);
    printf("\n| device | at peak, ms | predicted, ms | TFLOP/s |\n|---|---|---|---|\n");
    for (int i = 0; i < GD_GPU_KINDS; i++) {
        const gd_gpu_kind *kind = &gd_gpu_kinds[i];
        const double fast = gpu_tape_seconds(tape, kind, &gpu_fast);
        const double slow = gpu_tape_seconds(tape, kind, &gpu_slow);
        printf("| %s | %.2f | %.2f .. %.2f | %.0f .. %.0f |\n", kind->title,
               1e3 * gpu_tape_seconds(tape, kind, &gpu_at_peak), 1e3 * fast, 1e3 * slow, tflop / slow,
               tflop / fast);
    }
}

static gd_status print_window(const gd_net *net, const gd_objective *objective, const options *o,
                              gd_error *error)
{
    gd_tape *tape = NULL;
    const gd_status status = lower_window(net, objective, o, &tape, error);
    if (status != GD_OK)
        return status;
    print_heads();
    if (o->ops)
        print_ops(tape);
    print_kinds(tape);
    print_devices(tape);
    gd_tape_free(tape);
    return GD_OK;
}

/* A window's size, in a table or as an object. */
static void print_size(const gd_tape *tape, const options *o)
{
    const gpu_cost c = gpu_tape_cost(tape);
    const double pixels = (double)tape->rows * tape->cols;
    const double peak = gpu_tape_seconds(tape, o->kind, &gpu_at_peak);
    const double fast = gpu_tape_seconds(tape, o->kind, &gpu_fast);
    const double slow = gpu_tape_seconds(tape, o->kind, &gpu_slow);
    if (o->json)
        printf("{\"side\": %d, \"gflop\": %.3f, \"gb\": %.4f, \"launches\": %d, \"peak\": %.6g, \"fast\": "
               "%.6g, \"slow\": %.6g}",
               tape->rows, 1e-9 * (c.flop + c.own_flop), 1e-9 * gpu_bytes(&c), gpu_launches(&c), peak, fast,
               slow);
    else
        printf("| %d | %.1f | %.2f | %d | %.2f | %.2f .. %.2f | %.0f .. %.0f |\n", tape->rows,
               1e-9 * (c.flop + c.own_flop), 1e-9 * gpu_bytes(&c), gpu_launches(&c), 1e3 * peak, 1e3 * fast,
               1e3 * slow, 1e-6 * pixels / slow, 1e-6 * pixels / fast);
}

static gd_status print_sizes(const gd_net *net, const gd_objective *objective, const options *o,
                             gd_error *error)
{
    static const int32_t usual[] = {299, 512, 1024, 2304, 4608, 8192};
    const int32_t *sides = o->json ? &o->side : usual;
    const size_t count = o->json ? 1 : sizeof usual / sizeof *usual;
    if (!o->json)
        printf("\n| window, px | GFLOP | GB | launches | at peak, ms | predicted, ms | Mpx/s |\n"
               "|---|---|---|---|---|---|---|\n");
    for (size_t s = 0; s < count; s++) {
        gd_tape *tape = NULL;
        const gd_status status = lower(net, objective, sides[s], &tape, error);
        if (status != GD_OK)
            return status;
        print_size(tape, o);
        gd_tape_free(tape);
    }
    return GD_OK;
}

static void print_bound(const gpu_branches *b)
{
    printf(" %.3f | %.0f %% | %.1f %% |", 1e3 * b->in_order, 100 * (1 - b->plain / b->in_order),
           100 * (1 - b->beside / b->in_order));
}

/* By the faster and the slower estimate. */
static gd_status print_branches(const gd_net *net, const gd_objective *objective, const options *o,
                                gd_error *error)
{
    static const int32_t sides[] = {512, 1024, 2048, 2304};
    gd_status status = GD_OK;
    printf("| window, px | operations, of them serial | faster: in order, ms | waste | gain, at most | "
           "slower: in "
           "order, ms | waste | gain, at most |\n|---|---|---|---|---|---|---|---|\n");
    for (size_t s = 0; s < sizeof sides / sizeof *sides && status == GD_OK; s++) {
        gd_tape *tape = NULL;
        gpu_branches fast = {0}, slow = {0};
        status = lower(net, objective, sides[s], &tape, error);
        if (status == GD_OK)
            status = gpu_branches_of(tape, o->kind, &gpu_fast, &fast, error);
        if (status == GD_OK)
            status = gpu_branches_of(tape, o->kind, &gpu_slow, &slow, error);
        gd_tape_free(tape);
        if (status != GD_OK)
            break;
        printf("| %d | %d, %d |", sides[s], fast.operations, fast.serial);
        print_bound(&fast);
        print_bound(&slow);
        printf("\n");
    }
    return status;
}

static void print_step(const gpu_prediction *p, const options *o, double pixels, double one)
{
    if (o->json)
        printf(
            "{\"ranks\": %d, \"tiles\": %.2f, \"tiles_most\": %.2f, \"tflop\": %.3f, \"sent_bytes\": %.0f, "
            "\"peak\": %.6g, \"fast\": %.6g, \"slow\": %.6g}",
            p->ranks, p->tiles, p->tiles_most, 1e-12 * p->flop, p->sent_bytes, p->peak, p->fast, p->slow);
    else
        printf("| %d | %.0f | %.1f | %.1f | %.2f | %.2f | %.3f | %.3f .. %.3f | %.0f .. %.0f | %.0f %% |\n",
               p->ranks, p->tiles, p->tiles_most, 1e-12 * p->flop / p->ranks, 1e-6 * p->sent_bytes,
               1e3 * p->sent_bytes / p->link, p->peak, p->fast, p->slow, 1e-6 * pixels / p->slow,
               1e-6 * pixels / p->fast, 100 * one / (p->fast * p->ranks));
}

static gd_status print_steps(const gd_engine *engine, const options *o, gd_error *error)
{
    const gd_render_parameters parameters = {
        .base_rows = o->rows,
        .base_cols = o->cols,
        .octave_scale = 1.2,
        .octave_end = 1,
        .steps = STEPS,
        .tile = {(double)o->tile, (double)o->tile, GD_CURVE_LINEAR},
        .step_size = {0.01, 0.01, GD_CURVE_LINEAR},
        .halo_kind = o->halo_kind,
        .halo = o->halo,
        .rules = gd_compat_rules_of(GD_COMPAT_NONE),
        .seed = 1,
        .final_resize = true,
        .threads = 1,
    };
    gpu_prediction p;
    gd_status status = gpu_predict(engine, &parameters, 1, o->kind, &p, error);
    const double one = p.fast;
    for (int32_t i = 0; i < o->rank_count && status == GD_OK; i++) {
        status = gpu_predict(engine, &parameters, o->ranks[i], o->kind, &p, error);
        if (status == GD_OK && o->json && i > 0)
            printf(", ");
        if (status == GD_OK)
            print_step(&p, o, (double)o->rows * (double)o->cols, one);
    }
    return status;
}

static gd_status run_steps(const gd_net *net, const gd_objective *objective, const options *o,
                           gd_error *error)
{
    gd_engine *engine = NULL;
    gd_status status = gd_engine_create(gd_backend_find("reference"), &(gd_device_options){0}, net, objective,
                                        NULL, &engine, error);
    if (status != GD_OK)
        return status;
    if (!o->json)
        printf(
            "| GPUs | tiles | most on one | TFLOP each | MB sent each | link, ms | at peak, s | predicted, s "
            "| Mpx-steps/s | efficiency |\n|---|---|---|---|---|---|---|---|---|---|\n");
    else
        printf("[");
    status = print_steps(engine, o, error);
    if (o->json)
        printf("]");
    gd_engine_free(engine);
    return status;
}

static gd_status run_window(const gd_net *net, const gd_objective *objective, const options *o,
                            gd_error *error)
{
    gd_status status = GD_OK;
    if (o->branches)
        return print_branches(net, objective, o, error);
    if (!o->json)
        status = print_window(net, objective, o, error);
    return status == GD_OK ? print_sizes(net, objective, o, error) : status;
}

static void take_ranks(options *o, char *text)
{
    char *rest = NULL;
    o->rank_count = 0;
    for (char *item = strtok_r(text, ",", &rest); item && o->rank_count < RANKS_MAX;
         item = strtok_r(NULL, ",", &rest))
        o->ranks[o->rank_count++] = atoi(item);
}

static void take_halo(options *o, const char *text)
{
    o->halo_kind = strcmp(text, "auto") == 0    ? GD_HALO_AUTO
                   : strcmp(text, "exact") == 0 ? GD_HALO_EXACT
                                                : GD_HALO_PIXELS;
    o->halo = atoi(text);
}

static bool take(options *o, const char *flag, char *value)
{
    if (strcmp(flag, "--model") == 0)
        o->architecture = strcmp(value, "inceptionV1") == 0       ? GD_INCEPTION_V1
                          : strcmp(value, "inceptionResNet") == 0 ? GD_INCEPTION_RESNET_V2
                                                                  : GD_INCEPTION_V3;
    else if (strcmp(flag, "--layer") == 0)
        o->layer = value;
    else if (strcmp(flag, "--side") == 0)
        o->side = atoi(value);
    else if (strcmp(flag, "--crop") == 0)
        o->crop = atoi(value);
    else if (strcmp(flag, "--rows") == 0)
        o->rows = atoi(value);
    else if (strcmp(flag, "--cols") == 0)
        o->cols = atoi(value);
    else if (strcmp(flag, "--tile") == 0)
        o->tile = atoi(value);
    else if (strcmp(flag, "--halo") == 0)
        take_halo(o, value);
    else if (strcmp(flag, "--ranks") == 0)
        take_ranks(o, value);
    else if (strcmp(flag, "--device") == 0)
        o->kind = gd_gpu_kind_named(value);
    else
        return false;
    return true;
}

static bool parse(int argc, char **argv, options *o)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--branches") == 0)
            o->branches = true;
        else if (strcmp(argv[i], "--ops") == 0)
            o->ops = true;
        else if (strcmp(argv[i], "--steps") == 0)
            o->steps = true;
        else if (strcmp(argv[i], "--no-shrink") == 0)
            o->no_shrink = true;
        else if (strcmp(argv[i], "--json") == 0)
            o->json = true;
        else if (i + 1 >= argc || !take(o, argv[i], argv[i + 1]))
            return false;
        else
            i++;
    }
    return (o->kind || o->json) && o->crop >= 0 && o->side > 2 * o->crop && o->rows > 0 && o->cols > 0 &&
           o->tile > 0;
}

static gd_status run(const gd_net *net, const options *o, gd_error *error)
{
    gd_objective objective = {.count = 1};
    const int32_t layer = gd_net_find_layer(net, o->layer);
    if (layer < 0)
        return gd_fail(error, GD_USAGE, "--layer %s: %s has no such layer", o->layer, net->title);
    objective.terms[0] = (gd_term){.node = net->layers[layer].node, .weight = 1};
    const gd_status status =
        o->steps ? run_steps(net, &objective, o, error) : run_window(net, &objective, o, error);
    if (status == GD_OK && o->json)
        printf("\n");
    return status;
}

int main(int argc, char **argv)
{
    options o = {.architecture = GD_INCEPTION_V3,
                 .layer = "mixed5",
                 .side = 2304,
                 .rows = 25000,
                 .cols = 40000,
                 .tile = 2048,
                 .ranks = {1, 8, 64},
                 .rank_count = 3,
                 .kind = &gd_gpu_kinds[0]};
    gd_error error = {""};
    if (!parse(argc, argv, &o)) {
        fprintf(stderr, "gpu_model: see the top of bench/gpu_model.c for its flags\n");
        return 2;
    }
    if (!o.kind) {
        printf("null\n");
        return 0;
    }
    gd_net *net = gd_net_create(o.architecture);
    const gd_status status = net ? run(net, &o, &error) : gd_fail(&error, GD_MEMORY, "out of memory");
    if (status != GD_OK)
        fprintf(stderr, "gpu_model: %s\n", error.message);
    gd_net_free(net);
    return gd_exit_code(status);
}
