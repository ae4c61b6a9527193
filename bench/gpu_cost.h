/* What the operations of a tape cost on a GPU, by arithmetic: FLOP, bytes, launches, and seconds at a share
 * of peak figures. Tensors of 2 bytes (bf16, fp16). */
#ifndef GD_BENCH_GPU_COST_H
#define GD_BENCH_GPU_COST_H

#include "kernels/cuda/device/kinds.h"
#include "net/tape.h"

/* What share of the peak figures is had. */
typedef struct gpu_share {
    double flops, bytes; /* of the peaks */
    double network;      /* of the links' bandwidth */
    double launch;       /* seconds between two kernels of a graph */
    double step;         /* seconds of each step that nothing hides: waits of the host, small messages */
    bool overlaps;       /* windows travel while others are computed */
} gpu_share;

/* Peak, and the estimates that are predicted: why each figure, docs/gpu-performance.md says. */
extern const gpu_share gpu_at_peak, gpu_fast, gpu_slow;

/* Of one operation, or a sum of them. */
typedef struct gpu_cost {
    double flop;                  /* on tensor cores */
    double own_flop;              /* in float32, by kernels of ours */
    double conv_bytes, own_bytes; /* of cuDNN's and cuBLASLt's kernels, and of our own: each tensor once */
    double copy_bytes;      /* of cuDNN's copies of slices of wider tensors: read, and written densely */
    int32_t convs, kernels; /* launches of theirs and ours */
    int32_t copies;         /* launches within cuDNN's plans, beside those of the convolutions */
} gpu_cost;

gpu_cost gpu_cost_of(const gd_tape *tape, const gd_op *op);
void gpu_cost_add(gpu_cost *sum, const gpu_cost *cost);

/* Of one operation (or a sum of them, for which it is a lower bound). */
double gpu_seconds(const gpu_cost *cost, const gd_gpu_kind *kind, const gpu_share *share);

/* Bytes that are moved, and kernels that are launched, in all. */
double gpu_bytes(const gpu_cost *cost);
int32_t gpu_launches(const gpu_cost *cost);

/* Of a whole tape, operation by operation. */
gpu_cost gpu_tape_cost(const gd_tape *tape);
double gpu_tape_seconds(const gd_tape *tape, const gd_gpu_kind *kind, const gpu_share *share);

#endif
