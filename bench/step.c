/* Gradients of one window, timed: for bench/step.py and by hand.
 *
 *   step [--model M] [--layer NAME] [--backend B] [--precision P] [--rows N] [--cols N] [--cores N]
 *      [--halo N [--no-shrink]] [--measure [--described h100]] [--footprint] [--ops] [--library]
 *      [--emulated-tiles]
 *
 * The gradient is of --rows x --cols pixels in a window that has a halo around them; with --no-shrink, all of
 * the window is computed.
 * Weights come from a hash, the window from a counter-based generator. Prints what is in use, then for each
 * line read from standard input the seconds of one gradient, its processor seconds and a hash of its bits; on
 * a device, windows and gradients stay there, and the time ends when the device has. --measure prints memory
 * only, --footprint what tapes and programs of an octave take, --ops seconds for each operation (the least of
 * the gradients asked for), on a processor as many cores would take that share its work evenly, and of
 * convolutions the share of the rate of a product of 2048, of pools, masks and sums that of a copy of 64 MiB,
 * which is timed between the gradients.
 * --library leaves all convolutions of the cpu backend to oneDNN. --emulated-tiles, with bf16 on a processor,
 * gives the bits of tiles (AMX), slowly. */
#include "base/apart/apart.h"
#include "base/clock.h"
#include "base/random.h"
#include "footprint.h"
#include "kernels/backend.h"
#include "kernels/cpu/cpu.h"
#include "kernels/cpu/processors.h"
#include "kernels/cpu/program.h"
#include "memory_rate.h"
#include "net/fold.h"
#include "net/lower/lower.h"
#include "net/objective.h"
#include "precision_named.h"
#include "product_rate.h"
#include "tile_rate.h"
#include "tools/hash_weights.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct options {
    const char *model, *layer, *backend;
    const char *described; /* a GPU that need not be here, for --measure; NULL: the one here */
    gd_precision precision;
    int32_t rows, cols, cores; /* of the gradient */
    int32_t halo;
    bool no_shrink, measure, footprint, ops, library, emulated_tiles;
} options;

/* Everything that is owned. */
typedef struct bench {
    gd_net *net;
    gd_objective objective;
    gd_tape *tape;
    gd_weights *weights;
    gd_filter_values *filters;
    const gd_backend *backend;
    gd_device *device;
    gd_program *program;
    gd_memory *memory; /* borrowed; the device's */
    void *arena;
    float *window, *gradient;   /* memory of the device; [rows, cols, 3] of the window, and of its focus */
    float *host;                /* staging for either */
    int32_t cores;              /* of this machine, that compute */
    gd_elementwise elementwise; /* with --library: the device's, without convolutions */
} bench;

/* Of all threads. */
static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool take(options *o, const char *flag, const char *value)
{
    if (strcmp(flag, "--model") == 0)
        o->model = value;
    else if (strcmp(flag, "--layer") == 0)
        o->layer = value;
    else if (strcmp(flag, "--backend") == 0)
        o->backend = value;
    else if (strcmp(flag, "--described") == 0)
        o->described = value;
    else if (strcmp(flag, "--precision") == 0)
        o->precision = precision_named(value);
    else if (strcmp(flag, "--rows") == 0)
        o->rows = atoi(value);
    else if (strcmp(flag, "--cols") == 0)
        o->cols = atoi(value);
    else if (strcmp(flag, "--halo") == 0)
        o->halo = atoi(value);
    else if (strcmp(flag, "--cores") == 0)
        o->cores = atoi(value);
    else
        return false;
    return true;
}

static bool parse(int argc, char **argv, options *o)
{
    *o = (options){.model = "inceptionV3",
                   .layer = "mixed5",
                   .backend = "cpu",
                   .precision = GD_PRECISION_FP32,
                   .rows = 512,
                   .cols = 512};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--measure") == 0)
            o->measure = true;
        else if (strcmp(argv[i], "--no-shrink") == 0)
            o->no_shrink = true;
        else if (strcmp(argv[i], "--footprint") == 0)
            o->footprint = true;
        else if (strcmp(argv[i], "--ops") == 0)
            o->ops = true;
        else if (strcmp(argv[i], "--emulated-tiles") == 0)
            o->emulated_tiles = true;
        else if (strcmp(argv[i], "--library") == 0)
            o->library = true;
        else if (i + 1 >= argc || !take(o, argv[i], argv[i + 1]))
            return false;
        else
            i++;
    }
    return true;
}

static gd_status lower(const options *o, bench *b, gd_error *error)
{
    const bool v1 = strcmp(o->model, "inceptionV1") == 0, v3 = strcmp(o->model, "inceptionV3") == 0;
    b->net = gd_net_create(v1 ? GD_INCEPTION_V1 : v3 ? GD_INCEPTION_V3 : GD_INCEPTION_RESNET_V2);
    if (!b->net)
        return gd_fail(error, GD_MEMORY, "no memory for a network");
    int32_t layer = gd_net_find_layer(b->net, o->layer);
    if (layer < 0)
        return gd_fail(error, GD_USAGE, "%s has no layer %s", o->model, o->layer);
    b->objective = (gd_objective){.terms = {{.node = b->net->layers[layer].node, .weight = 1.0}}, .count = 1};
    const gd_lower_options lowered = {
        .dense = b->backend->dense, .focus = {o->halo, o->halo, o->rows, o->cols}, .no_shrink = o->no_shrink};
    gd_status status = gd_tape_lower(b->net, &b->objective, o->rows + 2 * o->halo, o->cols + 2 * o->halo,
                                     &lowered, &b->tape, error);
    if (status != GD_OK)
        return status;
    bool *needed = calloc((size_t)b->net->node_count, sizeof *needed);
    if (!needed)
        return gd_fail(error, GD_MEMORY, "no memory for a list of nodes");
    gd_objective_needs(b->net, &b->objective, needed);
    b->weights = hash_weights_create(b->net, needed);
    free(needed);
    if (!b->weights)
        return gd_fail(error, GD_MEMORY, "no memory for weights");
    return gd_filters_fold(b->tape, b->net, b->weights, &b->filters, error);
}

static size_t picture_bytes(const bench *b)
{
    return (size_t)b->tape->rows * (size_t)b->tape->cols * 3 * sizeof(float);
}

static size_t gradient_bytes(const bench *b)
{
    return (size_t)gd_rect_area(b->tape->focus) * 3 * sizeof(float);
}

static gd_status make_buffers(bench *b, gd_error *error)
{
    void *window = NULL, *gradient = NULL, *host = NULL;
    b->memory = b->backend->memory(b->device);
    gd_status status = b->memory->class->allocate(b->memory, GD_FOR_TENSORS,
                                                  b->backend->arena_bytes(b->program), &b->arena, error);
    if (status == GD_OK)
        status = b->memory->class->allocate(b->memory, GD_FOR_WINDOWS, picture_bytes(b), &window, error);
    b->window = window;
    if (status == GD_OK)
        status = b->memory->class->allocate(b->memory, GD_FOR_WINDOWS, gradient_bytes(b), &gradient, error);
    b->gradient = gradient;
    if (status == GD_OK)
        status = b->memory->class->allocate_staging(b->memory, picture_bytes(b), &host, error);
    b->host = host;
    return status;
}

static gd_status fill(bench *b, gd_error *error)
{
    gd_status status = make_buffers(b, error);
    if (status != GD_OK)
        return status;
    for (int32_t y = 0; y < b->tape->rows; y++)
        for (int32_t x = 0; x < b->tape->cols; x++) {
            double rgb[3];
            gd_random_normal3(1, y, x, rgb);
            for (int c = 0; c < 3; c++)
                b->host[((size_t)y * (size_t)b->tape->cols + (size_t)x) * 3 + (size_t)c] =
                    (float)(0.3 * rgb[c]);
        }
    status = b->memory->class->upload(b->memory, b->window, b->host, picture_bytes(b), error);
    return status == GD_OK ? gd_memory_synchronize(b->memory, error) : status;
}

/* The processor's row, for bench/step.py. */
static void print_kind(gd_cpu_kind kind)
{
    const gd_processor *row = gd_processor_of(kind);
    printf("# kind \"%s\" takes %s;", row->name, row->precision == GD_PRECISION_BF16 ? "bf16" : "fp32");
    for (int i = 0; row->ratio[0] > 0 && i < GD_PROCESSOR_LAYERS; i++)
        printf(" %.2f", row->ratio[i]);
    printf(" %s\n", row->measured);
}

static void leave_to_library(bench *b)
{
    b->elementwise = *b->device->elementwise;
    b->elementwise.winograd = NULL;
    b->device->elementwise = &b->elementwise;
}

static gd_status prepare(const options *o, bench *b, gd_error *error)
{
    b->backend = gd_backend_find(o->backend);
    if (!b->backend)
        return gd_fail(error, GD_USAGE, "no backend %s", o->backend);
    gd_status status = lower(o, b, error);
    double start = gd_clock();
    if (status == GD_OK)
        status = b->backend->open(&(gd_device_options){.precision = o->precision,
                                                       .cores = o->cores,
                                                       .described = o->described,
                                                       .emulated_tiles = o->emulated_tiles},
                                  &b->device, error);
    if (status == GD_OK && o->library && b->backend == &gd_backend_cpu)
        leave_to_library(b);
    if (status == GD_OK && !o->measure)
        status = b->backend->load(b->device, b->tape, b->filters, error);
    double loaded = gd_clock();
    if (status == GD_OK)
        status = b->backend->compile(b->device, b->tape, &b->program, error);
    if (status != GD_OK)
        return status;
    printf("# %s; %s %s %dx%d; loaded in %.3f s, compiled in %.3f s\n", b->backend->describe(b->device),
           o->model, o->layer, o->rows, o->cols, loaded - start, gd_clock() - loaded);
    printf("# arena %.2f bytes per pixel\n",
           (double)b->backend->arena_bytes(b->program) / ((double)o->rows * o->cols));
    if (strcmp(o->backend, "cpu") == 0)
        print_kind(b->device->kind);
    if (o->footprint)
        status = print_footprint(b->backend, b->device, b->tape, b->net, &b->objective, o->no_shrink, error);
    return o->measure || status != GD_OK ? status : fill(b, error);
}

/* FLOP a second of a product of matrices in the arithmetic of the convolutions; 0 on a device, or if unknown.
 */
static double product_rate(const bench *b)
{
    if (b->backend != &gd_backend_cpu)
        return 0;
    const bool bf16 = b->device->precision == GD_PRECISION_BF16 && !b->device->widens;
    const double seconds = product_seconds(bf16) / b->cores;
    if (seconds <= 0)
        printf("# the library has no product of 2048 in %s\n", bf16 ? "bf16" : "fp32");
    else
        printf("# a product of 2048 in %s: %.0f GF/s on %d cores\n", bf16 ? "bf16" : "fp32",
               1e-9 * product_flop() / seconds, b->cores);
    return seconds > 0 ? product_flop() / seconds : 0;
}

/* What tiles could do at most, and the product's share of it. */
static void print_tile_rate(const bench *b, double product)
{
    if (b->backend != &gd_backend_cpu || b->device->kind != GD_CPU_AMX || !b->device->tile_conv)
        return;
    const double rate = tile_rate() * b->cores;
    if (rate > 0)
        printf("# tile products from registers alone: %.0f GF/s on %d cores; the product has %.2f of it\n",
               1e-9 * rate, b->cores, product / rate);
}

/* Seconds of each operation and of a copy, the least of all gradients. */
typedef struct op_times {
    double *ops; /* [op_count] */
    double copy;
} op_times;

static void lower_to(double *best, double seconds)
{
    if (*best == 0 || seconds < *best)
        *best = seconds;
}

/* What an operation that does little but move memory moves, beside a copy. */
static void print_memory_rate(const bench *b, const gd_op *op, double seconds, double copy)
{
    const double unit = b->device->precision == GD_PRECISION_BF16 ? 2 : 4;
    const double rate = op_bytes(b->tape, op, unit) / seconds;
    if (rate > 0 && copy > 0)
        printf(" %6.1f GB/s %5.2f of a copy", 1e-9 * rate, rate * copy / copy_bytes());
}

static void print_op(const bench *b, int32_t i, double seconds, double product, double copy)
{
    static const char *const names[] = {[GD_OP_INPUT] = "input",
                                        [GD_OP_CONV] = "conv",
                                        [GD_OP_MAX_POOL] = "max",
                                        [GD_OP_AVG_POOL] = "mean",
                                        [GD_OP_SEAM] = "seam",
                                        [GD_OP_LRN] = "norm",
                                        [GD_OP_SEED] = "seed",
                                        [GD_OP_MATCH] = "match",
                                        [GD_OP_CONV_BACK] = "conv back",
                                        [GD_OP_MAX_POOL_BACK] = "max back",
                                        [GD_OP_AVG_POOL_BACK] = "mean back",
                                        [GD_OP_SEAM_BACK] = "seam back",
                                        [GD_OP_LRN_BACK] = "norm back",
                                        [GD_OP_MASK] = "mask",
                                        [GD_OP_OUTPUT] = "output",
                                        [GD_OP_COPY] = "copy"};
    const gd_op *op = &b->tape->ops[i];
    const gd_tensor *dst = &b->tape->tensors[op->dst.channels ? op->dst.tensor : op->src.tensor];
    const double rate = 2 * gd_op_macs(b->tape, op) / seconds;
    const char *way = b->backend == &gd_backend_cpu ? gd_cpu_op_name(b->program, i, 0) : NULL;
    printf("%3d %-9s %4d -> %4d at %4dx%-4d %dx%d/%d%s%s%s %8.3f ms", i, names[op->kind], op->src.channels,
           op->dst.channels, dst->rows, dst->cols, op->kernel_rows, op->kernel_cols, op->stride,
           op->accumulate ? " +" : "  ", op->mask.channels ? " mask" : "     ", op->relu ? " relu" : "     ",
           seconds * 1e3);
    if (rate > 0)
        printf(" %6.0f GF/s", 1e-9 * rate);
    if (rate > 0 && product > 0)
        printf(" %5.2f of the product", rate / product);
    if (b->backend == &gd_backend_cpu)
        print_memory_rate(b, op, seconds, copy);
    printf("%s%s\n", way ? "  " : "", way ? way : "");
}

/* All operations, and the sums of convolutions and of the rest. */
static void print_ops(const bench *b, const op_times *best)
{
    const double product = product_rate(b);
    print_tile_rate(b, product);
    if (best->copy > 0)
        printf("# a copy of 64 MiB: %.1f GB/s, read and written, on %d cores\n",
               1e-9 * copy_bytes() / best->copy, b->cores);
    double convs = 0, others = 0, flop = 0;
    for (int32_t i = 0; i < b->tape->op_count; i++) {
        const double macs = gd_op_macs(b->tape, &b->tape->ops[i]);
        print_op(b, i, best->ops[i], product, best->copy);
        flop += 2 * macs;
        *(macs > 0 ? &convs : &others) += best->ops[i];
    }
    printf("# convolutions %.1f ms, %.0f GF/s", convs * 1e3, 1e-9 * flop / convs);
    if (product > 0)
        printf(", %.2f of the product", flop / convs / product);
    printf("; all else %.1f ms\n", others * 1e3);
}

static gd_status run(const bench *b, int32_t first, int32_t last, gd_error *error)
{
    const gd_status status =
        b->backend->run(b->program, b->arena, first, last, b->window, b->gradient, error);
    return status == GD_OK ? b->backend->finish(b->device, error) : status;
}

/* As if the cores that compute shared the processor's time evenly; on a device, a clock. */
static double operation_seconds(const bench *b)
{
    return b->memory->class->kind == GD_MEMORY_HOST ? processor_seconds() / b->cores : gd_clock();
}

static int32_t count_cores(int32_t most)
{
    cpu_set_t set;
    const int32_t cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return most > 0 && most < cores ? most : cores;
}

/* One gradient, waited for; operation by operation where times are kept. */
static gd_status gradient(const bench *b, op_times *best, gd_error *error)
{
    if (!best->ops)
        return run(b, 0, b->tape->op_count, error);
    for (int32_t i = 0; i < b->tape->op_count; i++) {
        const double start = operation_seconds(b);
        const gd_status status = run(b, i, i + 1, error);
        if (status != GD_OK)
            return status;
        lower_to(&best->ops[i], operation_seconds(b) - start);
    }
    return GD_OK;
}

/* FNV-1a of the gradient, to compare bits. */
static gd_status hash(const bench *b, uint64_t *h, gd_error *error)
{
    const unsigned char *bytes = (const unsigned char *)b->host;
    gd_status status = b->memory->class->download(b->memory, b->host, b->gradient, gradient_bytes(b), error);
    if (status == GD_OK)
        status = gd_memory_synchronize(b->memory, error);
    *h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; status == GD_OK && i < gradient_bytes(b); i++)
        *h = (*h ^ bytes[i]) * UINT64_C(0x100000001b3);
    return status;
}

static gd_status serve(const options *o, const bench *b, gd_error *error)
{
    char line[64];
    gd_status status = GD_OK;
    op_times best = {.ops = o->ops ? calloc((size_t)b->tape->op_count, sizeof *best.ops) : NULL};
    fflush(stdout);
    while (status == GD_OK && fgets(line, sizeof line, stdin)) {
        if (best.ops && b->backend == &gd_backend_cpu)
            lower_to(&best.copy, copy_seconds() / b->cores);
        double start = gd_clock(), processor = processor_seconds();
        status = gradient(b, &best, error);
        const double taken = gd_clock() - start, work = processor_seconds() - processor;
        uint64_t bits = 0;
        if (status == GD_OK)
            status = hash(b, &bits, error);
        if (status == GD_OK)
            printf("%.6f %.6f %016llx\n", taken, work, (unsigned long long)bits);
        fflush(stdout);
    }
    if (best.ops && status == GD_OK)
        print_ops(b, &best);
    free(best.ops);
    return status;
}

static void release(bench *b)
{
    if (b->memory) {
        if (b->arena)
            b->memory->class->release(b->memory, GD_FOR_TENSORS, b->arena);
        gd_memory_release(b->memory, GD_FOR_WINDOWS, &b->window);
        gd_memory_release(b->memory, GD_FOR_WINDOWS, &b->gradient);
        if (b->host)
            b->memory->class->release_staging(b->memory, b->host);
    }
    if (b->backend) {
        b->backend->free(b->program);
        b->backend->close(b->device);
    }
    if (b->tape)
        gd_filters_free(b->filters, b->tape->filter_count);
    gd_weights_free(b->weights);
    gd_tape_free(b->tape);
    gd_net_free(b->net);
}

int main(int argc, char **argv)
{
    options o;
    bench b = {0};
    gd_error error = {{0}};
    struct rusage usage;
    gd_apart_start();
    if (!parse(argc, argv, &o)) {
        fprintf(stderr, "step: see the top of bench/step.c for its flags\n");
        return 2;
    }
    b.cores = count_cores(o.cores);
    gd_status status = prepare(&o, &b, &error);
    if (status == GD_OK && !o.measure)
        status = serve(&o, &b, &error);
    if (status != GD_OK)
        fprintf(stderr, "step: %s\n", error.message);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        printf("# peak resident %.1f MB\n", (double)usage.ru_maxrss / 1024);
    release(&b);
    return gd_exit_code(status);
}
