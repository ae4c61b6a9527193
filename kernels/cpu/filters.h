/* Weights on a device, plain and packed. */
#ifndef GD_KERNELS_CPU_FILTERS_H
#define GD_KERNELS_CPU_FILTERS_H

#include "kernels/cpu/cpu.h"
#include "net/fold.h"

/* Replaces the weights by those of a tape's filters. No program may be compiled at the same time. */
gd_status gd_cpu_load(gd_device *device, const gd_tape *tape, const gd_filter_values *values,
                      gd_error *error) GD_CHECKED;
void gd_cpu_filters_free(gd_cpu_filter *filters, int32_t count);

/* Whether the channels of a tape lie as those of the weights that are loaded. */
bool gd_cpu_filters_fit(const gd_device *device, const gd_channel_blocks *blocks);

/* Bytes of the weights once all programs of a tape are compiled, for windows of any size. */
size_t gd_cpu_filter_bytes(const gd_device *device, const gd_tape *tape);

/* The filter's weights as `conv` wants them, made if no program had them yet. taps: gd_cpu_taps. */
gd_status gd_cpu_filter_pack(gd_device *device, int32_t filter, const gd_conv *conv, int32_t taps,
                             const gd_packed **packed, gd_error *error) GD_CHECKED;

/* The filter's weights for a native algorithm. A filter has one such way. */
gd_status gd_cpu_filter_native(gd_device *device, int32_t filter, gd_conv_algorithm algorithm, bool turned,
                               const void **native, gd_error *error) GD_CHECKED;

/* The filter's weights for gd_picture_pass. */
gd_status gd_cpu_filter_picture(gd_device *device, int32_t filter, const float **picture,
                                gd_error *error) GD_CHECKED;

#endif
