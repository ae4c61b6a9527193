/* Elementwise operations: seeds, copies, ReLU, masks, and conversion from and to the picture. */
#include "kernels/reference/pointwise.h"

size_t gd_reference_plane(gd_reference_view view)
{
    return (size_t)view.rows * (size_t)view.cols;
}

size_t gd_reference_units(gd_reference_view view)
{
    return (size_t)view.channels * gd_reference_plane(view);
}

void gd_reference_clear(gd_reference_view dst)
{
    for (size_t i = 0; i < gd_reference_units(dst); i++)
        dst.values[i] = 0;
}

void gd_reference_seed(const gd_op *op, gd_reference_view dst)
{
    for (size_t i = 0; i < gd_reference_units(dst); i++)
        dst.values[i] = (op->accumulate ? dst.values[i] : 0) + op->value;
}

void gd_reference_copy(const gd_op *op, gd_reference_view src, gd_reference_view dst)
{
    for (size_t i = 0; i < gd_reference_units(dst); i++)
        dst.values[i] = (op->accumulate ? dst.values[i] : 0) + src.values[i];
}

void gd_reference_input(const float *window, gd_reference_view dst)
{
    const size_t plane = gd_reference_plane(dst);
    for (size_t i = 0; i < gd_reference_units(dst); i++)
        dst.values[i] = window[i % plane * (size_t)dst.channels + i / plane];
}

void gd_reference_output(gd_reference_view src, float *gradient)
{
    const size_t plane = gd_reference_plane(src);
    for (size_t i = 0; i < gd_reference_units(src); i++)
        gradient[i % plane * (size_t)src.channels + i / plane] = (float)src.values[i];
}

void gd_reference_relu(gd_reference_view dst)
{
    for (size_t i = 0; i < gd_reference_units(dst); i++) {
        if (dst.values[i] < 0)
            dst.values[i] = 0;
    }
}

void gd_reference_write_mask(gd_reference_view dst, uint8_t *bits)
{
    for (size_t i = 0; i < gd_reference_units(dst); i++)
        bits[i] = dst.values[i] > 0;
}

void gd_reference_apply_mask(gd_reference_view dst, const uint8_t *bits)
{
    for (size_t i = 0; i < gd_reference_units(dst); i++) {
        if (!bits[i])
            dst.values[i] = 0;
    }
}
