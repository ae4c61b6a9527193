/* The table of GPUs that can be planned for without having one. It knows no CUDA, so that the model of costs
 * (bench/gpu_cost.h) reads the same rows as the backend. */
#ifndef GD_CUDA_DEVICE_KINDS_H
#define GD_CUDA_DEVICE_KINDS_H

#include <stdint.h>

/* A kind of GPU. */
typedef struct gd_gpu_kind {
    const char *option, *title; /* "h100" of --device; "H100" in tables */
    const char *name;           /* as cudaGetDeviceProperties reports it */
    int32_t version;            /* compute capability: 100 * major + 10 * minor */
    int32_t lanes;              /* multiply-adds in float32 that a multiprocessor begins in a clock */
    int32_t processors, clock_khz, memory_khz;
    int32_t blocks, threads; /* resident on a multiprocessor */
    int32_t shared_bytes;    /* of a block, at most */
    int32_t l2_bytes;
    uint64_t total_bytes;
    double peak_flops;               /* a second, bf16 with float32 sums on tensor cores, without sparsity */
    double peak_bytes;               /* a second, of its memory */
    double link_bytes;               /* a second each way, between GPUs of a node */
    double slow_tflops, fast_tflops; /* docs/gpu-performance.md, "Windows, predicted": GFLOP of a window of
                                        2304 px in bf16 over its times */
} gd_gpu_kind;

enum { GD_GPU_KINDS = 5 };
extern const gd_gpu_kind gd_gpu_kinds[GD_GPU_KINDS];

/* The kind with this option; NULL if there is none. */
const gd_gpu_kind *gd_gpu_kind_find(const char *option);

/* The kind that a device's full name names ("NVIDIA H100 80GB HBM3", whatever the case), or an option; NULL
 * if it names none ("NVIDIA GH200 480GB" is no H200). */
const gd_gpu_kind *gd_gpu_kind_named(const char *name);

#endif
