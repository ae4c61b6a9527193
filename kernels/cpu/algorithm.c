/* Chooses the algorithm of each convolution: oneDNN, Winograd or our bf16 product. */
#include "kernels/cpu/algorithm.h"

#include "kernels/cpu/specs.h"

/* Winograd is two to four times as fast. 1x1 kernels gain nothing in float32 but what widening costs, and in
 * native bf16 nothing but the library's scratch. Kernels of three taps save too little: in native bf16 the
 * library takes 0.6 to 0.8 of the time. */
gd_conv_algorithm gd_cpu_preferred(const gd_device *device, int32_t kernel_rows, int32_t kernel_cols,
                                   int32_t stride)
{
    const bool native = device->precision == GD_PRECISION_BF16 && !device->widens;
    if (!device->elementwise->winograd || stride != 1 || !gd_winograd_has(kernel_rows, kernel_cols))
        return GD_CPU_LIBRARY;
    if (native && kernel_rows * kernel_cols == 3)
        return GD_CPU_LIBRARY;
    if (kernel_rows != 1 || kernel_cols != 1 || device->widens)
        return GD_CPU_WINOGRAD;
    return native ? GD_CPU_PRODUCT : GD_CPU_LIBRARY;
}

gd_conv_algorithm gd_cpu_algorithm_of(const gd_device *device, const gd_conv_spec *spec)
{
    enum { FEWEST_TILES = 48 };
    if (spec->method == GD_CONV_BACKWARD)
        return GD_CPU_LIBRARY;
    gd_conv_algorithm algorithm =
        gd_cpu_preferred(device, spec->kernel_rows, spec->kernel_cols, spec->stride);
    if (algorithm != GD_CPU_WINOGRAD || (spec->kernel_rows == 1 && spec->kernel_cols == 1))
        return algorithm;
    gd_winograd_shape shape = gd_cpu_winograd_shape(spec);
    return gd_winograd_cuts(&shape).tiles >= FEWEST_TILES ? algorithm : GD_CPU_LIBRARY;
}
