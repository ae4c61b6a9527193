/* Precision and elementwise table of a device. */
#ifndef GD_KERNELS_CPU_PRECISION_H
#define GD_KERNELS_CPU_PRECISION_H

#include "kernels/cpu/cpu.h"

/* The choice of precision, arithmetic and elementwise table that `wanted` comes to with device->kind and
 * device->isa, which alone are read of the device. */
gd_status gd_cpu_choose(gd_device *device, gd_precision wanted, gd_error *error) GD_CHECKED;

#endif
