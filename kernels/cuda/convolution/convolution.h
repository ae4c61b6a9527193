/* Convolutions by cuDNN's graph API: which engine, how much workspace, and running it. All that this project
 * knows of cudnn.h is behind this header. */
#ifndef GD_CUDA_CONVOLUTION_CONVOLUTION_H
#define GD_CUDA_CONVOLUTION_CONVOLUTION_H

#include "base/status.h"
#include "kernels/cuda/elementwise/launch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What plans are made for: a device here, or one that is only described. */
typedef struct gd_cudnn gd_cudnn;

/* With json == NULL: the current device, with a handle on `stream`. Otherwise for the device that the JSON
 * text describes (cuDNN's own device properties, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, as in
 * gd_properties.json): plans can be made, and not run. GD_BACKEND with the remedy where cuDNN is older
 * than 9.8 or refuses. */
gd_status gd_cudnn_open(const char *json, cudaStream_t stream, gd_cudnn **cudnn, gd_error *error) GD_CHECKED;
void gd_cudnn_close(gd_cudnn *cudnn); /* after its plans; NULL is fine */

/* GD_BACKEND, with the remedy, where the library in use is older than 9.8. Takes no time on a device. */
gd_status gd_cudnn_check_version(gd_error *error) GD_CHECKED;

/* "9.19.0" of the library in use; cut off at `bytes`, of which 32 are enough. */
void gd_cudnn_version(char *text, size_t bytes);

/* One convolution, in the terms of its forward direction: x [in_rows, in_cols, in] -> y [out_rows, out_cols,
 * out], NHWC, batch 1; w is [out, kernel_rows, kernel_cols, in]. Forward: y = (w * x + bias), then ReLU.
 * Backward: x = w transposed * y, neither bias nor ReLU. */
typedef struct gd_conv_shape {
    bool backward;
    gd_cuda_type type; /* of x, w, y and bias; sums are float32 */
    bool tf32;         /* GD_CUDA_F32 only: inputs may be rounded to TF32 for the tensor cores */
    bool sum;          /* forward only: adds what y held before, ahead of the ReLU */
    bool bias, relu;   /* forward only */
    int32_t in, in_rows, in_cols, in_pitch; /* pitch: channels of the tensor that x is a slice of */
    int32_t out, out_rows, out_cols, out_pitch;
    int32_t kernel_rows, kernel_cols, stride, pad_rows, pad_cols;
} gd_conv_shape;

/* What decides bits: an engine and the settings of its knobs. Plain data; the same choice for the same shape
 * and kind of device gives the same bits. */
enum { GD_KNOBS_MAX = 24 };

typedef struct gd_conv_choice {
    int64_t engine;    /* cuDNN's global index */
    int64_t workspace; /* bytes */
    int32_t knob_count;
    int64_t knobs[GD_KNOBS_MAX], values[GD_KNOBS_MAX];
    bool tensor_cores; /* by the engine's notes */
} gd_conv_choice;

/* The candidates in the order in which they are to be tried, best first, at most `room`: deterministic
 * engines only, within `budget` bytes of workspace, that finalize on this device; those on tensor cores first
 * (for fp32 without tf32: none that rounds its inputs down), and otherwise as heuristics mode A has them,
 * then mode fallback. GD_BACKEND, with the shape, when there is none. */
gd_status gd_conv_candidates(gd_cudnn *cudnn, const gd_conv_shape *shape, int64_t budget,
                             gd_conv_choice *choices, int32_t room, int32_t *count,
                             gd_error *error) GD_CHECKED;

/* A plan ready to run. */
typedef struct gd_conv_plan gd_conv_plan;

/* Exactly the engine and knobs of `choice`; GD_BACKEND naming both when this device cannot honour it. */
gd_status gd_conv_plan_create(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_choice *choice,
                              gd_conv_plan **plan, gd_error *error) GD_CHECKED;
void gd_conv_plan_free(gd_conv_plan *plan);

/* The plan in cuDNN's own words (CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION): equal texts are equal plans.
 * The caller frees it. */
gd_status gd_conv_plan_json(const gd_conv_plan *plan, char **json, gd_error *error) GD_CHECKED;

/* Queues the convolution on the stream of `cudnn`. Device memory; x, y of the slice's first channel. bias
 * NULL when the shape has none. workspace has choice.workspace bytes, aligned to 256. Works while a CUDA
 * graph is being captured on that stream. */
gd_status gd_conv_plan_run(gd_cudnn *cudnn, const gd_conv_plan *plan, void *x, const void *w,
                           const void *bias, void *y, void *workspace, gd_error *error) GD_CHECKED;

/* One line of text each, without spaces at its ends, for logs, checkpoints and caches: "engine 33 knobs
 * 2=4,12=1 workspace 1024 tc 1", and for a shape "back bf16 3x3/2 p0,0 32@255x255/32 -> 64@127x127/64". Two
 * shapes with the same text are the same. GD_CONV_TEXT_MAX bytes hold any of them. false: the text is not one
 * of ours, or does not fit. */
enum { GD_CONV_TEXT_MAX = 512 };

bool gd_conv_shape_text(const gd_conv_shape *shape, char *text, size_t bytes);
bool gd_conv_choice_text(const gd_conv_choice *choice, char *text, size_t bytes);
bool gd_conv_choice_parse(const char *text, gd_conv_choice *choice);

#endif
