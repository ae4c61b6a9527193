/* Counts the convolutions of a tape whose engine is not on tensor cores. */
#include "kernels/cuda/demoted.h"

#include "kernels/cuda/compiled.h"
#include "kernels/cuda/convolution/shapes.h"
#include "kernels/cuda/decide.h"
#include "kernels/cuda/device_lock.h"
#include "kernels/cuda/products.h"

/* What computes the convolution: *wanted if it should be on tensor cores, *on if it is. A described device
 * cannot tell of products, which are taken to be on them. */
static gd_status judge(gd_device *device, const gd_tape *tape, int32_t o, bool *wanted, bool *on,
                       gd_error *error)
{
    gd_cuda_product product;
    gd_cuda_compiled compiled;
    gd_conv_choice choice;
    gd_status status = gd_cuda_find_product(device, tape, o, &product, error);
    *wanted = true;
    *on = !device->products || product.choice.tensor_cores;
    if (status != GD_OK || product.epilogue.way)
        return status;
    const gd_conv_shape shape = gd_conv_shape_of(tape, &tape->ops[o], device->type, device->tf32);
    const gd_conv_choice *own = gd_cuda_find_compiled(device, tape, o, &compiled);
    if (own)
        choice = *own;
    else
        status = gd_cuda_choose(device, &shape, &choice, error);
    *wanted = gd_conv_wants_tensor_cores(&shape);
    *on = status == GD_OK && choice.tensor_cores;
    return status;
}

static gd_status count(gd_device *device, const gd_tape *tape, gd_demotion *d, gd_error *error)
{
    gd_status status = GD_OK;
    for (int32_t o = 0; o < tape->op_count && status == GD_OK; o++) {
        if (!gd_is_convolution(&tape->ops[o]))
            continue;
        const double flop = 2 * gd_op_macs(tape, &tape->ops[o]);
        bool wanted, on;
        status = judge(device, tape, o, &wanted, &on, error);
        d->convolutions++;
        d->flop += flop;
        if (status != GD_OK || on || !wanted)
            continue;
        d->demoted++;
        d->demoted_flop += flop;
        d->largest_flop = flop > d->largest_flop ? flop : d->largest_flop;
    }
    return status;
}

gd_status gd_cuda_demotion(gd_device *device, const gd_tape *tape, gd_demotion *demotion, gd_error *error)
{
    gd_channel_blocks blocks;
    gd_status status = gd_channel_blocks_create(tape, GD_CUDA_BLOCK, &blocks, error);
    *demotion = (gd_demotion){0};
    if (status != GD_OK)
        return status;
    if (device->ordinal >= 0)
        status = gd_cuda_begin(device, error);
    else
        pthread_mutex_lock(&device->lock);
    if (status == GD_OK)
        status = count(device, blocks.tape, demotion, error);
    status = gd_cuda_end(device, status);
    gd_channel_blocks_free(&blocks);
    return status;
}
