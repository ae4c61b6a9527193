/* Choice of the algorithm for a convolution. */
#ifndef GD_KERNELS_CPU_ALGORITHM_H
#define GD_KERNELS_CPU_ALGORITHM_H

#include "kernels/cpu/cpu.h"

/* The algorithm for forward and turned convolutions with such a kernel, in windows that are not too small for
 * Winograd's. 1x1 kernels have no padding. */
gd_conv_algorithm gd_cpu_preferred(const gd_device *device, int32_t kernel_rows, int32_t kernel_cols,
                                   int32_t stride);

/* The algorithm for a convolution of this shape: the preferred one, but Winograd's only once there are tiles
 * enough for a team. */
gd_conv_algorithm gd_cpu_algorithm_of(const gd_device *device, const gd_conv_spec *spec);

#endif
