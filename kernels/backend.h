/* What every backend implements: gradients of windows by tape, and the arithmetic on the canvas. */
#ifndef GD_KERNELS_BACKEND_H
#define GD_KERNELS_BACKEND_H

#include "base/rect.h"
#include "base/status.h"
#include "image/resample.h"
#include "net/tape.h"

#include <stddef.h>
#include <stdint.h>

typedef enum gd_precision {
    GD_PRECISION_AUTO,
    GD_PRECISION_FP32,
    GD_PRECISION_BF16,
    GD_PRECISION_FP64
} gd_precision;

typedef struct gd_device_options {
    gd_precision
        precision; /* AUTO: bf16 where the processor has it in hardware, else fp32; reference: always fp64 */
    int32_t cores; /* most cores to use, 0 for all that the process may run on; never changes a bit */
    int32_t place; /* of the process among those of its host, which then take different cores */
} gd_device_options;

typedef struct gd_device gd_device;   /* an opened backend: weights in its layout, threads */
typedef struct gd_program gd_program; /* a tape made ready on a device */

/* The table of a backend. One device may run programs from several threads at once, each with an arena of its
 * own. */
typedef struct gd_backend {
    const char *name; /* "cpu", "reference" */

    gd_status (*open)(const gd_device_options *options, gd_device **device, gd_error *error) GD_CHECKED;
    void (*close)(gd_device *device); /* after its programs; NULL is fine */

    /* What is in use, for the log and the numerics record: "cpu fp32, oneDNN 2.6.3, avx512_core, team 8".
     * Owned by the device. Two devices with the same text give the same bits. */
    const char *(*describe)(const gd_device *device);
    gd_precision (*precision)(const gd_device *device);

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
    void (*dump)(const gd_program *program, const gd_net *net, FILE *out);

    /* Runs operations [first, last) (0, op_count for all). window and gradient are [rows, cols, 3] float32,
     * dense, the window in [-1, 1]. */
    gd_status (*run)(gd_program *program, void *arena, int32_t first, int32_t last, const float *window,
                     float *gradient, gd_error *error) GD_CHECKED;

    /* For tests: a tensor of the arena as dense doubles [channels, rows, cols] (masks 0 or 1, winners 0..8).
     */
    void (*get)(const gd_program *program, const void *arena, int32_t tensor, double *values);
    void (*set)(const gd_program *program, void *arena, int32_t tensor, const double *values);

    /* Sum and sum of squares over a rectangle of a gradient, [rows, cols, 3] with `stride` floats from row to
     * row, in double, in an order that depends on rows and cols alone. */
    void (*moments)(gd_device *device, const float *gradient, int64_t rows, int64_t cols, int64_t stride,
                    double sums[2]);

    /* canvas = clip(canvas + step * gradient, -1, 1) over `count` floats. */
    void (*update)(gd_device *device, float *canvas, const float *gradient, int64_t count, float step);

    /* Resamples `source` (rectangle source_at of the old canvas, dense [rows, cols, 3]) to the rectangle
     * target_at of the new one, target_stride floats from row to row. A pixel's value depends on its
     * coordinates alone. */
    void (*resample)(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                     const float *source, gd_rect source_at, float *target, gd_rect target_at,
                     int64_t target_stride);
} gd_backend;

/* "cpu", "reference" or "auto" (cpu); NULL for an unknown name. */
const gd_backend *gd_backend_find(const char *name);

extern const gd_backend gd_backend_reference;
extern const gd_backend gd_backend_cpu;

#endif
