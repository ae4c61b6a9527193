/* What a window costs on a GPU, by arithmetic over the tape: FLOP, bytes, launches, and the time at peak
 * figures.
 *
 *   gpu_model [--model M] [--layer NAME] [--side N] [--ops]
 *
 * Prints Markdown, as docs/gpu-performance.md has it: a line for each kind of operation of one window, and
 * for several sizes of window the totals; --ops a line for each operation. No GPU is needed or used. */
#include "net/net.h"
#include "net/tape.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Peak figures, dense: bf16 on tensor cores with float32 sums, and memory. NVIDIA, "H100 Tensor Core GPU" and
 * "A100 Tensor Core GPU" datasheets, SXM with 80 GB (their bf16 figures with sparsity are twice these). */
typedef struct peak {
    const char *name;
    double flops, bytes; /* a second */
} peak;

static const peak peaks[] = {{"H100", 989.4e12, 3.35e12}, {"A100", 312e12, 2.039e12}};
enum { PEAKS = sizeof peaks / sizeof peaks[0], VALUE = 2 /* bytes of bf16 */, PICTURE = 8 /* channels */ };

/* What one operation, or a sum of them, takes. */
typedef struct cost {
    double flop;
    double conv_bytes, own_bytes; /* of cuDNN's kernels, and of our own */
    int32_t convs, kernels;       /* launches */
    double at_peak[PEAKS];        /* seconds */
} cost;

static double units(const gd_tape *tape, gd_slice slice)
{
    const gd_tensor *tensor = &tape->tensors[slice.tensor];
    const double channels = tensor->channels == 3 ? PICTURE : slice.channels;
    return slice.channels > 0 ? channels * tensor->rows * tensor->cols : 0;
}

static double mask_bytes(const gd_tape *tape, const gd_op *op)
{
    return op->mask.channels > 0 ? units(tape, op->mask) / 8 : 0;
}

static double filter_bytes(const gd_tape *tape, const gd_op *op)
{
    const gd_filter *f = &tape->filters[op->filter];
    return VALUE * (double)(f->in == 3 ? PICTURE : f->in) * f->out * f->kernel_rows * f->kernel_cols;
}

/* Read and written back where it adds; masked where it has a mask. */
static void add_own(cost *c, double bytes)
{
    c->own_bytes += bytes;
    c->kernels++;
}

static void conv_cost(const gd_tape *tape, const gd_op *op, cost *c)
{
    const double src = VALUE * units(tape, op->src), dst = VALUE * units(tape, op->dst);
    const bool back = op->kind == GD_OP_CONV_BACK;
    c->flop = 2 * gd_op_macs(tape, op);
    c->conv_bytes = src + filter_bytes(tape, op) + dst;
    c->convs = 1;
    if (op->accumulate)
        add_own(c, 3 * dst + mask_bytes(tape, op));
    else if (op->mask.channels > 0)
        add_own(c, (back ? 2 : 1) * VALUE * units(tape, op->mask) + mask_bytes(tape, op));
}

static void own_cost(const gd_tape *tape, const gd_op *op, cost *c)
{
    const double src = VALUE * units(tape, op->src), dst = VALUE * units(tape, op->dst);
    const double again = op->accumulate ? dst : 0, mask = mask_bytes(tape, op);
    const double window = 12.0 * tape->rows * tape->cols;
    switch (op->kind) {
    case GD_OP_INPUT:
        add_own(c, window + dst);
        break;
    case GD_OP_OUTPUT:
        add_own(c, src + window);
        break;
    case GD_OP_MASK:
        add_own(c, 2 * VALUE * units(tape, op->mask) + mask);
        break;
    default:
        add_own(c, src + dst + again + mask + units(tape, op->winner));
    }
}

static cost cost_of(const gd_tape *tape, const gd_op *op)
{
    cost c = {0};
    if (op->kind == GD_OP_CONV || op->kind == GD_OP_CONV_BACK)
        conv_cost(tape, op, &c);
    else
        own_cost(tape, op, &c);
    for (int i = 0; i < PEAKS; i++)
        c.at_peak[i] =
            fmax(c.flop / peaks[i].flops, c.conv_bytes / peaks[i].bytes) + c.own_bytes / peaks[i].bytes;
    return c;
}

static void add(cost *sum, const cost *c)
{
    sum->flop += c->flop;
    sum->conv_bytes += c->conv_bytes;
    sum->own_bytes += c->own_bytes;
    sum->convs += c->convs;
    sum->kernels += c->kernels;
    for (int i = 0; i < PEAKS; i++)
        sum->at_peak[i] += c->at_peak[i];
}

static cost total(const gd_tape *tape)
{
    cost sum = {0};
    for (int32_t o = 0; o < tape->op_count; o++) {
        const cost c = cost_of(tape, &tape->ops[o]);
        add(&sum, &c);
    }
    return sum;
}

static const char *const kinds[] = {
    [GD_OP_INPUT] = "input",
    [GD_OP_CONV] = "convolution, bias, ReLU, mask",
    [GD_OP_MAX_POOL] = "max pool",
    [GD_OP_AVG_POOL] = "mean pool",
    [GD_OP_SEED] = "seed",
    [GD_OP_CONV_BACK] = "convolution back, sum, mask",
    [GD_OP_MAX_POOL_BACK] = "max pool back",
    [GD_OP_AVG_POOL_BACK] = "mean pool back",
    [GD_OP_MASK] = "mask",
    [GD_OP_OUTPUT] = "output",
    [GD_OP_COPY] = "copy",
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void print_cost(const char *name, const cost *c)
{
    printf("| %s | %d + %d | %.2f | %.3f | %.3f |", name, c->convs, c->kernels, 1e-9 * c->flop,
           1e-9 * c->conv_bytes, 1e-9 * c->own_bytes);
    for (int i = 0; i < PEAKS; i++)
        printf(" %.3f |", 1e3 * c->at_peak[i]);
    printf("\n");
}

static void print_kinds(const gd_tape *tape)
{
    cost sums[KINDS] = {{0}};
    for (int32_t o = 0; o < tape->op_count; o++) {
        const cost c = cost_of(tape, &tape->ops[o]);
        add(&sums[tape->ops[o].kind], &c);
    }
    for (int k = 0; k < KINDS; k++)
        if (sums[k].convs + sums[k].kernels > 0)
            print_cost(kinds[k], &sums[k]);
    const cost all = total(tape);
    print_cost("**all**", &all);
}

static void print_ops(const gd_tape *tape)
{
    char name[96];
    for (int32_t o = 0; o < tape->op_count; o++) {
        const gd_op *op = &tape->ops[o];
        const gd_tensor *dst =
            op->dst.channels ? &tape->tensors[op->dst.tensor] : &tape->tensors[op->src.tensor];
        const cost c = cost_of(tape, op);
        snprintf(name, sizeof name, "%d %s %dx%d/%d %d -> %d @%dx%d", o, kinds[op->kind], op->kernel_rows,
                 op->kernel_cols, op->stride, op->src.channels, op->dst.channels, dst->cols, dst->rows);
        print_cost(name, &c);
    }
}

static gd_status lower(const gd_net *net, const gd_objective *objective, int32_t side, gd_tape **tape,
                       gd_error *error)
{
    const gd_lower_options options = {0};
    return gd_tape_lower(net, objective, side, side, &options, tape, error);
}

static gd_status print_sizes(const gd_net *net, const gd_objective *objective, gd_error *error)
{
    static const int32_t sides[] = {299, 512, 1024, 2176, 4352, 8192};
    printf("\n| window, px | GFLOP | GB | launches |");
    for (int i = 0; i < PEAKS; i++)
        printf(" %s, ms | Mpx/s |", peaks[i].name);
    printf("\n|---|---|---|---|");
    for (int i = 0; i < PEAKS; i++)
        printf("---|---|");
    printf("\n");
    for (size_t s = 0; s < sizeof sides / sizeof sides[0]; s++) {
        gd_tape *tape = NULL;
        gd_status status = lower(net, objective, sides[s], &tape, error);
        if (status != GD_OK)
            return status;
        const cost c = total(tape);
        const double pixels = (double)sides[s] * sides[s];
        printf("| %d | %.1f | %.2f | %d |", sides[s], 1e-9 * c.flop, 1e-9 * (c.conv_bytes + c.own_bytes),
               c.convs + c.kernels);
        for (int i = 0; i < PEAKS; i++)
            printf(" %.3f | %.0f |", 1e3 * c.at_peak[i], 1e-6 * pixels / c.at_peak[i]);
        printf("\n");
        gd_tape_free(tape);
    }
    return GD_OK;
}

typedef struct options {
    gd_architecture architecture;
    const char *layer;
    int32_t side;
    bool ops;
} options;

static bool parse(int argc, char **argv, options *o)
{
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (strcmp(argv[i], "--ops") == 0)
            o->ops = true;
        else if (more && strcmp(argv[i], "--model") == 0)
            o->architecture = strcmp(argv[++i], "inceptionResNet") ? GD_INCEPTION_V3 : GD_INCEPTION_RESNET_V2;
        else if (more && strcmp(argv[i], "--layer") == 0)
            o->layer = argv[++i];
        else if (more && strcmp(argv[i], "--side") == 0)
            o->side = atoi(argv[++i]);
        else
            return false;
    }
    return true;
}

static gd_status print_all(const gd_net *net, const options *o, gd_error *error)
{
    gd_tape *tape = NULL;
    const int32_t layer = gd_net_find_layer(net, o->layer);
    if (layer < 0)
        return gd_fail(error, GD_USAGE, "--layer %s: %s has no such layer", o->layer, net->title);
    gd_objective objective = {.count = 1};
    objective.terms[0] = (gd_term){net->layers[layer].node, 1};
    gd_status status = lower(net, &objective, o->side, &tape, error);
    if (status != GD_OK)
        return status;
    printf("%s to %s, one window of %d x %d px, bf16:\n\n", net->title, o->layer, o->side, o->side);
    printf("| operation | launches, cuDNN + own | GFLOP | GB, cuDNN | GB, own |");
    for (int i = 0; i < PEAKS; i++)
        printf(" %s, ms |", peaks[i].name);
    printf("\n|---|---|---|---|---|");
    for (int i = 0; i < PEAKS; i++)
        printf("---|");
    printf("\n");
    if (o->ops)
        print_ops(tape);
    print_kinds(tape);
    gd_tape_free(tape);
    return print_sizes(net, &objective, error);
}

int main(int argc, char **argv)
{
    options o = {.architecture = GD_INCEPTION_V3, .layer = "mixed5", .side = 2176};
    gd_error error = {""};
    if (!parse(argc, argv, &o)) {
        fprintf(stderr, "usage: gpu_model [--model M] [--layer NAME] [--side N] [--ops]\n");
        return 2;
    }
    gd_net *net = gd_net_create(o.architecture);
    gd_status status = net ? print_all(net, &o, &error) : gd_fail(&error, GD_MEMORY, "out of memory");
    if (status != GD_OK)
        fprintf(stderr, "gpu_model: %s\n", error.message);
    gd_net_free(net);
    return gd_exit_code(status);
}
