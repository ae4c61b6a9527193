/* A convolution and the choice of its engine, as plain data. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_H

#include "kernels/cuda/elementwise/launch.h"

#include <stdbool.h>
#include <stdint.h>

/* One convolution, described by its forward direction in both cases: x [in_rows, in_cols, in] -> y [out_rows,
 * out_cols, out], NHWC, batch 1; w is [out, kernel_rows, kernel_cols, in]. Forward: y = (w * x + bias), then
 * ReLU. Backward: x = w transposed * y, neither bias nor ReLU. */
typedef struct gd_conv_shape {
    bool backward;
    gd_cuda_type type; /* of x, w, y and bias; sums are float32 */
    bool tf32;         /* GD_CUDA_F32 only: inputs may be rounded to TF32 for the tensor cores */
    bool sum;          /* forward only: adds what y held before, ahead of the ReLU */
    bool bias, relu;   /* forward only */
    int32_t in, in_rows, in_cols, in_pitch; /* pitch: channels of the tensor that x is a slice of */
    int32_t out, out_rows, out_cols, out_pitch;
    int32_t kernel_rows, kernel_cols, stride;
    int32_t pad_rows, pad_cols;   /* before the first unit of x */
    int32_t post_rows, post_cols; /* behind the last one */
    int32_t in_line, out_line;    /* pixels from row to row of the tensors that x and y are parts of */
} gd_conv_shape;

/* Whether engines on tensor cores are wanted: always but in fp32 without tf32, where they are ruled out. */
bool gd_conv_wants_tensor_cores(const gd_conv_shape *shape);

/* A cuDNN engine and the values of its knobs, which determine the bits of the result. Plain data; the same
 * choice for the same shape and kind of device gives the same bits. */
enum { GD_KNOBS_MAX = 24 };

typedef struct gd_conv_choice {
    int64_t engine;    /* cuDNN's global index */
    int64_t workspace; /* bytes */
    int32_t knob_count;
    int64_t knobs[GD_KNOBS_MAX], values[GD_KNOBS_MAX];
    bool tensor_cores; /* according to the engine's notes */
} gd_conv_choice;

#endif
