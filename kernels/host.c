/* Functions shared by the backends that compute in host memory. */
#include "kernels/host.h"

#include <stdio.h>

gd_status gd_host_available(gd_error *error)
{
    (void)error;
    return GD_OK;
}

void gd_host_facts(const gd_device *device, gd_device_facts *facts)
{
    (void)device;
    *facts = (gd_device_facts){0};
    snprintf(facts->name, sizeof facts->name, "this host");
}

gd_memory *gd_host_memory(const gd_device *device)
{
    (void)device;
    return gd_memory_host();
}

/* Resampled values may lie a little outside of what a picture shows. */
static double shown(double value)
{
    return value < -1 ? -1 : value > 1 ? 1 : value;
}

gd_status gd_host_blend(gd_device *device, float *dream, const float *input, int64_t pixels, float strength,
                        bool luma, gd_error *error)
{
    (void)device;
    (void)error;
    for (int64_t i = 0; i < 3 * pixels; i += 3) {
        double by[3];
        for (int c = 0; c < 3; c++)
            by[c] = shown(dream[i + c]) - shown(input[i + c]);
        if (luma)
            by[0] = by[1] = by[2] = 0.2126 * by[0] + 0.7152 * by[1] + 0.0722 * by[2];
        for (int c = 0; c < 3; c++) {
            const double from = shown(input[i + c]);
            dream[i + c] = (float)(from + (double)strength * (shown(from + by[c]) - from));
        }
    }
    return GD_OK;
}

gd_status gd_host_mix(gd_device *device, float *to, int64_t to_stride, const float *from, int64_t from_stride,
                      int64_t rows, int64_t floats, float keep, float factor, gd_error *error)
{
    (void)device;
    (void)error;
    for (int64_t y = 0; y < rows; y++, to += to_stride, from += from_stride)
        for (int64_t i = 0; i < floats; i++)
            to[i] = (float)((double)keep * (double)to[i] + (double)factor * (double)from[i]);
    return GD_OK;
}

gd_status gd_host_finish(gd_device *device, gd_error *error)
{
    (void)device;
    (void)error;
    return GD_OK;
}
