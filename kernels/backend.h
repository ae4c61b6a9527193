/* What every backend implements: gradients of windows by tape, and the arithmetic on the canvas. */
#ifndef GD_KERNELS_BACKEND_H
#define GD_KERNELS_BACKEND_H

#include "base/memory.h"
#include "base/rect.h"
#include "base/status.h"
#include "image/resample.h"
#include "net/fold.h"
#include "net/tape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum gd_precision {
    GD_PRECISION_AUTO,
    GD_PRECISION_FP32,
    GD_PRECISION_BF16,
    GD_PRECISION_FP16, /* gradients are scaled in the backward pass */
    GD_PRECISION_TF32, /* float32 tensors, products of inputs rounded to 10 bits of mantissa */
    GD_PRECISION_FP64
} gd_precision;

typedef struct gd_device_options {
    gd_precision
        precision; /* AUTO: bf16 where the processor has it in hardware, else fp32; reference: always fp64 */
    int32_t cores; /* most cores to use, 0 for all that the process may run on; never changes a bit */
    int32_t place; /* of the process among those of its host, which then take different cores, or devices */
    uint64_t loading; /* bytes of the memory budget that are left for reading the weights file; 0: no bound */
    double patience;  /* seconds that a wait for the device may last; 0: as long as it sees fit */
    /* A device that need not be here ("h100", or a file of its properties): tapes can be compiled and
     * measured on it, and not run. NULL: one of this machine. */
    const char *described;
} gd_device_options;

/* Facts about a device that a plan needs; 0 where one does not apply. */
typedef struct gd_device_facts {
    char name[128];
    char identity[64];    /* differs between the devices of a host; "" when sharing one is no matter */
    uint64_t total_bytes; /* of its memory */
    uint64_t fixed_bytes; /* taken by the libraries themselves */
    double slow_tflops, fast_tflops; /* between which windows of 1024 px and more are predicted to be
                                        computed, where nothing can be measured; 0: nothing is known */
} gd_device_facts;

typedef struct gd_device gd_device;   /* an opened backend: weights in its layout, threads */
typedef struct gd_program gd_program; /* a tape made ready on a device */

/* The table of a backend. One device may run programs from several threads at once, each with an arena of its
 * own. */
typedef struct gd_backend {
    const char *name;   /* "cpu", "cuda", "reference" */
    bool whole_windows; /* takes tapes of whole windows only (no_shrink) */

    /* GD_OK when a device can be opened here; else why not, with the remedy. */
    gd_status (*available)(gd_error *error) GD_CHECKED;
    void (*info)(FILE *out); /* what is there, a line each */

    gd_status (*open)(const gd_device_options *options, gd_device **device, gd_error *error) GD_CHECKED;
    void (*close)(gd_device *device); /* after its programs; NULL is fine */

    /* The libraries and instruction sets in use, for the log and the numerics record: "cpu fp32,
     * oneDNN 2.6.3, avx512_core, team 8". Owned by the device. Two devices with the same text give the same
     * bits. */
    const char *(*describe)(const gd_device *device);
    gd_precision (*precision)(const gd_device *device);
    void (*facts)(const gd_device *device, gd_device_facts *facts);

    /* Windows that are best computed at the same time, by a process that has so many cores. */
    int32_t (*side_by_side)(const gd_device *device, int32_t cores);

    /* The memory of arenas, windows, gradients and planes. Owned by the device. */
    gd_memory *(*memory)(const gd_device *device);

    /* Decided once, by rank 0, for all (optional, all three or none): the implementation of each
     * operation of a tape, added to the device's record. With `tune` by timing the candidates here; *error
     * may then hold a remark for the user although all is well. The record is text, owned by the device;
     * `adopt` takes another device's, and `compile` then fails by name for an operation that it has no entry
     * for, or one that this device cannot honour. */
    gd_status (*decide)(gd_device *device, const gd_tape *tape, bool tune, gd_error *error) GD_CHECKED;
    const char *(*decided)(const gd_device *device);
    gd_status (*adopt)(gd_device *device, const char *record, gd_error *error) GD_CHECKED;

    /* Bytes of device memory that `load` takes for the filters of a tape. */
    size_t (*filter_bytes)(const gd_device *device, const gd_tape *tape);

    /* Takes the folded weights; they are copied or reordered, not kept. Once per device. */
    gd_status (*load)(gd_device *device, const gd_tape *tape, const gd_filter_values *values,
                      gd_error *error) GD_CHECKED;

    /* Makes a tape ready; its filters must be those of `load` (or nothing was loaded, and it can be measured
     * and dumped but not run). The tape must outlive the program. */
    gd_status (*compile)(gd_device *device, const gd_tape *tape, gd_program **program,
                         gd_error *error) GD_CHECKED;
    void (*free)(gd_program *program);

    /* Bytes of arena that `run` needs, 64-byte aligned. The sizes behind it are lent for --dump-tape. */
    size_t (*arena_bytes)(const gd_program *program);
    size_t (*workspace_bytes)(const gd_program *program); /* the most scratch that one operation takes */
    void (*dump)(const gd_program *program, const gd_net *net, FILE *out);

    /* The functions from here on may queue their work and return; what they queue is done in order. It is not
     * ordered against the memory's own queue: before that one may use results, wait with `finish`, and before
     * these may read what it brings, with a mark. All pointers but `sums` are memory of the device. */

    /* Runs operations [first, last) (0, op_count for all). window is [rows, cols, 3] float32, dense, in
     * [-1, 1]; gradient is [focus.rows, focus.cols, 3] float32, dense. */
    gd_status (*run)(gd_program *program, void *arena, int32_t first, int32_t last, const float *window,
                     float *gradient, gd_error *error) GD_CHECKED;

    /* For tests: a tensor of the arena as dense doubles [channels, rows, cols] (masks 0 or 1, winners 0..8).
     */
    void (*get)(const gd_program *program, const void *arena, int32_t tensor, double *values);
    void (*set)(const gd_program *program, void *arena, int32_t tensor, const double *values);

    /* Sum and sum of squares over a rectangle of a gradient, [rows, cols, 3] with `stride` floats from row to
     * row, in double, in an order that depends on rows and cols alone. Waits. */
    gd_status (*moments)(gd_device *device, const float *gradient, int64_t rows, int64_t cols, int64_t stride,
                         double sums[2], gd_error *error) GD_CHECKED;

    /* canvas = clip(canvas + step * gradient, -1, 1) over `count` floats. */
    gd_status (*update)(gd_device *device, float *canvas, const float *gradient, int64_t count, float step,
                        gd_error *error) GD_CHECKED;

    /* Resamples `source` (rectangle source_at of the old canvas, dense [rows, cols, 3]) to the rectangle
     * target_at of the new one, target_stride floats from row to row. A pixel's value depends on its
     * coordinates alone. */
    gd_status (*resample)(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                          const float *source, gd_rect source_at, float *target, gd_rect target_at,
                          int64_t target_stride, gd_error *error) GD_CHECKED;

    /* (optional) The noise of transfer/source.h over a rectangle of the canvas: values is [rows, cols, 3],
     * dense. */
    gd_status (*noise)(gd_device *device, uint64_t seed, gd_rect at, double deviation, float *values,
                       gd_error *error) GD_CHECKED;

    /* (optional) samples[count] of 8 or 16 bits, as the writer makes them, of values in [-1, 1]. */
    gd_status (*samples)(gd_device *device, const float *values, int64_t count, int32_t bits, void *samples,
                         gd_error *error) GD_CHECKED;

    /* Waits until all that was queued is done; fails with what went wrong in it. */
    gd_status (*finish)(gd_device *device, gd_error *error) GD_CHECKED;
} gd_backend;

/* "cpu", "cuda", "reference"; NULL for an unknown name. */
const gd_backend *gd_backend_find(const char *name);

extern const gd_backend gd_backend_reference;
extern const gd_backend gd_backend_cpu;
extern const gd_backend gd_backend_cuda; /* one that is never available, where it is not compiled in */

#endif
