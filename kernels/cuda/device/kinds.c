/* The table of GPUs that can be planned for without having one.
 *
 * Sources: resident blocks, threads and shared memory of a multiprocessor from the CUDA C++ Programming
 * Guide, "Technical specifications per compute capability", its lanes from the same, "Arithmetic
 * instructions"; multiprocessors, clocks and caches from NVIDIA's
 * architecture papers (A100 2020, H100 2022, Ada 2022) and the data sheets of the H200 and the DGX B200;
 * memory and, for the H200, caches as cudaGetDeviceProperties reports them on such a board, which is less
 * than the nominal size (B200: estimated).
 *
 * Peak figures are those of the data sheets, of SXM modules but for the RTX 4090. Tensor core figures with
 * sparsity are twice those here, and NVLink figures for both ways together too. The RTX 4090 has no NVLink:
 * it has 16 lanes of PCIe 4.0. */
#include "kernels/cuda/device/kinds.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

const gd_gpu_kind gd_gpu_kinds[GD_GPU_KINDS] = {
    {
        .option = "h100",
        .title = "H100",
        .name = "NVIDIA H100 80GB HBM3",
        .version = 900,
        .lanes = 128,
        .processors = 132,
        .clock_khz = 1980000,
        .memory_khz = 2619000,
        .blocks = 32,
        .threads = 2048,
        .shared_bytes = 227 << 10,
        .l2_bytes = 50 << 20,
        .total_bytes = 85028765696,
        .peak_flops = 989.4e12,
        .peak_bytes = 3.35e12,
        .link_bytes = 450e9,
        .slow_tflops = 201,
        .fast_tflops = 327,
    },
    {
        .option = "a100",
        .title = "A100",
        .name = "NVIDIA A100-SXM4-80GB",
        .version = 800,
        .lanes = 64,
        .processors = 108,
        .clock_khz = 1410000,
        .memory_khz = 1593000,
        .blocks = 32,
        .threads = 2048,
        .shared_bytes = 163 << 10,
        .l2_bytes = 40 << 20,
        .total_bytes = 85031714816,
        .peak_flops = 312e12,
        .peak_bytes = 2.039e12,
        .link_bytes = 300e9,
        .slow_tflops = 80,
        .fast_tflops = 138,
    },
    {
        .option = "h200",
        .title = "H200",
        .name = "NVIDIA H200",
        .version = 900,
        .lanes = 128,
        .processors = 132,
        .clock_khz = 1980000,
        .memory_khz = 3201000,
        .blocks = 32,
        .threads = 2048,
        .shared_bytes = 227 << 10,
        .l2_bytes = 60 << 20,
        .total_bytes = 150754820096,
        .peak_flops = 989.4e12,
        .peak_bytes = 4.8e12,
        .link_bytes = 450e9,
        .slow_tflops = 224,
        .fast_tflops = 384,
    },
    {
        .option = "b200",
        .title = "B200",
        .name = "NVIDIA B200",
        .version = 1000,
        .lanes = 128,
        .processors = 148,
        .clock_khz = 1965000,
        .memory_khz = 3996000,
        .blocks = 32,
        .threads = 2048,
        .shared_bytes = 227 << 10,
        .l2_bytes = 253 << 19,
        .total_bytes = 191500000000,
        .peak_flops = 2250e12,
        .peak_bytes = 8e12,
        .link_bytes = 900e9,
        .slow_tflops = 407,
        .fast_tflops = 698,
    },
    {
        .option = "rtx4090",
        .title = "RTX 4090",
        .name = "NVIDIA GeForce RTX 4090",
        .version = 890,
        .lanes = 128,
        .processors = 128,
        .clock_khz = 2520000,
        .memory_khz = 10501000,
        .blocks = 24,
        .threads = 1536,
        .shared_bytes = 99 << 10,
        .l2_bytes = 72 << 20,
        .total_bytes = 25393692672,
        .peak_flops = 165.2e12,
        .peak_bytes = 1.008e12,
        .link_bytes = 31.5e9,
        .slow_tflops = 44,
        .fast_tflops = 74,
    },
};

const gd_gpu_kind *gd_gpu_kind_find(const char *option)
{
    for (int k = 0; k < GD_GPU_KINDS; k++)
        if (strcmp(option, gd_gpu_kinds[k].option) == 0)
            return &gd_gpu_kinds[k];
    return NULL;
}

/* Whether `text` begins with the whole word `word`, whatever the case and with blanks or not. */
static bool begins_with(const char *text, const char *word)
{
    for (; *word; text++) {
        if (*text == ' ')
            continue;
        if (tolower((unsigned char)*text) != *word++)
            return false;
    }
    return !isalnum((unsigned char)*text);
}

const gd_gpu_kind *gd_gpu_kind_named(const char *name)
{
    for (const char *at = name; *at; at++) {
        if (at > name && isalnum((unsigned char)at[-1]))
            continue;
        for (int k = 0; k < GD_GPU_KINDS; k++)
            if (begins_with(at, gd_gpu_kinds[k].option))
                return &gd_gpu_kinds[k];
    }
    return NULL;
}
