/* What branches of a block could gain on a GPU if they ran side by side, at most, by arithmetic. */
#ifndef GD_BENCH_GPU_BRANCHES_H
#define GD_BENCH_GPU_BRANCHES_H

#include "base/status.h"
#include "gpu_cost.h"

/* Seconds of a window. Each kernel fills the GPU in waves of blocks, of which the last is not full; a launch
 * takes share->launch. */
typedef struct gpu_branches {
    double plain;       /* in order, without that waste: gpu_tape_seconds less its launches */
    double in_order;    /* one kernel after the other, with it */
    double beside;      /* no schedule is shorter: see gpu_branches_of */
    int32_t serial;     /* operations that wait for all before them, and that all behind them wait for */
    int32_t operations; /* operations, with the kernel of ours behind them; groups of seams are one */
} gpu_branches;

/* Of a tape whose memory is never used twice. Kernels that everything waits for cut it into parts; a part
 * takes at least as long as its longest chain, waste included, and as all its work without any waste.
 * GD_MEMORY. */
gd_status gpu_branches_of(const gd_tape *tape, const gd_gpu_kind *kind, const gpu_share *share,
                          gpu_branches *branches, gd_error *error) GD_CHECKED;

#endif
