/* The reference backend: plain loops over dense [channels, rows, cols] tensors of float64; masks and winners
 * have one byte for each unit. It is slow and easy to check, and every other backend is compared with it. */
#include "kernels/host.h"
#include "kernels/reference/canvas.h"
#include "kernels/reference/convolve.h"
#include "kernels/reference/lrn.h"
#include "kernels/reference/match.h"
#include "kernels/reference/pointwise.h"
#include "kernels/reference/pool.h"
#include "net/dump.h"
#include "net/fold.h"
#include "net/memory_plan.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

struct gd_device {
    int32_t threads;
    gd_filter_values *filters; /* owned; [filter_count] */
    int32_t filter_count;
};

struct gd_program {
    const gd_device *device; /* borrowed */
    const gd_tape *tape;     /* borrowed */
    size_t *tensor_bytes;    /* owned; [tensor_count] */
    size_t *scratch_bytes;   /* owned; [op_count]: a picture, where the operation convolves it */
    gd_memory_plan plan;     /* owned */
};

static gd_status device_open(const gd_device_options *options, gd_device **device, gd_error *error)
{
    if (options->precision != GD_PRECISION_AUTO && options->precision != GD_PRECISION_FP64)
        return gd_fail(error, GD_USAGE,
                       "The reference backend computes in float64 only: leave --precision at auto, or take "
                       "--backend cpu.");
    *device = calloc(1, sizeof **device);
    if (!*device)
        return gd_no_memory(error, "the reference backend");
    const int32_t most = omp_get_num_procs();
    (*device)->threads = options->cores > 0 && options->cores < most ? options->cores : most;
    return GD_OK;
}

static void device_close(gd_device *device)
{
    if (device)
        gd_filters_free(device->filters, device->filter_count);
    free(device);
}

static const char *device_describe(const gd_device *device)
{
    (void)device;
    return "reference fp64";
}

static gd_precision device_precision(const gd_device *device)
{
    (void)device;
    return GD_PRECISION_FP64;
}

static double *copy_of(const double *values, size_t count)
{
    double *copy = malloc(count * sizeof *copy);
    if (copy)
        memcpy(copy, values, count * sizeof *copy);
    return copy;
}

static gd_status device_load(gd_device *device, const gd_tape *tape, const gd_filter_values *values,
                             gd_error *error)
{
    device->filters = calloc((size_t)tape->filter_count, sizeof *device->filters);
    if (!device->filters)
        return gd_no_memory(error, "the weights");
    device->filter_count = tape->filter_count;
    for (int32_t f = 0; f < tape->filter_count; f++) {
        const gd_filter *filter = &tape->filters[f];
        const size_t out = (size_t)filter->out;
        device->filters[f].bias = copy_of(values[f].bias, out);
        device->filters[f].kernel =
            copy_of(values[f].kernel, out * (size_t)(filter->in * filter->kernel_rows * filter->kernel_cols));
        if (!device->filters[f].bias || !device->filters[f].kernel)
            return gd_no_memory(error, "the weights");
    }
    return GD_OK;
}

static size_t tensor_units(const gd_tensor *tensor)
{
    return (size_t)tensor->channels * (size_t)tensor->rows * (size_t)tensor->cols;
}

/* Of the window, or of the focus, as an operation convolves it. */
static gd_reference_view picture_of(const gd_tape *tape, const gd_op *op, double *values)
{
    const bool last = op->kind == GD_OP_OUTPUT;
    const int32_t rows = last ? (int32_t)tape->focus.rows : tape->rows;
    const int32_t cols = last ? (int32_t)tape->focus.cols : tape->cols;
    return (gd_reference_view){.values = values, .channels = 3, .rows = rows, .cols = cols};
}

static size_t picture_units(const gd_tape *tape, const gd_op *op)
{
    return gd_convolves_picture(op) ? gd_reference_units(picture_of(tape, op, NULL)) : 0;
}

static void program_free(gd_program *program)
{
    if (!program)
        return;
    free(program->tensor_bytes);
    free(program->scratch_bytes);
    gd_memory_plan_free(&program->plan);
    free(program);
}

static gd_status program_compile(gd_device *device, const gd_tape *tape, gd_program **program,
                                 gd_error *error)
{
    gd_program *made = calloc(1, sizeof *made);
    gd_status status = GD_MEMORY;
    if (made) {
        *made = (gd_program){.device = device,
                             .tape = tape,
                             .tensor_bytes = calloc((size_t)tape->tensor_count, sizeof(size_t)),
                             .scratch_bytes = calloc((size_t)tape->op_count, sizeof(size_t))};
    }
    if (!made || !made->tensor_bytes || !made->scratch_bytes) {
        (void)gd_no_memory(error, "a program of %d operations", tape->op_count);
        goto cleanup;
    }
    for (int32_t t = 0; t < tape->tensor_count; t++)
        made->tensor_bytes[t] =
            tensor_units(&tape->tensors[t]) *
            (tape->tensors[t].kind == GD_TENSOR_VALUES ? sizeof(double) : sizeof(uint8_t));
    for (int32_t o = 0; o < tape->op_count; o++)
        made->scratch_bytes[o] = picture_units(tape, &tape->ops[o]) * sizeof(double);
    status = gd_memory_plan_create(tape, made->tensor_bytes, made->scratch_bytes, &made->plan, error);
cleanup:
    if (status != GD_OK)
        program_free(made);
    *program = status == GD_OK ? made : NULL;
    return status;
}

static size_t program_arena_bytes(const gd_program *program)
{
    return program->plan.bytes;
}

static size_t workspace_bytes(const gd_program *program)
{
    return gd_tape_most_scratch(program->tape, program->scratch_bytes);
}

static void program_dump(const gd_program *program, const gd_net *net, FILE *out)
{
    gd_tape_dump(program->tape, net, program->tensor_bytes, program->scratch_bytes, &program->plan, out);
}

static gd_reference_view view_of(const gd_program *program, void *arena, gd_slice slice)
{
    const gd_tensor *tensor = &program->tape->tensors[slice.tensor];
    double *values = (double *)((char *)arena + program->plan.tensor_at[slice.tensor]);
    const size_t skip = (size_t)slice.channel * (size_t)tensor->rows * (size_t)tensor->cols;
    return (gd_reference_view){values + skip, slice.channels, tensor->rows,       tensor->cols,
                               tensor->row,   tensor->col,    tensor->whole_rows, tensor->whole_cols};
}

/* A slice of a mask or of winners beside the values of `beside`. */
static gd_reference_bytes bytes_of(const gd_program *program, void *arena, gd_slice slice, gd_slice beside)
{
    const gd_tensor *tensor = &program->tape->tensors[slice.tensor];
    const gd_tensor *values = &program->tape->tensors[beside.tensor];
    uint8_t *bytes = (uint8_t *)arena + program->plan.tensor_at[slice.tensor];
    const size_t skip = (size_t)slice.channel * (size_t)tensor->rows * (size_t)tensor->cols;
    return (gd_reference_bytes){bytes + skip, tensor->rows, tensor->cols, gd_tensor_row_in(values, tensor),
                                gd_tensor_col_in(values, tensor)};
}

/* Reads the window, as a picture in scratch if it is convolved. */
static void read_window(const gd_program *program, void *arena, const gd_op *op, const float *window)
{
    const gd_tape *tape = program->tape;
    const gd_reference_view dst = view_of(program, arena, op->dst);
    if (!gd_convolves_picture(op)) {
        gd_reference_input(op, window, tape->cols, tape->shift, dst);
        return;
    }
    void *scratch = (char *)arena + program->plan.scratch_at[op - tape->ops];
    const gd_reference_view picture = picture_of(tape, op, scratch);
    gd_reference_input(&(gd_op){0}, window, tape->cols, tape->shift, picture);
    gd_reference_conv(op, picture, dst, &program->device->filters[op->filter], program->device->threads);
}

/* Likewise; src is masked where it lies, since nothing reads it later. */
static void write_gradient(const gd_program *program, void *arena, const gd_op *op, float *gradient)
{
    const gd_tape *tape = program->tape;
    const int32_t rows = (int32_t)tape->focus.rows, cols = (int32_t)tape->focus.cols;
    const gd_reference_view src = view_of(program, arena, op->src);
    if (!gd_convolves_picture(op)) {
        gd_reference_output(op, src, gradient, rows, cols);
        return;
    }
    void *scratch = (char *)arena + program->plan.scratch_at[op - tape->ops];
    const gd_reference_view picture = picture_of(tape, op, scratch);
    if (op->mask.channels > 0)
        gd_reference_apply_mask(src, bytes_of(program, arena, op->mask, op->src));
    gd_reference_conv_back(op, src, picture, &program->device->filters[op->filter], program->device->threads);
    gd_reference_output(&(gd_op){0}, picture, gradient, rows, cols);
}

static void compute(const gd_program *program, void *arena, const gd_op *op, const float *window,
                    float *gradient)
{
    const int32_t threads = program->device->threads;
    const gd_filter_values *filter = op->filter >= 0 ? &program->device->filters[op->filter] : NULL;
    const gd_reference_view src = view_of(program, arena, op->src), dst = view_of(program, arena, op->dst);
    switch (op->kind) {
    case GD_OP_INPUT:
        read_window(program, arena, op, window);
        break;
    case GD_OP_CONV:
        gd_reference_conv(op, src, dst, filter, threads);
        break;
    case GD_OP_MAX_POOL:
        gd_reference_max_pool(op, src, dst, bytes_of(program, arena, op->winner, op->dst), threads);
        break;
    case GD_OP_AVG_POOL:
        gd_reference_avg_pool(op, src, dst, threads);
        break;
    case GD_OP_LRN:
        gd_reference_lrn(op, src, dst, threads);
        break;
    case GD_OP_SEED:
        gd_reference_seed(op, program->tape->factors, src, dst);
        break;
    case GD_OP_MATCH:
        gd_reference_match(op, program->tape->factors, src, dst, threads);
        break;
    case GD_OP_CONV_BACK:
        gd_reference_conv_back(op, src, dst, filter, threads);
        break;
    case GD_OP_MAX_POOL_BACK:
        gd_reference_max_pool_back(op, src, dst, bytes_of(program, arena, op->winner, op->src), threads);
        break;
    case GD_OP_AVG_POOL_BACK:
        gd_reference_avg_pool_back(op, src, dst, threads);
        break;
    case GD_OP_LRN_BACK:
        gd_reference_lrn_back(op, src, view_of(program, arena, op->kept), dst, threads);
        break;
    case GD_OP_MASK: /* all of it is the epilogue */
        break;
    case GD_OP_OUTPUT:
        write_gradient(program, arena, op, gradient);
        break;
    case GD_OP_COPY:
        gd_reference_copy(op, src, dst);
        break;
    case GD_OP_SEAM:
        if (op->dst.channels > 0)
            gd_reference_copy(op, src, dst);
        break;
    case GD_OP_SEAM_BACK:
        if (op->src.channels > 0)
            gd_reference_copy(op, src, dst);
        else
            gd_reference_seed(op, program->tape->factors, src, dst);
        for (int32_t i = 0; i < GD_SUMMANDS_MORE; i++)
            if (op->more[i].channels > 0)
                gd_reference_add(op, view_of(program, arena, op->more[i]), dst);
        break;
    }
}

/* ReLU and mask: written in the forward pass, applied in the backward pass, but for the last operation's,
 * which is applied to what it reads. */
static void finish(const gd_program *program, void *arena, const gd_op *op, bool forward)
{
    const gd_slice result = op->dst.channels > 0 ? op->dst : op->src;
    gd_reference_view dst = view_of(program, arena, result);
    if (op->relu)
        gd_reference_relu(dst);
    if (op->mask.channels == 0 || op->kind == GD_OP_OUTPUT)
        return;
    const gd_reference_bytes bits = bytes_of(program, arena, op->mask, result);
    if (forward) {
        gd_reference_write_mask(dst, bits);
    } else {
        dst.values += (size_t)op->mask_at * gd_reference_plane(dst);
        dst.channels = op->mask.channels;
        gd_reference_apply_mask(dst, bits);
    }
}

static gd_status program_run(gd_program *program, void *arena, int32_t first, int32_t last,
                             const float *window, float *gradient, gd_error *error)
{
    if (program->device->filter_count != program->tape->filter_count)
        return gd_fail(error, GD_INTERNAL, "The tape has %d filters, and weights for %d were loaded.",
                       program->tape->filter_count, program->device->filter_count);
    for (int32_t o = first; o < last; o++) {
        const gd_op *op = &program->tape->ops[o];
        compute(program, arena, op, window, gradient);
        finish(program, arena, op, o < program->tape->first_backward);
    }
    return GD_OK;
}

static void program_get(const gd_program *program, const void *arena, int32_t tensor, double *values)
{
    const gd_tensor *t = &program->tape->tensors[tensor];
    const char *from = (const char *)arena + program->plan.tensor_at[tensor];
    for (size_t i = 0; i < tensor_units(t); i++)
        values[i] =
            t->kind == GD_TENSOR_VALUES ? ((const double *)from)[i] : (double)((const uint8_t *)from)[i];
}

static void program_set(const gd_program *program, void *arena, int32_t tensor, const double *values)
{
    const gd_tensor *t = &program->tape->tensors[tensor];
    char *to = (char *)arena + program->plan.tensor_at[tensor];
    for (size_t i = 0; i < tensor_units(t); i++) {
        if (t->kind == GD_TENSOR_VALUES)
            ((double *)to)[i] = values[i];
        else
            ((uint8_t *)to)[i] = (uint8_t)values[i];
    }
}

static void device_info(FILE *out)
{
    fprintf(out, "%s, on any processor; slow\n", device_describe(NULL));
}

static int32_t side_by_side(const gd_device *device, int32_t cores)
{
    (void)device;
    (void)cores;
    return 1;
}

static size_t filter_bytes(const gd_device *device, const gd_tape *tape)
{
    (void)device;
    size_t bytes = 0;
    for (int32_t f = 0; f < tape->filter_count; f++) {
        const gd_filter *filter = &tape->filters[f];
        bytes += sizeof(double) * (size_t)filter->out *
                 (size_t)(filter->in * filter->kernel_rows * filter->kernel_cols + 1);
    }
    return bytes;
}

const gd_backend gd_backend_reference = {
    .name = "reference",
    .available = gd_host_available,
    .info = device_info,
    .open = device_open,
    .close = device_close,
    .describe = device_describe,
    .precision = device_precision,
    .facts = gd_host_facts,
    .side_by_side = side_by_side,
    .memory = gd_host_memory,
    .filter_bytes = filter_bytes,
    .load = device_load,
    .compile = program_compile,
    .free = program_free,
    .arena_bytes = program_arena_bytes,
    .workspace_bytes = workspace_bytes,
    .dump = program_dump,
    .run = program_run,
    .get = program_get,
    .set = program_set,
    .moments = gd_reference_moments,
    .update = gd_reference_update,
    .blend = gd_host_blend,
    .mix = gd_host_mix,
    .mask_moments = gd_host_mask_moments,
    .mask_update = gd_host_mask_update,
    .mask_keep = gd_host_mask_keep,
    .roughness = gd_reference_roughness,
    .resample = gd_reference_resample,
    .warp = gd_host_warp,
    .finish = gd_host_finish,
};
