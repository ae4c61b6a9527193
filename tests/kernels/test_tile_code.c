/* The convolutions as they are compiled for the processor's own tiles, against those over the emulation, bit
 * for bit. Where there are no tiles each of their instructions is an illegal one: the handler of that signal
 * decodes it and does it on the emulated registers, so that the very code is executed that a processor with
 * tiles will execute. Encodings: Intel SDM 2, "LDTILECFG" and following, and 2.3, "VEX". */
#include "base/random.h"
#include "check.h"
#include "kernels/cpu/tiles/convolution.h"
#include "kernels/cpu/tiles/emulation.h"
#include "kernels/cpu/tiles/tiles.h"

#include <omp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

enum { CHANNELS = GD_TILE_BLOCK };

/* Of each thread, as the processor's are. */
static _Thread_local gd_tile_file registers;
static _Thread_local bool begun;
static int instructions;

static void give_up(const char *why)
{
    (void)!write(STDERR_FILENO, why, strlen(why));
    (void)!write(STDERR_FILENO, "\n", 1);
    _exit(1);
}

static uint64_t register_of(const ucontext_t *context, int number)
{
    static const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                  REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    return (uint64_t)context->uc_mcontext.gregs[order[number]];
}

/* An operand in memory. */
typedef struct address {
    uint64_t base, index; /* the base with the displacement; the scaled index */
    int length;           /* bytes from ModRM on */
} address;

/* at: ModRM; high_base, high_index: 8 where VEX says so. */
static address address_of(const ucontext_t *context, const uint8_t *at, int high_base, int high_index)
{
    const int mod = at[0] >> 6, rm = at[0] & 7;
    address found = {.length = 1};
    int base = rm;
    if (rm == 4) {
        const uint8_t sib = at[found.length++];
        const int index = (sib >> 3 & 7) + high_index;
        base = sib & 7;
        if (index != 4) /* none */
            found.index = register_of(context, index) << (sib >> 6);
    }
    if (mod == 3 || (mod == 0 && base == 5))
        give_up("an address that this test does not decode");
    found.base = register_of(context, base + high_base);
    if (mod == 1) {
        found.base += (uint64_t)(int64_t)(int8_t)at[found.length];
        found.length += 1;
    } else if (mod == 2) {
        int32_t displacement;
        memcpy(&displacement, at + found.length, sizeof displacement);
        found.base += (uint64_t)(int64_t)displacement;
        found.length += 4;
    }
    return found;
}

static void begin_thread(void)
{
    if (begun)
        return;
    begun = true;
    gd_tile_allow(&registers, NULL, SIZE_MAX);
}

/* The numbers in byte 2 are of the prefixes that VEX stands for. */
enum { NO_PREFIX, PREFIX_66, PREFIX_F3, PREFIX_F2 };

/* Does the instruction at `code`; its length. */
static int execute(const ucontext_t *context, const uint8_t *code)
{
    if (code[0] != 0xc4 || (code[1] & 0x1f) != 2)
        give_up("an illegal instruction that is none of tiles");
    const int prefix = code[2] & 3, third = ~code[2] >> 3 & 15, opcode = code[3];
    const int reg = code[4] >> 3 & 7, rm = code[4] & 7;
    const bool memory = code[4] >> 6 != 3;
    address at = {.length = 1};
    if (memory)
        at = address_of(context, code + 4, code[1] & 0x20 ? 0 : 8, code[1] & 0x40 ? 0 : 8);
    void *pointer = (void *)(uintptr_t)at.base;
    if (opcode == 0x49 && prefix == NO_PREFIX && memory)
        gd_tile_configure(&registers, pointer);
    else if (opcode == 0x49 && prefix == NO_PREFIX)
        gd_tile_release(&registers);
    else if (opcode == 0x49 && prefix == PREFIX_F2 && !memory)
        gd_tile_zero(&registers, reg);
    else if (opcode == 0x4b && prefix == PREFIX_F2 && memory)
        gd_tile_load(&registers, reg, pointer, (ptrdiff_t)at.index);
    else if (opcode == 0x4b && prefix == PREFIX_F3 && memory)
        gd_tile_store(&registers, reg, pointer, (ptrdiff_t)at.index);
    else if (opcode == 0x5c && prefix == PREFIX_F3 && !memory)
        gd_tile_multiply(&registers, reg, rm, third);
    else
        give_up("an illegal instruction that is none of tiles");
    return 4 + at.length;
}

static void on_illegal(int number, siginfo_t *information, void *data)
{
    (void)number;
    (void)information;
    ucontext_t *context = data;
    greg_t *next = &context->uc_mcontext.gregs[REG_RIP];
    begin_thread();
    *next += execute(context, (const uint8_t *)(uintptr_t)*next);
    if (registers.fault)
        give_up(registers.fault);
    __atomic_fetch_add(&instructions, 1, __ATOMIC_RELAXED);
}

typedef struct problem {
    int32_t src_channels, dst_channels; /* src: multiples of 32, or a picture's 3 */
    int32_t kernel_rows, kernel_cols, stride, pad_rows, pad_cols;
    int32_t src_rows, src_cols, rows, cols;
    bool narrow; /* the last block of dst */
} problem;

static const problem problems[] = {
    {96, 64, 1, 1, 1, 0, 0, 7, 13, 7, 13, false},  {64, 96, 3, 3, 1, 1, 1, 9, 37, 9, 37, true},
    {32, 32, 5, 5, 1, 2, -1, 11, 9, 10, 7, false}, {64, 32, 1, 7, 1, 0, 3, 5, 17, 5, 17, false},
    {64, 32, 7, 1, 1, 3, 0, 9, 17, 9, 17, true},   {32, 64, 3, 3, 2, 0, 1, 15, 71, 7, 36, false},
    {3, 64, 3, 3, 2, 0, 0, 19, 39, 9, 19, false},  {3, 32, 7, 7, 2, 3, 3, 20, 24, 10, 12, true},
};

static float draw(uint64_t seed, size_t index)
{
    return (float)gd_random_below(seed, GD_RANDOM_NOISE, 513, (int32_t)index, 0, 0) / 256 - 1;
}

static gd_tile_pack make_pack(const problem *p)
{
    gd_error error;
    gd_tile_pack pack;
    const int32_t taps = p->kernel_rows * p->kernel_cols, blocks = p->dst_channels / CHANNELS;
    bool narrow[blocks];
    gd_tile_weights weights = {.dst_step = (ptrdiff_t)p->src_channels * taps,
                               .src_step = taps,
                               .dst_channels = p->dst_channels,
                               .src_channels = p->src_channels,
                               .kernel_rows = p->kernel_rows,
                               .kernel_cols = p->kernel_cols,
                               .narrow = narrow};
    const size_t count = (size_t)p->dst_channels * (size_t)p->src_channels * (size_t)taps;
    float *kernel = malloc(count * sizeof *kernel);
    assert_non_null(kernel);
    for (size_t i = 0; i < count; i++)
        kernel[i] = draw(1, i);
    for (int32_t t = 0; t < taps; t++)
        weights.taps[t] = t;
    for (int32_t b = 0; b < blocks; b++)
        narrow[b] = p->narrow && b == blocks - 1;
    weights.kernel = kernel;
    check_ok(gd_tile_pack_create(&weights, &pack, &error), error);
    free(kernel);
    return pack;
}

typedef struct kept {
    float *sums; /* [blocks][pixels][32] */
    int64_t pixels;
} kept;

static void keep(const void *context, const float *sums, int32_t block, int64_t first, int32_t count)
{
    const kept *k = context;
    memcpy(k->sums + (block * k->pixels + first) * CHANNELS, sums, sizeof *sums * (size_t)count * CHANNELS);
}

/* As it is compiled, over the emulation and for the processor, by how many threads. */
static const struct {
    gd_tile_function *function;
    int threads;
} ways[] = {
    {gd_tile_conv_emulated, 8}, {gd_tile_conv_emulated, 1}, {gd_tile_conv_amx, 8}, {gd_tile_conv_amx, 3}};

static void run(const problem *p, const uint16_t *src, const gd_tile_pack *pack, int way, float *sums)
{
    const kept context = {sums, (int64_t)p->rows * p->cols};
    const gd_tile_conv conv = {.src = src,
                               .src_rows = p->src_rows,
                               .src_cols = p->src_cols,
                               .rows = p->rows,
                               .cols = p->cols,
                               .stride = p->stride,
                               .pad_rows = p->pad_rows,
                               .pad_cols = p->pad_cols,
                               .pack = pack,
                               .ending = keep,
                               .context = &context};
    omp_set_num_threads(ways[way].threads);
    assert_null(ways[way].function(&conv));
}

static void check_problem(const problem *p)
{
    enum { WAYS = sizeof ways / sizeof ways[0] };
    gd_tile_pack pack = make_pack(p);
    const size_t units = (size_t)p->src_channels * (size_t)p->src_rows * (size_t)p->src_cols;
    const size_t count = (size_t)p->dst_channels * (size_t)p->rows * (size_t)p->cols;
    uint16_t *src = malloc(units * sizeof *src);
    float *sums[WAYS];
    assert_non_null(src);
    for (size_t i = 0; i < units; i++) {
        const float value = draw(2, i);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        src[i] = (uint16_t)(bits >> 16);
    }
    for (int i = 0; i < WAYS; i++) {
        sums[i] = malloc(count * sizeof *sums[i]);
        assert_non_null(sums[i]);
        memset(sums[i], 0xff, count * sizeof *sums[i]);
        run(p, src, &pack, i, sums[i]);
        assert_memory_equal(sums[0], sums[i], count * sizeof *sums[i]);
    }
    for (int i = 0; i < WAYS; i++)
        free(sums[i]);
    free(src);
    gd_tile_pack_free(&pack);
}

static void test_code(void **state)
{
    (void)state;
    const char *missing;
    const struct sigaction action = {.sa_sigaction = on_illegal, .sa_flags = SA_SIGINFO};
    struct sigaction before;
    /* Where tiles are, they are used; where they are refused, they are as good as absent. */
    if (!gd_tiles_find(true, &missing))
        assert_int_equal(sigaction(SIGILL, &action, &before), 0);
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
        check_problem(&problems[i]);
    if (missing)
        assert_int_equal(sigaction(SIGILL, &before, NULL), 0);
    print_message("%d instructions of tiles were emulated one by one\n", instructions);
}

int main(void)
{
    if (!__builtin_cpu_supports("avx512f")) {
        printf("this processor has no AVX-512, which the code for tiles takes for granted\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_code)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
