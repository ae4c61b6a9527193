/* A convolution and the choice of its engine, as plain data. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_H

#include "kernels/cuda/elementwise/launch.h"

#include <stdbool.h>
#include <stdint.h>

/* What a graph does with the bits of its results, one for each. */
typedef enum gd_conv_mask {
    GD_CONV_NO_MASK,
    GD_CONV_WRITES_MASK, /* forward: set where the ReLU's input is above zero */
    GD_CONV_APPLIES_MASK /* backward: results whose bit is not set become zero */
} gd_conv_mask;

/* One convolution, described by its forward direction in both cases: x [in_rows, in_cols, in] -> y [out_rows,
 * out_cols, out], NHWC, batch 1; w is [out, kernel_rows, kernel_cols, in]. Forward: y = (w * x + bias), then
 * ReLU. Backward: x = w transposed * y, neither bias nor ReLU. With `compiled`, engines that cuDNN compiles
 * at run time are allowed: they alone add backward (x += ...), and write or apply masks. */
typedef struct gd_conv_shape {
    bool backward;
    gd_cuda_type type; /* of x, w, y and bias; sums are float32 */
    bool tf32;         /* GD_CUDA_F32 only: inputs may be rounded to TF32 for the tensor cores */
    bool compiled;
    bool sum;        /* adds what the result held before, ahead of ReLU and mask; backward if compiled */
    bool bias, relu; /* forward only */
    int32_t in, in_rows, in_cols, in_pitch; /* pitch: channels of the tensor that x is a slice of */
    int32_t out, out_rows, out_cols, out_pitch;
    int32_t kernel_rows, kernel_cols, stride;
    int32_t pad_rows, pad_cols;    /* before the first unit of x */
    int32_t post_rows, post_cols;  /* behind the last one */
    int32_t in_line, out_line;     /* pixels from row to row of the tensors that x and y are parts of */
    gd_conv_mask mask;             /* if compiled */
    int32_t mask_pitch, mask_line; /* bits from pixel to pixel, pixels from row to row; 0 without a mask */
    int32_t mask_alignment;        /* bytes */
} gd_conv_shape;

/* Whether engines on tensor cores are wanted: always but in fp32 without tf32, where they are ruled out. */
bool gd_conv_wants_tensor_cores(const gd_conv_shape *shape);

/* A cuDNN engine and the values of its knobs, which determine the bits of the result. Plain data; the same
 * choice for the same shape and kind of device gives the same bits. */
enum { GD_KNOBS_MAX = 24, GD_CONV_NO_ENGINE = -1 };

typedef struct gd_conv_choice {
    int64_t engine;    /* cuDNN's global index; GD_CONV_NO_ENGINE: another way was faster */
    int64_t workspace; /* bytes */
    int32_t knob_count;
    int64_t knobs[GD_KNOBS_MAX], values[GD_KNOBS_MAX];
    bool tensor_cores; /* according to the engine's notes */
} gd_conv_choice;

#endif
