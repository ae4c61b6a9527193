/* The interface of a backend: gradients of windows from a tape, and arithmetic on the canvas. */
#ifndef GD_KERNELS_BACKEND_H
#define GD_KERNELS_BACKEND_H

#include "base/allowance.h"
#include "base/memory.h"
#include "base/rect.h"
#include "base/status.h"
#include "image/resample.h"
#include "image/warp_point.h"
#include "kernels/demotion.h"
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

/* Size of the text about a processor, in bytes. */
enum { GD_KIND_WORDS = 160 };

typedef struct gd_device_options {
    gd_precision precision; /* AUTO: the faster of bf16 and fp32 for this kind of device, never by timing;
                               the reference backend is always fp64 */
    int32_t kind;  /* kind of processor to compute as, one of the backend's; 0: the one of this machine */
    int32_t cores; /* maximum number of cores, 0: all that the process may use; does not change results */
    int32_t place; /* index of the process on its host; processes take different cores or devices */
    /* Memory budget available for reading the weights file; borrowed by gd_engine_create; NULL: no limit. */
    const gd_allowance *loading;
    double patience; /* longest wait for the device in seconds; 0: the backend's default */
    /* Name ("h100") or properties file of a described device, which need not be present: tapes can be
     * compiled for it, and their memory measured, but not run. NULL: a device of this machine. */
    const char *described;
    bool emulated_tiles; /* cpu, bf16: in matrix tiles that plain C emulates, for tests; never changes what
                            real tiles give */
} gd_device_options;

/* Facts about a device that a plan needs; 0: does not apply. */
typedef struct gd_device_facts {
    char name[128];
    char identity[64];               /* unique among the devices of a host; "": sharing it is fine */
    uint64_t total_bytes;            /* of its memory */
    uint64_t fixed_bytes;            /* used by libraries, and by other programs where that was measured */
    uint64_t assumed_bytes;          /* assumed for libraries: the same on every device of a kind */
    double slow_tflops, fast_tflops; /* predicted range of speed for windows of 1024 px and more, for devices
                                        that cannot be measured; 0: unknown */
} gd_device_facts;

typedef struct gd_device gd_device;   /* an opened backend, with its threads and the weights in its layout */
typedef struct gd_program gd_program; /* a tape compiled for a device */

/* The function table of a backend. Several threads may run programs on one device at the same time, each with
 * its own arena. Not collective. */
typedef struct gd_backend {
    const char *name; /* "cpu", "cuda", "reference" */
    bool dense;       /* wants dense tapes (net/lower/options.h); others have no seams */

    /* GD_OK if a device can be opened on this machine; else the reason and the remedy. GD_USAGE: this program
     * was built without the backend. */
    gd_status (*available)(gd_error *error) GD_CHECKED;
    void (*info)(FILE *out); /* one line for each library and device that is present */

    /* (optional, all or none) Kinds of processor, from 1, each after those that it can compute as. Precision,
     * arithmetic and instruction set follow from the kind. Ranks agree on one before they open the backend.
     */
    int32_t (*kind)(void);                        /* of this machine's processor */
    int32_t (*common_kind)(int32_t a, int32_t b); /* the best kind that both can compute as */
    const char *(*kind_name)(int32_t kind);       /* as in `describe`; NULL for numbers past the last kind */
    void (*kind_words)(
        char words[GD_KIND_WORDS]);          /* name of this machine's kind, and why it is no better one */
    const char *(*kind_limit)(int32_t kind); /* environment setting that makes this machine compute as
                                                that kind; NULL: there is none */

    /* The caller closes the device. */
    gd_status (*open)(const gd_device_options *options, gd_device **device, gd_error *error) GD_CHECKED;
    void (*close)(gd_device *device); /* after its programs; NULL is fine */

    /* Libraries and instruction sets in use, for the log and the numerics record: "cpu fp32 on AVX2,
     * oneDNN 2.6.3, avx2, team 8, kernels 2". Owned by the device. Devices with equal texts give equal bits.
     */
    const char *(*describe)(const gd_device *device);
    gd_precision (*precision)(const gd_device *device);
    /* (optional) Why GD_PRECISION_AUTO may not be the fastest of a device of this kind, and what to do; NULL:
     * it is. */
    const char *(*advice)(const gd_device *device);
    void (*facts)(const gd_device *device, gd_device_facts *facts);

    /* Best number of windows to compute at the same time, for a process with `cores` cores. */
    int32_t (*side_by_side)(const gd_device *device, int32_t cores);

    /* The memory for arenas, windows, gradients and planes. Owned by the device. */
    gd_memory *(*memory)(const gd_device *device);

    /* (optional, all three or none) Choice of the implementation of each operation, made once by rank 0 for
     * all ranks. `decide` adds the choices for a tape to the device's record; with `tune`, it times the
     * candidates, and *error may hold a remark for the user even if it returns GD_OK. `decided` returns the
     * record as text, owned by the device. `adopt` replaces the record by another device's; `compile` then
     * fails, naming the operation, if the record has no entry for it or this device cannot run the choice. */
    gd_status (*decide)(gd_device *device, const gd_tape *tape, bool tune, gd_error *error) GD_CHECKED;
    const char *(*decided)(const gd_device *device);
    gd_status (*adopt)(gd_device *device, const char *record, gd_error *error) GD_CHECKED;

    /* (optional) Counts the convolutions of a tape that the device computes without its tensor cores although
     * the precision is made for them: by its record, or as `compile` would choose. Fails as `compile`. */
    gd_status (*demotion)(gd_device *device, const gd_tape *tape, gd_demotion *demotion,
                          gd_error *error) GD_CHECKED;

    /* Bytes of device memory that `load` allocates for the filters of a tape. */
    size_t (*filter_bytes)(const gd_device *device, const gd_tape *tape);

    /* Copies or reorders the folded weights values[filter_count] to the device; once for each device. */
    gd_status (*load)(gd_device *device, const gd_tape *tape, const gd_filter_values *values,
                      gd_error *error) GD_CHECKED;

    /* Compiles a tape, which must outlive the program. Its filters must be those of `load`; if none were
     * loaded, the program can be measured and dumped, but not run. The caller frees the program. */
    gd_status (*compile)(gd_device *device, const gd_tape *tape, gd_program **program,
                         gd_error *error) GD_CHECKED;
    void (*free)(gd_program *program);

    /* Size of the arena that `run` needs, aligned to 64 bytes. */
    size_t (*arena_bytes)(const gd_program *program);
    size_t (*workspace_bytes)(const gd_program *program); /* largest scratch of any operation */
    /* Prints operations, tensors and their memory for --dump-tape. */
    void (*dump)(const gd_program *program, const gd_net *net, FILE *out);

    /* The following functions may queue their work and return; queued work is executed in order. It is not
     * ordered against the queue of `memory`: before that queue uses results, or overwrites what is read here,
     * call `wait_event` or `finish`; before these functions read what that queue wrote, wait for an event.
     * All pointers except `sums` are to memory of the device. */

    /* Runs operations [first, last) (0, op_count for all). window is [rows, cols, 3] float32, dense, in
     * [-1, 1]; gradient is [focus.rows, focus.cols, 3] float32, dense. */
    gd_status (*run)(gd_program *program, void *arena, int32_t first, int32_t last, const float *window,
                     float *gradient, gd_error *error) GD_CHECKED;

    /* For tests: read and write a tensor of the arena as dense doubles [channels, rows, cols] (masks 0 or 1,
     * winners 0..8). */
    void (*get)(const gd_program *program, const void *arena, int32_t tensor, double *values);
    void (*set)(const gd_program *program, void *arena, int32_t tensor, const double *values);

    /* sums[0], sums[1]: sum and sum of squares of a rectangle of a gradient, [rows, cols, 3] with `stride`
     * floats from row to row; in double, in an order that depends only on rows and cols. May be written by a
     * later `moments` or `finish`: valid after `finish` returned GD_OK, and borrowed until it has returned.
     */
    gd_status (*moments)(gd_device *device, const float *gradient, int64_t rows, int64_t cols, int64_t stride,
                         double sums[2], gd_error *error) GD_CHECKED;

    /* canvas = clip(canvas + step * gradient, -1, 1) over `count` floats. */
    gd_status (*update)(gd_device *device, float *canvas, const float *gradient, int64_t count, float step,
                        gd_error *error) GD_CHECKED;

    /* dream = input + strength * (clip(input + difference, -1, 1) - input) over `pixels` pixels of three
     * floats, of both as clipped; the difference is dream - input, or its luma (0.2126, 0.7152, 0.0722) in
     * all three. */
    gd_status (*blend)(gd_device *device, float *dream, const float *input, int64_t pixels, float strength,
                       bool luma, gd_error *error) GD_CHECKED;

    /* to = keep * to + factor * from over rows of `floats` values, without clipping. */
    gd_status (*mix)(gd_device *device, float *to, int64_t to_stride, const float *from, int64_t from_stride,
                     int64_t rows, int64_t floats, float keep, float factor, gd_error *error) GD_CHECKED;

    /* The three entries of a mask of one value a pixel, from 0 to 1, over `pixels` pixels of three floats;
     * what is computed where the mask is 0 may be anything, NaN too.
     * mask_moments: sums[0], sums[1]: of mask * gradient and of mask * gradient^2; in double, in an order
     * that depends only on `pixels`; valid as those of `moments`. mask_update: canvas = clip(canvas + step *
     * mask * gradient, -1, 1); unchanged where the mask is 0. mask_keep: canvas = input, or 0 if that is
     * NULL, where the mask is 0. */
    gd_status (*mask_moments)(gd_device *device, const float *gradient, const float *mask, int64_t pixels,
                              double sums[2], gd_error *error) GD_CHECKED;
    gd_status (*mask_update)(gd_device *device, float *canvas, const float *gradient, const float *mask,
                             int64_t pixels, double step, gd_error *error) GD_CHECKED;
    gd_status (*mask_keep)(gd_device *device, float *canvas, const float *input, const float *mask,
                           int64_t pixels, gd_error *error) GD_CHECKED;

    /* The gradient, by the pixels of rectangle target_at, of the total variation of a canvas of that extent:
     * the sum over pixels and channels of sqrt(d0^2 + d1^2 + 1e-4), with the differences d to the next pixel
     * down and across, 0 at the edges. `source` is dense, with one pixel around target_at where the canvas
     * has it; `target` is dense. */
    gd_status (*roughness)(gd_device *device, const float *source, gd_rect source_at, gd_extent canvas,
                           float *target, gd_rect target_at, gd_error *error) GD_CHECKED;

    /* Resamples `source` (rectangle source_at of the old canvas, dense [rows, cols, 3]) to rectangle
     * target_at of the new canvas, with target_stride floats from row to row. A pixel's value depends only on
     * its coordinates. */
    gd_status (*resample)(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                          const float *source, gd_rect source_at, float *target, gd_rect target_at,
                          int64_t target_stride, gd_error *error) GD_CHECKED;

    /* Warps `source` (rectangle source_at of the old canvas, dense [rows, cols, 3]) to rectangle target_at of
     * the new one, by cubic convolution, clipped to [-1, 1], with samples beyond the canvas's edges as the
     * last ones there. `offsets` (or NULL) is laid out as target: what is added to the column and the row
     * that a pixel comes from, within warp->offsets; the third value is not used. The source has all that
     * gd_warp_source names. A pixel's value depends only on its coordinates and its offsets. */
    gd_status (*warp)(gd_device *device, const gd_warp *warp, const float *offsets, const float *source,
                      gd_rect source_at, float *target, gd_rect target_at, int64_t target_stride,
                      gd_error *error) GD_CHECKED;

    /* (optional) Noise (transfer/source.h) for a rectangle of the canvas: values is dense [rows, cols, 3]. */
    gd_status (*noise)(gd_device *device, uint64_t seed, gd_rect at, double deviation, float *values,
                       gd_error *error) GD_CHECKED;

    /* (optional) Converts values in [-1, 1] to samples[count] of 8 or 16 bits, rounded as in image/writer.h.
     */
    gd_status (*samples)(gd_device *device, const float *values, int64_t count, int32_t bits, void *samples,
                         gd_error *error) GD_CHECKED;

    /* (optional, both or none; none: nothing is ever queued) record_event: *event, above 0, passes when
     * everything queued so far is done. wait_event waits until it has passed; what is queued later need not
     * be done. Events pass in the order in which they were recorded. */
    gd_status (*record_event)(gd_device *device, uint64_t *event, gd_error *error) GD_CHECKED;
    gd_status (*wait_event)(gd_device *device, uint64_t event, gd_error *error) GD_CHECKED;

    /* Waits for all queued work, and writes the sums of `moments`; reports the first failure in it. */
    gd_status (*finish)(gd_device *device, gd_error *error) GD_CHECKED;
} gd_backend;

/* "cpu", "cuda", "reference"; NULL for an unknown name. */
const gd_backend *gd_backend_find(const char *name);

extern const gd_backend gd_backend_reference;
extern const gd_backend gd_backend_cpu;
extern const gd_backend gd_backend_cuda; /* never available if not compiled in */

#endif
