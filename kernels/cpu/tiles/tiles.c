/* Asks processor and kernel for matrix tiles, and tries them.
 *
 * The processor: CPUID leaf 7, EDX bits 22 (AMX-BF16) and 24 (AMX-TILE), subleaf 1, EAX bit 5 (AVX512_BF16);
 * Intel SDM 2, "CPUID". The kernel: arch_prctl(ARCH_REQ_XCOMP_PERM), Linux's Documentation/x86/xstate.rst;
 * until it grants the registers, the first tile instruction ends the process. */
#include "kernels/cpu/tiles/tiles.h"

#include "kernels/cpu/tiles/convolution.h"

#include <cpuid.h>
#include <omp.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool has_tiles(void)
{
    enum { AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24, AVX512_BF16 = 1 << 5 };
    unsigned int a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d & AMX_BF16) || !(d & AMX_TILE))
        return false;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && a & AVX512_BF16 && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

#ifdef GD_HAVE_AMX

static bool is_granted(void)
{
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

enum {
    SIDE = 7,
    KERNEL = 3,
    PIXELS = SIDE * SIDE,
    WEIGHTS = GD_TILE_BLOCK * GD_TILE_BLOCK * KERNEL * KERNEL
};

static void keep_sums(const void *context, const float *sums, int32_t block, int64_t first, int32_t count)
{
    (void)block;
    float *kept = *(float *const *)context;
    memcpy(kept + first * GD_TILE_BLOCK, sums, sizeof *sums * (size_t)count * GD_TILE_BLOCK);
}

/* Numbers of either sign between 1/2 and 2, whose sums cancel: bits of a linear congruential sequence (Knuth,
 * TAOCP 2, 3.3.4). */
static uint16_t draw(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return (uint16_t)((*state >> 16 & 0x80ffU) | 0x3f00U);
}

/* One small convolution on both. */
static bool agree(const uint16_t *src, const gd_tile_pack *pack)
{
    float sums[2][PIXELS * GD_TILE_BLOCK];
    const float *kept[2] = {sums[0], sums[1]};
    gd_tile_conv conv = {.src = src,
                         .src_rows = SIDE,
                         .src_cols = SIDE,
                         .rows = SIDE,
                         .cols = SIDE,
                         .stride = 1,
                         .pad_rows = KERNEL / 2,
                         .pad_cols = KERNEL / 2,
                         .pack = pack,
                         .ending = keep_sums};
    conv.context = &kept[0];
    const char *fault = gd_tile_conv_emulated(&conv);
    conv.context = &kept[1];
    return !fault && !gd_tile_conv_amx(&conv) && memcmp(sums[0], sums[1], sizeof sums[0]) == 0;
}

static bool compute_alike(void)
{
    uint32_t state = 1;
    uint16_t src[PIXELS * GD_TILE_BLOCK];
    float kernel[WEIGHTS];
    gd_tile_pack pack;
    gd_error error;
    for (int i = 0; i < PIXELS * GD_TILE_BLOCK; i++)
        src[i] = draw(&state);
    for (int i = 0; i < WEIGHTS; i++) {
        const uint32_t bits = (uint32_t)draw(&state) << 16;
        memcpy(&kernel[i], &bits, sizeof bits);
    }
    gd_tile_weights weights = {.kernel = kernel,
                               .dst_step = (ptrdiff_t)GD_TILE_BLOCK * KERNEL * KERNEL,
                               .src_step = (ptrdiff_t)KERNEL * KERNEL,
                               .dst_channels = GD_TILE_BLOCK,
                               .src_channels = GD_TILE_BLOCK,
                               .kernel_rows = KERNEL,
                               .kernel_cols = KERNEL};
    for (int32_t t = 0; t < KERNEL * KERNEL; t++)
        weights.taps[t] = t;
    if (gd_tile_pack_create(&weights, &pack, &error) != GD_OK)
        return false;
    const bool alike = agree(src, &pack);
    gd_tile_pack_free(&pack);
    return alike;
}

/* By the calling thread alone: a process that has had a team must not fork. */
static bool give_the_bits(void)
{
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    const bool alike = compute_alike();
    omp_set_num_threads(threads);
    return alike;
}

static const gd_tile_answers asked_here = {has_tiles, is_granted, give_the_bits};

#else

static const gd_tile_answers asked_here = {.present = has_tiles};

#endif

const char *gd_tiles_missing(const gd_tile_answers *answers, bool allowed)
{
    if (!answers->present())
        return "this processor has none";
    if (!allowed)
        return "ONEDNN_MAX_CPU_ISA does not let them be used";
    if (!answers->granted)
        return "the compiler that built this program knows none; build with GCC 11, Clang 12 or newer";
    if (!answers->granted())
        return "the kernel does not permit them; it takes Linux 5.16 or newer, and a container that lets "
               "arch_prctl through";
    return answers->alike() ? NULL
                            : "they do not give the bits that they are documented to give; please report it";
}

/* State of the process, as the kernel's permission is; written once. */
static const char *missing_here;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void try_here(void)
{
    missing_here = gd_tiles_missing(&asked_here, true);
}

gd_tile_function *gd_tiles_find(bool allowed, const char **missing)
{
    if (!allowed || pthread_once(&once, try_here) != 0)
        *missing = gd_tiles_missing(&asked_here, false);
    else
        *missing = missing_here;
#ifdef GD_HAVE_AMX
    return *missing ? NULL : gd_tile_conv_amx;
#else
    return NULL;
#endif
}
