/* Guides that units are matched with, on a device. */
#ifndef GD_KERNELS_CPU_MATCHES_H
#define GD_KERNELS_CPU_MATCHES_H

#include "kernels/cpu/cpu.h"

/* Replaces the device's guides by those of a tape, which `blocks` is of. */
gd_status gd_cpu_matches_load(gd_device *device, const gd_tape *tape, const gd_channel_blocks *blocks,
                              gd_error *error) GD_CHECKED;
void gd_cpu_matches_free(gd_device *device);

/* Bytes of the guides of a tape in blocks of channels. */
size_t gd_cpu_matches_bytes(const gd_tape *tape);

/* Prepares operation o, which matches. */
gd_status gd_cpu_match_prepare(gd_program *program, int32_t o, gd_error *error) GD_CHECKED;

#endif
