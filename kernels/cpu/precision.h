/* Precision and elementwise table of a device. */
#ifndef GD_KERNELS_CPU_PRECISION_H
#define GD_KERNELS_CPU_PRECISION_H

#include "kernels/cpu/cpu.h"

/* The choice of precision, arithmetic and elementwise table that `wanted` comes to with device->kind,
 * device->isa and device->tile_conv, the function that can be had, which alone are read of the device.
 * Without bf16 the latter becomes NULL. */
gd_status gd_cpu_choose(gd_device *device, gd_precision wanted, gd_error *error) GD_CHECKED;

#endif
