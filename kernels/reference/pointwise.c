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

/* The unit of `view` at (y, x). */
static double *unit_at(gd_reference_view view, int32_t channel, int32_t y, int32_t x)
{
    return view.values + (size_t)channel * gd_reference_plane(view) + (size_t)y * (size_t)view.cols + x;
}

void gd_reference_seed(const gd_op *op, const double *factors, gd_reference_view src, gd_reference_view dst)
{
    for (int32_t c = 0; c < dst.channels; c++)
        for (int32_t y = 0; y < dst.rows; y++)
            for (int32_t x = 0; x < dst.cols; x++) {
                const double value = op->by_channel ? factors[op->factors + c] : op->value;
                double *to = unit_at(dst, c, y, x);
                *to =
                    (op->accumulate ? *to : 0) +
                    (src.channels > 0 ? value * *unit_at(src, c, y - op->pad_rows, x - op->pad_cols) : value);
            }
}

void gd_reference_copy(const gd_op *op, gd_reference_view src, gd_reference_view dst)
{
    for (int32_t c = 0; c < dst.channels; c++)
        for (int32_t y = 0; y < dst.rows; y++)
            for (int32_t x = 0; x < dst.cols; x++) {
                double *to = unit_at(dst, c, y, x);
                *to = (op->accumulate ? *to : 0) + *unit_at(src, c, y - op->pad_rows, x - op->pad_cols);
            }
}

void gd_reference_add(const gd_op *op, gd_reference_view src, gd_reference_view dst)
{
    gd_op adding = *op;
    adding.accumulate = true;
    gd_reference_copy(&adding, src, dst);
}

void gd_reference_input(const gd_op *op, const float *window, int32_t window_cols, const double *shift,
                        gd_reference_view dst)
{
    for (int32_t y = 0; y < dst.rows; y++)
        for (int32_t x = 0; x < dst.cols; x++)
            for (int32_t c = 0; c < dst.channels; c++)
                *unit_at(dst, c, y, x) =
                    shift[c] +
                    window[((size_t)(y - op->pad_rows) * (size_t)window_cols + (size_t)(x - op->pad_cols)) *
                               (size_t)dst.channels +
                           (size_t)c];
}

void gd_reference_output(const gd_op *op, gd_reference_view src, float *gradient, int32_t rows, int32_t cols)
{
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < cols; x++)
            for (int32_t c = 0; c < src.channels; c++)
                *gradient++ = (float)*unit_at(src, c, y - op->pad_rows, x - op->pad_cols);
}

void gd_reference_relu(gd_reference_view dst)
{
    for (size_t i = 0; i < gd_reference_units(dst); i++) {
        if (dst.values[i] < 0)
            dst.values[i] = 0;
    }
}

uint8_t *gd_reference_byte(gd_reference_bytes b, int32_t channel, int32_t y, int32_t x)
{
    return b.bytes + ((size_t)channel * (size_t)b.rows + (size_t)(b.row + y)) * (size_t)b.cols +
           (size_t)(b.col + x);
}

void gd_reference_write_mask(gd_reference_view dst, gd_reference_bytes bits)
{
    for (int32_t c = 0; c < dst.channels; c++)
        for (int32_t y = 0; y < dst.rows; y++)
            for (int32_t x = 0; x < dst.cols; x++)
                *gd_reference_byte(bits, c, y, x) = *unit_at(dst, c, y, x) > 0;
}

void gd_reference_apply_mask(gd_reference_view dst, gd_reference_bytes bits)
{
    for (int32_t c = 0; c < dst.channels; c++)
        for (int32_t y = 0; y < dst.rows; y++)
            for (int32_t x = 0; x < dst.cols; x++)
                if (!*gd_reference_byte(bits, c, y, x))
                    *unit_at(dst, c, y, x) = 0;
}
