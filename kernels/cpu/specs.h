/* Shapes of convolutions, as oneDNN is asked for them. */
#ifndef GD_KERNELS_CPU_SPECS_H
#define GD_KERNELS_CPU_SPECS_H

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/winograd_pack.h"

/* The convolution of an operation, in the terms of its forward direction. */
gd_conv_spec gd_cpu_spec(const gd_program *program, const gd_op *op);

/* The backward convolution of stride 1, as a forward convolution. */
gd_conv_spec gd_cpu_turned_spec(const gd_conv_spec *spec, bool sum);

/* A convolution as the library can compute it: with pads that are not negative, of all of src. Its result
 * holds that of the given one from (skip_rows, skip_cols) on. */
typedef struct gd_cpu_fit {
    gd_conv_spec spec;
    int32_t skip_rows, skip_cols;
    bool whole; /* nothing is skipped: it is the given one */
} gd_cpu_fit;

gd_cpu_fit gd_cpu_fit_of(const gd_conv_spec *spec);

/* Whether it is a 1x1 convolution of stride 1 that reads a part of src, with fewer channels than it writes:
 * better that part is copied, and the convolution is that of the copy, than that all of src is convolved. */
bool gd_cpu_narrows(const gd_conv_spec *spec);

/* Whether a convolution has parts (a backward one of stride 2), and one of them as a forward convolution. Its
 * result (y, x) belongs at the row 2 y + part.row - pad_rows and the column 2 x + part.col - pad_cols of what
 * the backward one writes; where it has none, that is zero. */
bool gd_cpu_has_parts(const gd_conv_spec *back);
gd_conv_spec gd_cpu_part_spec(const gd_conv_spec *back, gd_cpu_part part);
int32_t gd_cpu_part_taps(int32_t taps, int32_t parity); /* along an axis with so many */

/* The same shape for our own convolutions. */
gd_winograd_shape gd_cpu_winograd_shape(const gd_conv_spec *spec);

#endif
