/* Derives the shapes of convolutions and of their parts from the tape. */
#include "kernels/cpu/specs.h"

#include "base/minmax.h"

gd_conv_spec gd_cpu_spec(const gd_program *program, const gd_op *op)
{
    bool back = op->kind == GD_OP_CONV_BACK;
    gd_slice in = back ? op->dst : op->src, out = back ? op->src : op->dst;
    const gd_tensor *in_tensor = &program->tape->tensors[in.tensor];
    const gd_tensor *out_tensor = &program->tape->tensors[out.tensor];
    return (gd_conv_spec){
        .method = back ? GD_CONV_BACKWARD : GD_CONV_DIRECT,
        .in = in.channels,
        .in_rows = in_tensor->rows,
        .in_cols = in_tensor->cols,
        .out = out.channels,
        .out_rows = out_tensor->rows,
        .out_cols = out_tensor->cols,
        .kernel_rows = op->kernel_rows,
        .kernel_cols = op->kernel_cols,
        .stride = op->stride,
        .pad_rows = op->pad_rows,
        .pad_cols = op->pad_cols,
        .block = program->device->elementwise->block,
        .bf16 = program->device->precision == GD_PRECISION_BF16,
        .bias = !back,
        .sum = !back && op->accumulate,
        .relu = !back && op->relu,
    };
}

gd_conv_spec gd_cpu_turned_spec(const gd_conv_spec *spec, bool sum)
{
    gd_conv_spec turned = *spec;
    turned.method = GD_CONV_DIRECT;
    turned.sum = sum;
    turned.in = spec->out;
    turned.in_rows = spec->out_rows;
    turned.in_cols = spec->out_cols;
    turned.out = spec->in;
    turned.out_rows = spec->in_rows;
    turned.out_cols = spec->in_cols;
    turned.pad_rows = spec->kernel_rows - 1 - spec->pad_rows;
    turned.pad_cols = spec->kernel_cols - 1 - spec->pad_cols;
    return turned;
}

int32_t gd_cpu_part_taps(int32_t taps, int32_t parity)
{
    return (taps - parity + 1) / 2;
}

bool gd_cpu_has_parts(const gd_conv_spec *back)
{
    return back->method == GD_CONV_BACKWARD && back->stride == 2 && back->kernel_rows > 1 &&
           back->kernel_cols > 1;
}

gd_conv_spec gd_cpu_part_spec(const gd_conv_spec *back, gd_cpu_part part)
{
    gd_conv_spec spec = gd_cpu_turned_spec(back, false);
    spec.stride = 1;
    spec.kernel_rows = gd_cpu_part_taps(back->kernel_rows, part.row);
    spec.kernel_cols = gd_cpu_part_taps(back->kernel_cols, part.col);
    spec.pad_rows = spec.kernel_rows - 1;
    spec.pad_cols = spec.kernel_cols - 1;
    spec.out_rows = spec.in_rows + spec.pad_rows;
    spec.out_cols = spec.in_cols + spec.pad_cols;
    return spec;
}

/* One axis of a fit, of the extents of the forward direction. */
typedef struct axis {
    int32_t in, out, kernel, stride, pad, skip;
} axis;

/* Results are left out at the beginning for a negative pad, and at the end until all of src is read. */
static axis fit_forward(axis a)
{
    const int32_t pad = a.pad < 0 ? (a.pad % a.stride + a.stride) % a.stride : a.pad;
    const int32_t all = (a.in + pad - a.kernel) / a.stride + 1;
    a.skip = (pad - a.pad) / a.stride;
    a.pad = pad;
    a.out = gd_max_i32(a.out + a.skip, all);
    return a;
}

/* All that src reaches is written. */
static axis fit_backward(axis a)
{
    a.skip = a.pad;
    a.pad = 0;
    a.in = gd_max_i32(a.in + a.skip, (a.out - 1) * a.stride + a.kernel);
    return a;
}

gd_cpu_fit gd_cpu_fit_of(const gd_conv_spec *spec)
{
    const bool back = spec->method == GD_CONV_BACKWARD;
    axis rows = {spec->in_rows, spec->out_rows, spec->kernel_rows, spec->stride, spec->pad_rows, 0};
    axis cols = {spec->in_cols, spec->out_cols, spec->kernel_cols, spec->stride, spec->pad_cols, 0};
    rows = back ? fit_backward(rows) : fit_forward(rows);
    cols = back ? fit_backward(cols) : fit_forward(cols);
    gd_cpu_fit fit = {.spec = *spec, .skip_rows = rows.skip, .skip_cols = cols.skip};
    fit.spec.in_rows = rows.in;
    fit.spec.in_cols = cols.in;
    fit.spec.out_rows = rows.out;
    fit.spec.out_cols = cols.out;
    fit.spec.pad_rows = rows.pad;
    fit.spec.pad_cols = cols.pad;
    fit.whole = rows.in == spec->in_rows && cols.in == spec->in_cols && rows.out == spec->out_rows &&
                cols.out == spec->out_cols && rows.skip == 0 && cols.skip == 0;
    return fit;
}

/* Along an axis; what is read beyond src would be padding. */
static bool reads_inside(int32_t in, int32_t out, int32_t pad)
{
    return pad <= 0 && out - pad <= in;
}

bool gd_cpu_narrows(const gd_conv_spec *spec)
{
    return spec->kernel_rows == 1 && spec->kernel_cols == 1 && spec->stride == 1 && spec->in < spec->out &&
           (spec->in_rows != spec->out_rows || spec->in_cols != spec->out_cols) &&
           reads_inside(spec->in_rows, spec->out_rows, spec->pad_rows) &&
           reads_inside(spec->in_cols, spec->out_cols, spec->pad_cols);
}

gd_winograd_shape gd_cpu_winograd_shape(const gd_conv_spec *spec)
{
    return (gd_winograd_shape){.src_channels = spec->in,
                               .dst_channels = spec->out,
                               .dst_rows = spec->out_rows,
                               .dst_cols = spec->out_cols,
                               .kernel_rows = spec->kernel_rows,
                               .kernel_cols = spec->kernel_cols};
}
