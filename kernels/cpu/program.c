/* Compiles a tape: channels in blocks, an algorithm and packed weights for each convolution, and the memory
 * plan. */
#include "kernels/cpu/program.h"

#include "kernels/cpu/algorithm.h"
#include "kernels/cpu/filters.h"
#include "kernels/cpu/matches.h"
#include "kernels/cpu/specs.h"
#include "kernels/cpu/tile_op.h"
#include "net/memory_plan.h"

#include <stdlib.h>

static size_t round_up(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static size_t slice_units(const gd_program *program, gd_slice slice)
{
    const gd_tensor *tensor = &program->tape->tensors[slice.tensor];
    return (size_t)slice.channels * (size_t)tensor->rows * (size_t)tensor->cols;
}

static bool is_picture(const gd_program *program, gd_slice slice)
{
    return program->tape->tensors[slice.tensor].channels == GD_DNNL_PICTURE_CHANNELS;
}

static void size_tensors(gd_program *program)
{
    for (int32_t t = 0; t < program->tape->tensor_count; t++) {
        const gd_tensor *tensor = &program->tape->tensors[t];
        size_t count = (size_t)tensor->channels * (size_t)tensor->rows * (size_t)tensor->cols;
        if (tensor->kind == GD_TENSOR_MASK)
            count /= 8;
        else if (tensor->kind == GD_TENSOR_VALUES)
            count *= t == program->gradient ? sizeof(float) : (size_t)program->device->elementwise->bytes;
        program->tensor_bytes[t] = count;
    }
}

static gd_status prepare_native(gd_program *program, int32_t o, const gd_conv_spec *spec, gd_error *error)
{
    gd_cpu_op *made = &program->ops[o];
    gd_winograd_shape shape = gd_cpu_winograd_shape(spec);
    program->scratch_bytes[o] = made->algorithm == GD_CPU_WINOGRAD ? gd_winograd_scratch(&shape) : 0;
    if (!program->loaded)
        return GD_OK;
    return gd_cpu_filter_native(program->device, program->tape->ops[o].filter, made->algorithm, made->turned,
                                &made->native, error);
}

/* Room beside the library's own scratch: for float32 copies of src and dst where bf16 is only how tensors are
 * stored, for the part of src that is read, and for a result that the library cannot put into dst itself, of
 * so many units. */
static void place_aside(gd_program *program, int32_t o, size_t result_units)
{
    gd_cpu_op *made = &program->ops[o];
    const size_t unit = made->widened ? sizeof(float) : (size_t)program->device->elementwise->bytes;
    size_t *bytes = &program->scratch_bytes[o];
    *bytes = 0;
    for (int i = 0; i < GD_CPU_PARTS; i++)
        if (made->calls[i].conv && gd_conv_scratch(made->calls[i].conv) > *bytes)
            *bytes = gd_conv_scratch(made->calls[i].conv);
    if (made->widened) {
        made->widened_at = round_up(*bytes);
        *bytes = made->widened_at + unit * slice_units(program, program->tape->ops[o].src);
    }
    if (made->narrowed) {
        const gd_tensor *dst = &program->tape->tensors[program->tape->ops[o].dst.tensor];
        made->narrowed_at = round_up(*bytes);
        *bytes = made->narrowed_at +
                 unit * (size_t)program->tape->ops[o].src.channels * (size_t)dst->rows * (size_t)dst->cols;
    }
    if (made->aside) {
        made->aside_at = round_up(*bytes);
        *bytes = made->aside_at + unit * result_units;
    }
}

/* A convolution of the library's, as yet without code or weights. */
static gd_status ask(gd_program *program, const gd_conv_spec *spec, gd_cpu_call *call, gd_error *error)
{
    gd_status status = gd_conv_create(program->device->dnnl, spec, &call->conv, error);
    if (status == GD_OK && !call->conv)
        return gd_fail(error, GD_BACKEND,
                       "oneDNN has no %dx%d convolution of %d to %d channels at %dx%d for this processor; "
                       "try --backend reference",
                       spec->kernel_rows, spec->kernel_cols, spec->in, spec->out, spec->in_rows,
                       spec->in_cols);
    return status;
}

static gd_status make_ready(gd_program *program, int32_t o, int32_t taps, gd_cpu_call *call, gd_error *error)
{
    if (!program->loaded)
        return GD_OK;
    gd_status status = gd_conv_ready(call->conv, error);
    if (status == GD_OK)
        status = gd_cpu_filter_pack(program->device, program->tape->ops[o].filter, call->conv, taps,
                                    &call->packed, error);
    return status;
}

/* A backward convolution for which the library has only its plain loops. */
static gd_status prepare_parts(gd_program *program, int32_t o, const gd_conv_spec *back, gd_error *error)
{
    gd_cpu_op *made = &program->ops[o];
    made->algorithm = GD_CPU_PARITY;
    made->aside = true;
    for (int32_t i = 0; i < GD_CPU_PARTS; i++) {
        gd_conv_spec spec = gd_cpu_part_spec(back, gd_cpu_part_of(i));
        gd_status status = ask(program, &spec, &made->calls[i], error);
        if (status == GD_OK)
            status = make_ready(program, o, GD_CPU_OF_PARTS + i, &made->calls[i], error);
        if (status != GD_OK)
            return status;
    }
    /* The first part has the most taps, and so the largest result. */
    const gd_conv_spec largest = gd_cpu_part_spec(back, gd_cpu_part_of(0));
    place_aside(program, o, (size_t)largest.out * (size_t)largest.out_rows * (size_t)largest.out_cols);
    return GD_OK;
}

static gd_status prepare_library(gd_program *program, int32_t o, gd_conv_spec spec, gd_error *error)
{
    const gd_op *op = &program->tape->ops[o];
    gd_cpu_op *made = &program->ops[o];
    gd_cpu_call *call = &made->calls[0];
    const bool back = spec.method == GD_CONV_BACKWARD;
    made->widened = program->device->widens;
    made->narrowed = !made->widened && !back && gd_cpu_narrows(&spec);
    if (made->narrowed) {
        spec.in_rows = spec.out_rows;
        spec.in_cols = spec.out_cols;
        spec.pad_rows = spec.pad_cols = 0;
    }
    gd_cpu_fit fit = gd_cpu_fit_of(&spec);
    /* The library's backward convolution cannot add. */
    made->aside = made->widened || !fit.whole || (back && op->accumulate);
    made->skip_rows = fit.skip_rows;
    made->skip_cols = fit.skip_cols;
    made->aside_rows = back ? fit.spec.in_rows : fit.spec.out_rows;
    made->aside_cols = back ? fit.spec.in_cols : fit.spec.out_cols;
    if (made->aside)
        fit.spec.sum = fit.spec.relu = false;
    fit.spec.bf16 = fit.spec.bf16 && !made->widened;
    gd_status status = ask(program, &fit.spec, call, error);
    if (status != GD_OK)
        return status;
    if (gd_conv_is_plain(call->conv) && gd_cpu_has_parts(&spec)) {
        gd_conv_free(call->conv);
        call->conv = NULL;
        spec.bf16 = fit.spec.bf16;
        return prepare_parts(program, o, &spec, error);
    }
    place_aside(program, o, (size_t)op->dst.channels * (size_t)made->aside_rows * (size_t)made->aside_cols);
    return make_ready(program, o, made->turned ? GD_CPU_TURNED : GD_CPU_AS_IS, call, error);
}

static gd_status prepare_conv(gd_program *program, int32_t o, gd_error *error)
{
    const gd_op *op = &program->tape->ops[o];
    gd_cpu_op *made = &program->ops[o];
    gd_conv_spec spec = gd_cpu_spec(program, op);
    if (op->kind == GD_OP_CONV_BACK && op->stride == 1) {
        spec = gd_cpu_turned_spec(&spec, op->accumulate);
        made->turned = true;
    }
    if (program->loaded && spec.bias)
        made->bias = program->device->filters[op->filter].bias;
    made->algorithm = gd_cpu_algorithm_of(program->device, &spec);
    return made->algorithm == GD_CPU_LIBRARY ? prepare_library(program, o, spec, error)
                                             : prepare_native(program, o, &spec, error);
}

static gd_status check_lrn(int32_t channels, gd_error *error)
{
    return channels <= GD_LRN_CHANNELS_MAX
               ? GD_OK
               : gd_fail(error, GD_INTERNAL, "a normalization of %d channels", channels);
}

static gd_status prepare_op(gd_program *program, int32_t o, gd_error *error)
{
    const gd_op *op = &program->tape->ops[o];
    if (op->kind == GD_OP_LRN || op->kind == GD_OP_LRN_BACK)
        return check_lrn(op->src.channels, error);
    if (op->kind == GD_OP_MATCH)
        return gd_cpu_match_prepare(program, o, error);
    if (!gd_is_convolution(op))
        return GD_OK;
    const bool picture = op->kind == GD_OP_CONV_BACK && is_picture(program, op->dst);
    if (picture && (op->accumulate || op->mask.channels))
        return gd_fail(error, GD_INTERNAL, "operation %d: an unexpected first convolution", o);
    if (program->device->tile_conv)
        return gd_cpu_tiles_prepare(program, o, error);
    if (!picture)
        return prepare_conv(program, o, error);
    if (!program->loaded)
        return GD_OK;
    return gd_cpu_filter_picture(program->device, op->filter, &program->ops[o].picture, error);
}

static gd_status prepare(gd_program *program, gd_error *error)
{
    const gd_tape *tape = program->tape;
    if (program->loaded && !gd_cpu_filters_fit(program->device, &program->blocks))
        return gd_fail(error, GD_INTERNAL, "the channels of a tape lie otherwise than those of the weights");
    program->gradient = -1;
    for (int32_t o = 0; o < tape->op_count; o++)
        if (tape->ops[o].kind == GD_OP_OUTPUT)
            program->gradient = tape->ops[o].src.tensor;
    size_tensors(program);
    for (int32_t o = 0; o < tape->op_count; o++) {
        gd_status status = prepare_op(program, o, error);
        if (status != GD_OK)
            return status;
    }
    return gd_memory_plan_create(tape, program->tensor_bytes, program->scratch_bytes, &program->plan, error);
}

gd_status gd_cpu_compile(gd_device *device, const gd_tape *tape, gd_program **program, gd_error *error)
{
    gd_program *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "a program");
    made->device = device;
    made->given = tape;
    made->loaded = device->filters != NULL;
    gd_status status = gd_channel_blocks_create(tape, device->elementwise->block, &made->blocks, error);
    made->tape = made->blocks.tape;
    made->ops = calloc((size_t)tape->op_count + 1, sizeof *made->ops);
    made->tensor_bytes = calloc((size_t)tape->tensor_count + 1, sizeof *made->tensor_bytes);
    made->scratch_bytes = calloc((size_t)tape->op_count + 1, sizeof *made->scratch_bytes);
    if (status == GD_OK && (!made->ops || !made->tensor_bytes || !made->scratch_bytes))
        status = gd_no_memory(error, "a program of %d operations", tape->op_count);
    if (status == GD_OK) {
        gd_team team = gd_team_enter(&device->cores);
        status = prepare(made, error);
        gd_team_leave(&team);
    }
    if (status != GD_OK) {
        gd_cpu_program_free(made);
        return status;
    }
    *program = made;
    return GD_OK;
}

void gd_cpu_program_free(gd_program *program)
{
    if (!program)
        return;
    for (int32_t o = 0; program->ops && o < program->given->op_count; o++)
        for (int i = 0; i < GD_CPU_PARTS; i++)
            gd_conv_free(program->ops[o].calls[i].conv);
    gd_memory_plan_free(&program->plan);
    gd_channel_blocks_free(&program->blocks);
    free(program->ops);
    free(program->tensor_bytes);
    free(program->scratch_bytes);
    free(program);
}

const char *gd_cpu_op_name(const gd_program *program, int32_t op, int32_t part)
{
    const gd_cpu_op *made = &program->ops[op];
    const gd_op *of = &program->tape->ops[op];
    const gd_conv *conv = made->calls[part].conv;
    if (conv)
        return gd_conv_name(conv);
    if (part == 0 && made->algorithm == GD_CPU_TILES)
        return program->device->tile_conv == gd_tile_conv_emulated ? "tiles:emulated" : "tiles:amx";
    if (part == 0 && made->algorithm == GD_CPU_PRODUCT)
        return "product:avx512_bf16";
    if (part == 0 && made->algorithm == GD_CPU_WINOGRAD)
        return of->kernel_rows * of->kernel_cols > 1 ? "winograd:avx512" : "product:avx512";
    return NULL;
}
