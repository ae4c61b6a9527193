/* No convolution of either network runs on an implementation of the library that was measured to be slow, or
 * takes much scratch: for every grid that windows of up to 700 px give a layer, in every precision and under
 * every instruction set up to this processor's own. The library is asked for them; nothing is run.
 *
 * In windows that shrink to their middle, an edge or a corner, where convolutions read parts of tensors, the
 * names are judged too, and all scratch counts.
 *
 * Slow are its plain loops ("ref"), which take 50 to 160 times as long as anything else; what takes 1.5 times
 * as long as our own or more (`slower`, see docs/performance.md); and, in bf16, all of it where there are
 * tiles.
 *
 *   test_cpu_names [all]   all: every grid; otherwise every width at three heights, and the reverse */
#include "check.h"
#include "kernels/cpu/cpu.h"
#include "kernels/cpu/program.h"
#include "kernels/cpu/winograd.h"
#include "kernels/op_tape.h"
#include "net/lower/lower.h"
#include "net/objective.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FIRST = 75,
    LAST = 700,
    SIZES = LAST - FIRST + 1,
    AT = 299,
    LEVELS_MAX = 16,
    KINDS_MAX = 400,
    AT_ONCE = 64
};

/* A convolution without its grid, which is a level: the extent in windows of AT x AT. */
typedef struct kind {
    gd_op op;
    int32_t src, dst; /* levels */
} kind;

/* Extents of a kind's tensors, along one axis, and that of the smallest window that gives them. */
typedef struct extent {
    int32_t src, dst, window;
} extent;

/* What takes 1.5 to 3.6 times as long as ours (bench/step --ops beside --ops --library), where a window is
 * large enough for ours. */
static const struct {
    const char *name;
    int32_t rows, cols; /* of the kernel; its stride is 1 */
} slower[] = {{"jit:avx512_core", 3, 3},          {"jit:avx512_core", 5, 5}, {"jit:avx512_core", 1, 7},
              {"jit:avx512_core", 7, 1},          {"jit:avx512_core", 1, 3}, {"jit:avx512_core", 3, 1},
              {"jit_bf16:avx512_core_bf16", 5, 5}};

/* Bytes of the library's scratch for each pixel of the window, and what its threads may take in small ones.
 */
enum { SCRATCH_PIXEL = 16, SCRATCH_TEAM = GD_TEAM * 16384 };

typedef struct survey {
    kind kinds[KINDS_MAX];
    int32_t kind_count;
    int32_t levels[LEVELS_MAX], level_count;
    int32_t extents[SIZES][LEVELS_MAX]; /* of the levels, by the window's */
} survey;

static survey found;
static bool all_grids;

static gd_tape *lower(const gd_net *net, int32_t layer, int32_t other, int32_t size)
{
    gd_error error = {{0}};
    gd_tape *tape = NULL;
    gd_objective objective = {.count = layer == other ? 1 : 2};
    objective.terms[0] = (gd_term){.node = net->layers[layer].node, .weight = 1.0};
    objective.terms[1] = (gd_term){.node = net->layers[other].node, .weight = 1.0};
    check_ok(gd_tape_lower(net, &objective, size, size, &(gd_lower_options){0}, &tape, &error), error);
    return tape;
}

static int32_t level_of(int32_t size)
{
    for (int32_t i = 0; i < found.level_count; i++)
        if (found.levels[i] == size)
            return i;
    assert_true(found.level_count < LEVELS_MAX);
    found.levels[found.level_count] = size;
    return found.level_count++;
}

static bool is_conv(const gd_op *op)
{
    return op->kind == GD_OP_CONV || op->kind == GD_OP_CONV_BACK;
}

/* The operation as op_tape_add takes it, with nothing in it that the library is not asked for. */
static kind kind_of(const gd_tape *tape, const gd_op *op)
{
    kind k;
    memset(&k, 0, sizeof k);
    k.op = (gd_op){.kind = op->kind,
                   .src.channels = op->src.channels,
                   .dst.channels = op->dst.channels,
                   .kernel_rows = op->kernel_rows,
                   .kernel_cols = op->kernel_cols,
                   .stride = op->stride,
                   .pad_rows = op->pad_rows,
                   .pad_cols = op->pad_cols,
                   .relu = op->relu,
                   .accumulate = op->accumulate};
    k.src = level_of(tape->tensors[op->src.tensor].rows);
    k.dst = level_of(tape->tensors[op->dst.tensor].rows);
    return k;
}

static bool same_kind(const kind *a, const kind *b)
{
    return a->src == b->src && a->dst == b->dst && a->op.kind == b->op.kind &&
           a->op.src.channels == b->op.src.channels && a->op.dst.channels == b->op.dst.channels &&
           a->op.kernel_rows == b->op.kernel_rows && a->op.kernel_cols == b->op.kernel_cols &&
           a->op.stride == b->op.stride && a->op.pad_rows == b->op.pad_rows &&
           a->op.pad_cols == b->op.pad_cols && a->op.relu == b->op.relu &&
           a->op.accumulate == b->op.accumulate;
}

static void add_kind(const kind *k)
{
    for (int32_t i = 0; i < found.kind_count; i++)
        if (same_kind(&found.kinds[i], k))
            return;
    assert_true(found.kind_count < KINDS_MAX);
    found.kinds[found.kind_count++] = *k;
}

static void add_kinds(gd_tape *tape)
{
    for (int32_t o = 0; o < tape->op_count; o++)
        if (is_conv(&tape->ops[o])) {
            const kind k = kind_of(tape, &tape->ops[o]);
            add_kind(&k);
        }
    gd_tape_free(tape);
}

/* The same operations at every size: what is at a level is known from those at AT. */
static void measure_levels(const gd_net *net)
{
    const int32_t deepest = net->layer_count - 1;
    gd_tape *named = lower(net, deepest, deepest, AT);
    for (int32_t s = 0; s < SIZES; s++) {
        gd_tape *tape = lower(net, deepest, deepest, FIRST + s);
        assert_int_equal(tape->op_count, named->op_count);
        for (int32_t o = 0; o < tape->op_count; o++) {
            const gd_op *op = &tape->ops[o], *as = &named->ops[o];
            if (!is_conv(op))
                continue;
            found.extents[s][level_of(named->tensors[as->src.tensor].rows)] =
                tape->tensors[op->src.tensor].rows;
            found.extents[s][level_of(named->tensors[as->dst.tensor].rows)] =
                tape->tensors[op->dst.tensor].rows;
        }
        gd_tape_free(tape);
    }
    gd_tape_free(named);
}

/* Of every objective of one or two layers: how convolutions are merged depends on it. */
static int survey_networks(void **state)
{
    (void)state;
    for (int n = 0; n < 2; n++) {
        gd_net *net = gd_net_create(n ? GD_INCEPTION_RESNET_V2 : GD_INCEPTION_V3);
        assert_non_null(net);
        for (int32_t a = 0; a < net->layer_count; a++)
            for (int32_t b = a; b < net->layer_count; b++)
                add_kinds(lower(net, a, b, AT));
        measure_levels(net);
        gd_net_free(net);
    }
    return 0;
}

/* Distinct ones, for windows of sizes [FIRST, LAST]. */
static int32_t extents_of(const kind *k, extent extents[SIZES])
{
    int32_t count = 0;
    for (int32_t s = 0; s < SIZES; s++) {
        const extent e = {found.extents[s][k->src], found.extents[s][k->dst], FIRST + s};
        if (count == 0 || e.src != extents[count - 1].src || e.dst != extents[count - 1].dst)
            extents[count++] = e;
    }
    return count;
}

/* What is asked for, with a number of operations at a time. */
typedef struct asking {
    gd_device *device;
    gd_tape *tape;
    int32_t windows[AT_ONCE]; /* pixels of the windows that the operations are of */
    int64_t asked, in_parts, faults;
    double scratch, shrunk; /* the most that was seen, bytes a pixel; in windows that shrink, too */
} asking;

/* Whether a window is too small for our own. */
static bool few_tiles(const gd_tape *tape, const gd_op *op)
{
    enum { FEW = 48 };
    const gd_tensor *dst = &tape->tensors[op->dst.tensor];
    const gd_winograd_shape shape = {op->src.channels, op->dst.channels, dst->rows,
                                     dst->cols,        op->kernel_rows,  op->kernel_cols};
    return gd_winograd_cuts(&shape).tiles < FEW;
}

static bool is_slow(const gd_program *program, int32_t o, const char *name)
{
    const gd_op *op = &program->tape->ops[o];
    const gd_device *device = program->device;
    if (strstr(name, "ref") || (device->kind == GD_CPU_AMX && device->precision == GD_PRECISION_BF16) ||
        device->tile_conv)
        return true;
    for (size_t i = 0; i < sizeof slower / sizeof slower[0]; i++)
        if (strcmp(name, slower[i].name) == 0 && op->stride == 1 && op->kernel_rows == slower[i].rows &&
            op->kernel_cols == slower[i].cols)
            return !few_tiles(program->tape, op);
    return false;
}

/* The implementation of a part of an operation that is slow; NULL: none is. */
static const char *slow_name(const gd_program *program, int32_t o)
{
    for (int32_t part = 0; part < GD_CPU_PARTS; part++) {
        const gd_conv *conv = program->ops[o].calls[part].conv;
        if (conv && is_slow(program, o, gd_conv_name(conv)))
            return gd_conv_name(conv);
    }
    return NULL;
}

/* NULL: none. */
static const char *fault_of(asking *a, const gd_program *program, int32_t o)
{
    for (int32_t part = 0; part < GD_CPU_PARTS; part++) {
        const gd_conv *conv = program->ops[o].calls[part].conv;
        if (!conv)
            continue;
        const double scratch = (double)gd_conv_scratch(conv), pixels = a->windows[o];
        if (scratch / pixels > a->scratch)
            a->scratch = scratch / pixels;
        if (scratch > SCRATCH_PIXEL * pixels + SCRATCH_TEAM)
            return "much scratch";
    }
    return slow_name(program, o);
}

static void tell(const asking *a, const gd_tape *tape, const gd_op *op, const char *fault)
{
    enum { MOST = 5 };
    const gd_tensor *src = &tape->tensors[op->src.tensor], *dst = &tape->tensors[op->dst.tensor];
    if (a->faults <= MOST)
        print_error("%s: %dx%d, stride %d, %s, %d channels at %dx%d to %d at %dx%d\n", fault, op->kernel_rows,
                    op->kernel_cols, op->stride, op->kind == GD_OP_CONV ? "forward" : "back",
                    op->src.channels, src->rows, src->cols, op->dst.channels, dst->rows, dst->cols);
}

static void ask(asking *a)
{
    gd_error error = {{0}};
    gd_program *program;
    check_ok(gd_cpu_compile(a->device, a->tape, &program, &error), error);
    for (int32_t o = 0; o < a->tape->op_count; o++) {
        a->asked++;
        a->in_parts += gd_cpu_op_name(program, o, 1) != NULL;
        const char *fault = fault_of(a, program, o);
        if (!fault)
            continue;
        a->faults++;
        tell(a, a->tape, &a->tape->ops[o], fault);
    }
    gd_cpu_program_free(program);
    gd_tape_free(a->tape);
    a->tape = op_tape_create(AT_ONCE, AT, AT);
}

static void add(asking *a, const kind *k, extent rows, extent cols)
{
    const gd_tensor src = {.channels = k->op.src.channels, .rows = rows.src, .cols = cols.src};
    const gd_tensor dst = {.channels = k->op.dst.channels, .rows = rows.dst, .cols = cols.dst};
    a->windows[a->tape->op_count] = rows.window * cols.window;
    op_tape_add(a->tape, &k->op, &src, &dst);
    if (a->tape->op_count == AT_ONCE)
        ask(a);
}

static void ask_kind(asking *a, const kind *k)
{
    static const int32_t heights[] = {203, 350, 613};
    extent extents[SIZES];
    const int32_t count = extents_of(k, extents);
    for (int32_t i = 0; i < count; i++)
        for (int32_t j = 0; all_grids && j < count; j++)
            add(a, k, extents[i], extents[j]);
    for (size_t h = 0; !all_grids && h < sizeof heights / sizeof heights[0]; h++) {
        const int32_t *at = found.extents[heights[h] - FIRST];
        const extent height = {at[k->src], at[k->dst], heights[h]};
        for (int32_t i = 0; i < count; i++) {
            add(a, k, height, extents[i]);
            add(a, k, extents[i], height);
        }
    }
}

static double float_bytes(const gd_tape *tape, gd_slice slice)
{
    const gd_tensor *tensor = &tape->tensors[slice.tensor];
    return (double)sizeof(float) * slice.channels * tensor->rows * tensor->cols;
}

/* What the library leaves no choice about: float32 copies where bf16 is only how tensors are stored, and a
 * result of a backward convolution, to which it cannot add. */
static double copies_of(const gd_program *program, int32_t o)
{
    const gd_op *op = &program->tape->ops[o];
    if (program->ops[o].widened)
        return float_bytes(program->tape, op->src) + float_bytes(program->tape, op->dst);
    return op->kind == GD_OP_CONV_BACK && op->stride > 1 ? float_bytes(program->tape, op->dst) : 0;
}

/* All that the library's convolutions take beside their tensors, in a window that shrinks to a focus. */
static void ask_shrunk(asking *a, const gd_net *net, int32_t layer, int32_t side, gd_rect focus)
{
    gd_error error = {{0}};
    gd_program *program;
    gd_objective objective = {.terms = {{.node = net->layers[layer].node, .weight = 1.0}}, .count = 1};
    const gd_lower_options options = {.focus = focus};
    const double pixels = (double)side * side;
    gd_tape *tape = NULL;
    check_ok(gd_tape_lower(net, &objective, side, side, &options, &tape, &error), error);
    check_ok(gd_cpu_compile(a->device, tape, &program, &error), error);
    for (int32_t o = 0; o < tape->op_count; o++) {
        if (!is_conv(&tape->ops[o]) || !program->ops[o].calls[0].conv)
            continue;
        a->asked++;
        const char *slow = slow_name(program, o);
        if (slow) {
            a->faults++;
            tell(a, program->tape, &program->tape->ops[o], slow);
        }
        const double scratch = (double)program->scratch_bytes[o] - copies_of(program, o);
        a->shrunk = scratch / pixels > a->shrunk ? scratch / pixels : a->shrunk;
        if (scratch <= SCRATCH_PIXEL * pixels + SCRATCH_TEAM)
            continue;
        a->faults++;
        tell(a, program->tape, &program->tape->ops[o], "much scratch in a window that shrinks");
    }
    gd_cpu_program_free(program);
    gd_tape_free(tape);
}

/* Foci in the middle of windows, at an edge, and in a corner. */
static void ask_all_shrunk(asking *a)
{
    for (int n = 0; n < 2; n++) {
        gd_net *net = gd_net_create(n ? GD_INCEPTION_RESNET_V2 : GD_INCEPTION_V3);
        assert_non_null(net);
        for (int32_t layer = 0; layer < net->layer_count; layer++)
            for (int32_t side = 512; side <= 1024; side += 512) {
                ask_shrunk(a, net, layer, side, (gd_rect){side / 4, side / 4, side / 2, side / 2});
                ask_shrunk(a, net, layer, side, (gd_rect){0, side / 8, side / 2, 3 * side / 4});
                ask_shrunk(a, net, layer, side,
                           (gd_rect){side / 3, side / 3, side - side / 3, side - side / 3});
            }
        gd_net_free(net);
    }
}

enum { GOOD, BAD, NOT_HERE };

static const char *const isas[] = {"SSE41", "AVX2", "AVX512_CORE", "AVX512_CORE_BF16"};

enum { ISAS = sizeof isas / sizeof isas[0] };

/* Whether the device is what was to be looked at: bf16 wants AVX-512, and the instruction set is the one
 * named, NULL for the processor's own where that is none of them. */
static bool open_device(const char *isa, const gd_device_options *options, gd_device **device)
{
    gd_error error = {{0}};
    bool named = false;
    for (int i = 0; i < ISAS; i++)
        if (strcasecmp(gd_dnnl_get_isa().name, isas[i]) == 0)
            named = !isa || isa == isas[i];
    if (named != (isa != NULL) && !options->emulated_tiles)
        return false;
    return gd_backend_cpu.open(options, device, &error) == GD_OK;
}

static int ask_all(const char *isa, const gd_device_options *options)
{
    asking a = {.tape = op_tape_create(AT_ONCE, AT, AT)};
    if (!open_device(isa, options, &a.device))
        return NOT_HERE;
    for (int32_t k = 0; k < found.kind_count; k++)
        ask_kind(&a, &found.kinds[k]);
    ask(&a);
    ask_all_shrunk(&a);
    print_message(
        "%s: %lld convolutions, %lld of them in parts, %lld slow or with much scratch; the most is %.1f "
        "bytes a pixel, and %.1f in windows that shrink\n",
        gd_backend_cpu.describe(a.device), (long long)a.asked, (long long)a.in_parts, (long long)a.faults,
        a.scratch, a.shrunk);
    gd_tape_free(a.tape);
    gd_backend_cpu.close(a.device);
    return a.faults > 0 ? BAD : GOOD;
}

/* The library takes an instruction set once in a process. */
static int in_process(const char *isa, const gd_device_options *options)
{
    int ended = 0;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (isa) {
            setenv("ONEDNN_MAX_CPU_ISA", isa, 1);
            setenv("DNNL_MAX_CPU_ISA", isa, 1);
        }
        _exit(ask_all(isa, options));
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended));
    return WEXITSTATUS(ended);
}

/* state: the name of an instruction set; NULL: the processor's own, where it is none of them. */
static void test_isa(void **state)
{
    static const gd_precision precisions[] = {GD_PRECISION_FP32, GD_PRECISION_BF16};
    const char *isa = *state;
    bool good = true;
    for (int i = 0; i < 2; i++) {
        const int result = in_process(isa, &(gd_device_options){.precision = precisions[i]});
        if (result == NOT_HERE)
            print_message("%s: not to be had here\n", i ? "bf16" : "fp32");
        good = good && result != BAD;
    }
    assert_true(good);
}

/* They leave nothing to the library. */
static void test_tiles(void **state)
{
    (void)state;
    const gd_device_options options = {.precision = GD_PRECISION_BF16, .emulated_tiles = true};
    assert_int_equal(in_process(NULL, &options), GOOD);
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[ISAS + 2] = {{.name = "another", .test_func = test_isa},
                                         {.name = "tiles", .test_func = test_tiles}};
    all_grids = argc > 1 && strcmp(argv[1], "all") == 0;
    for (int i = 0; i < ISAS; i++)
        tests[i + 2] =
            (struct CMUnitTest){.name = isas[i], .test_func = test_isa, .initial_state = (void *)isas[i]};
    return cmocka_run_group_tests(tests, survey_networks, NULL);
}
