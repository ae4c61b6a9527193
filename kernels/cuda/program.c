/* Compiles a tape: a plan and the weights' addresses for each convolution, and the memory plan. */
#include "kernels/cuda/program.h"

#include "base/round.h"
#include "kernels/cuda/compiled.h"
#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/decide.h"
#include "kernels/cuda/device_lock.h"
#include "kernels/cuda/memory/stored.h"
#include "kernels/cuda/products.h"
#include "net/memory_plan.h"

#include <math.h>
#include <stdlib.h>

/* Tensors are [rows, cols, channels]: values of the device's type, masks of one bit, winners of one byte. */
static gd_status size_tensor(gd_program *program, int32_t t, gd_error *error)
{
    const gd_tensor *tensor = &program->tape->tensors[t];
    const bool is_mask = tensor->kind == GD_TENSOR_MASK;
    program->mask_channels[t] = is_mask ? gd_cuda_mask_channels(program->device, program->tape, t) : 0;
    const int32_t channels = is_mask ? program->mask_channels[t] : gd_stored_channels(tensor->channels);
    int64_t bytes = (int64_t)tensor->rows * tensor->cols * channels;
    if (bytes > INT32_MAX)
        return gd_fail(
            error, GD_USAGE,
            "a window of %d x %d pixels has a tensor of %lld values on the GPU, and 2^31 or more are too "
            "many; use a smaller -ts",
            program->tape->rows, program->tape->cols, (long long)bytes);
    if (is_mask)
        bytes /= 8;
    else if (tensor->kind == GD_TENSOR_VALUES)
        bytes *= (int64_t)gd_stored_bytes(program->device->type);
    program->tensor_bytes[t] = (size_t)gd_round_up(bytes, GD_CUDA_ALIGNMENT);
    return GD_OK;
}

/* By cuDNN, by an engine that was compiled in advance. */
static gd_status prepare_graph(gd_program *program, int32_t o, gd_error *error)
{
    gd_device *device = program->device;
    const gd_op *op = &program->tape->ops[o];
    gd_cuda_op *made = &program->ops[o];
    made->epilogue = gd_conv_epilogue_of(op, GD_WAY_GRAPH);
    const gd_conv_shape shape = gd_conv_shape_of(program->tape, op, device->type, device->tf32);
    gd_conv_choice choice;
    gd_status status = gd_cuda_choose(device, &shape, &choice, error);
    /* A program that is only measured needs no plan, unless another device made the choice: the search for
     * candidates has built the plan already, and its workspace is in the choice. */
    if (status == GD_OK && (program->loaded || device->settled))
        status = gd_conv_plan_create(device->cudnn, &shape, &choice, &made->plan, error);
    if (status != GD_OK)
        return status;
    made->workspace_at = (size_t)gd_round_up((int64_t)gd_conv_scratch_bytes(program->tape, op, device->type),
                                             GD_CUDA_ALIGNMENT);
    program->scratch_bytes[o] =
        (size_t)gd_round_up((int64_t)made->workspace_at + choice.workspace, GD_CUDA_ALIGNMENT);
    return GD_OK;
}

/* By cuDNN, by an engine that it compiles here, with the whole epilogue. A described device has no compiler;
 * the workspace is in the choice. */
static gd_status prepare_compiled(gd_program *program, int32_t o, const gd_cuda_compiled *compiled,
                                  const gd_conv_choice *choice, gd_error *error)
{
    program->ops[o].epilogue = compiled->epilogue;
    program->scratch_bytes[o] = (size_t)gd_round_up(choice->workspace, GD_CUDA_ALIGNMENT);
    return program->device->ordinal >= 0 ? gd_conv_plan_create(program->device->cudnn, &compiled->shape,
                                                               choice, &program->ops[o].plan, error)
                                         : GD_OK;
}

/* By cuBLASLt, without scratch. A described device plans what a present one would run. */
static gd_status prepare_product(gd_program *program, int32_t o, const gd_cuda_product *product,
                                 gd_error *error)
{
    gd_cuda_op *made = &program->ops[o];
    made->epilogue = product->epilogue;
    return program->device->products ? gd_product_plan_create(program->device->products, &product->shape,
                                                              &product->choice, &made->product, error)
                                     : GD_OK;
}

static gd_status prepare_conv(gd_program *program, int32_t o, gd_error *error)
{
    gd_cuda_product product;
    gd_cuda_compiled compiled;
    const gd_status status = gd_cuda_find_product(program->device, program->tape, o, &product, error);
    if (status != GD_OK)
        return status;
    if (product.epilogue.way)
        return prepare_product(program, o, &product, error);
    const gd_conv_choice *choice = gd_cuda_find_compiled(program->device, program->tape, o, &compiled);
    return choice ? prepare_compiled(program, o, &compiled, choice, error) : prepare_graph(program, o, error);
}

/* Addresses of an operation's weights, once they are on the device. */
static void find_weights(gd_program *program, int32_t o)
{
    const gd_device *device = program->device;
    const gd_op *op = &program->tape->ops[o];
    if (!program->loaded)
        return;
    program->ops[o].kernel = (const char *)device->filters + device->filter_at[2 * op->filter];
    program->ops[o].bias = (const char *)device->filters + device->filter_at[2 * op->filter + 1];
}

/* The largest seed of an operation, which for a guide to be matched is known. Seeds of squares are multiplied
 * by activations: it is taken for those of SQUARES_BOUND, below which most are; larger ones find room up to
 * float16's end, some 2^13 above. */
static double largest_seed(const gd_tape *tape, const gd_op *op)
{
    static const double SQUARES_BOUND = 64;
    double largest = op->by_channel ? 0 : fabs(op->value);
    for (int32_t c = 0; op->by_channel && c < op->dst.channels; c++)
        largest = fmax(largest, fabs(tape->factors[op->factors + c]));
    if (op->match)
        return largest * op->match->largest;
    return op->kind == GD_OP_SEED && op->src.channels > 0 ? largest * SQUARES_BOUND : largest;
}

/* float16 ranges from 2^-24 to 65504, but seeds are as small as 1e-8 (one over the units of a layer).
 * Gradients are therefore scaled in the backward pass, by the power of two that takes the tape's largest seed
 * to [2^-4, 2^-3). The scale depends only on the objective, and scaling is exact. */
static double find_seed_scale(const gd_tape *tape, gd_cuda_type type)
{
    enum { LARGEST = -3 };
    double largest = 0;
    int exponent;
    for (int32_t o = 0; o < tape->op_count; o++)
        largest = fmax(largest, largest_seed(tape, &tape->ops[o]));
    if (type != GD_CUDA_F16 || largest == 0)
        return 1;
    (void)frexp(largest, &exponent);
    return ldexp(1, LARGEST - exponent);
}

/* Operation o is number `guide` of those that match. */
static gd_status prepare_match(gd_program *program, int32_t o, int32_t guide, gd_error *error)
{
    const gd_device *device = program->device;
    const gd_tensor *dst = &program->tape->tensors[program->tape->ops[o].dst.tensor];
    program->scratch_bytes[o] =
        (size_t)gd_round_up((int64_t)dst->rows * dst->cols * (int64_t)sizeof(int32_t), GD_CUDA_ALIGNMENT);
    if (!program->loaded)
        return GD_OK;
    if (guide >= device->guide_count)
        return gd_fail(error, GD_INTERNAL, "the guide of operation %d was not loaded", o);
    const size_t at = device->filter_at[2 * device->filter_count + guide];
    program->ops[o].guide = (const float *)((const char *)device->filters + at);
    return GD_OK;
}

static gd_status prepare(gd_program *program, gd_error *error)
{
    const gd_tape *tape = program->tape;
    gd_status status = GD_OK;
    int32_t guides = 0;
    if (program->loaded && program->device->filter_count != tape->filter_count)
        return gd_fail(error, GD_INTERNAL, "the tape has %d filters, and weights for %d were loaded",
                       tape->filter_count, program->device->filter_count);
    for (int32_t t = 0; t < tape->tensor_count && status == GD_OK; t++)
        status = size_tensor(program, t, error);
    for (int32_t o = 0; o < tape->op_count && status == GD_OK; o++) {
        const bool convolves = gd_is_convolution(&tape->ops[o]);
        if (tape->ops[o].kind == GD_OP_MATCH)
            status = prepare_match(program, o, guides++, error);
        if (convolves)
            status = prepare_conv(program, o, error);
        if (convolves || gd_convolves_picture(&tape->ops[o]))
            find_weights(program, o);
    }
    program->seed_scale = find_seed_scale(tape, program->device->type);
    return status == GD_OK ? gd_memory_plan_create(tape, program->tensor_bytes, program->scratch_bytes,
                                                   &program->plan, error)
                           : status;
}

gd_status gd_cuda_compile(gd_device *device, const gd_tape *tape, gd_program **program, gd_error *error)
{
    gd_program *made = calloc(1, sizeof *made);
    *program = NULL;
    if (!made)
        return gd_no_memory(error, "a program");
    made->device = device;
    made->given = tape;
    gd_status status = gd_channel_blocks_create(tape, GD_CUDA_BLOCK, &made->blocks, error);
    made->tape = made->blocks.tape;
    made->loaded = device->filters != NULL;
    made->ops = calloc((size_t)tape->op_count + 1, sizeof *made->ops);
    made->tensor_bytes = calloc((size_t)tape->tensor_count + 1, sizeof *made->tensor_bytes);
    made->mask_channels = calloc((size_t)tape->tensor_count + 1, sizeof *made->mask_channels);
    made->scratch_bytes = calloc((size_t)tape->op_count + 1, sizeof *made->scratch_bytes);
    if (status == GD_OK &&
        (!made->ops || !made->tensor_bytes || !made->mask_channels || !made->scratch_bytes)) {
        status = gd_no_memory(error, "a program of %d operations", tape->op_count);
    } else if (status == GD_OK && device->ordinal < 0) {
        pthread_mutex_lock(&device->lock);
        status = gd_cuda_end(device, prepare(made, error));
    } else if (status == GD_OK) {
        status = gd_cuda_begin(device, error);
        if (status == GD_OK)
            status = prepare(made, error);
        status = gd_cuda_end(device, status);
    }
    if (status == GD_OK)
        *program = made;
    else
        gd_cuda_program_free(made);
    return status;
}

void gd_cuda_program_free(gd_program *program)
{
    if (!program)
        return;
    if (program->graph && cudaSetDevice(program->device->ordinal) == cudaSuccess)
        (void)cudaGraphExecDestroy(program->graph);
    for (int32_t o = 0; program->ops && o < program->given->op_count; o++) {
        gd_conv_plan_free(program->ops[o].plan);
        gd_product_plan_free(program->ops[o].product);
    }
    gd_memory_plan_free(&program->plan);
    gd_channel_blocks_free(&program->blocks);
    free(program->ops);
    free(program->tensor_bytes);
    free(program->mask_channels);
    free(program->scratch_bytes);
    free(program);
}
