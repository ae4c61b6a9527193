/* The cost of a tape's operations on a GPU, by arithmetic: FLOP, bytes, launches, seconds. */
#include "gpu_cost.h"

#include "net/products.h"

#include <math.h>

const gpu_share gpu_at_peak = {.flops = 1, .bytes = 1, .network = 1, .overlaps = true};
const gpu_share gpu_fast = {
    .flops = 0.65, .bytes = 0.9, .network = 0.8, .launch = 1e-6, .step = 0.3e-3, .overlaps = true};
const gpu_share gpu_slow = {.flops = 0.35, .bytes = 0.7, .network = 0.4, .launch = 3e-6, .step = 2e-3};

enum { VALUE = 2 /* bytes */, PICTURE = 8 /* channels that 3 are stored as */ };

static double units(const gd_tape *tape, gd_slice slice)
{
    const gd_tensor *tensor = &tape->tensors[slice.tensor];
    const double channels = tensor->channels == 3 ? PICTURE : slice.channels;
    return slice.channels > 0 ? channels * tensor->rows * tensor->cols : 0;
}

static double mask_bytes(const gd_tape *tape, const gd_op *op)
{
    return op->mask.channels > 0 ? units(tape, op->mask) / 8 : 0;
}

static double filter_bytes(const gd_tape *tape, const gd_op *op)
{
    const gd_filter *f = &tape->filters[op->filter];
    return VALUE * (double)(f->in == 3 ? PICTURE : f->in) * f->out * f->kernel_rows * f->kernel_cols;
}

static void add_own(gpu_cost *c, double bytes)
{
    c->own_bytes += bytes;
    c->kernels++;
}

/* A residual sum is made by cuDNN, which reads what is there; the mask of the result by a kernel of ours. */
static void forward_cost(const gd_tape *tape, const gd_op *op, gpu_cost *c)
{
    if (op->accumulate)
        c->conv_bytes += VALUE * units(tape, op->dst);
    if (op->mask.channels > 0)
        add_own(c, VALUE * units(tape, op->mask) + mask_bytes(tape, op));
}

/* A sum goes through scratch and is added by a kernel of ours, with the mask; without a sum, the mask is set
 * on what is there. */
static void backward_cost(const gd_tape *tape, const gd_op *op, gpu_cost *c)
{
    if (op->accumulate)
        add_own(c, 3 * VALUE * units(tape, op->dst) + mask_bytes(tape, op));
    else if (op->mask.channels > 0)
        add_own(c, 2 * VALUE * units(tape, op->mask) + mask_bytes(tape, op));
}

/* cuBLASLt takes slices as they are, adds to what is there in both directions, and may write or apply the
 * mask. */
static void product_cost(const gd_tape *tape, const gd_op *op, gpu_cost *c)
{
    if (op->accumulate)
        c->conv_bytes += VALUE * units(tape, op->dst);
    if (gd_product_can_mask(tape, (int32_t)(op - tape->ops)))
        c->conv_bytes += mask_bytes(tape, op);
    else if (op->mask.channels > 0)
        add_own(c, (op->kind == GD_OP_CONV ? 1 : 2) * VALUE * units(tape, op->mask) + mask_bytes(tape, op));
}

/* cuDNN's engines on tensor cores want dense operands: a slice of a wider tensor is packed before the
 * convolution, or unpacked after it, by a kernel of theirs. Each such plan asks for workspace of that size
 * (test_convolution_plans). */
static void add_copy(const gd_tape *tape, gd_slice slice, gpu_cost *c)
{
    if (slice.channels == tape->tensors[slice.tensor].channels)
        return;
    c->copy_bytes += 2 * VALUE * units(tape, slice);
    c->copies++;
}

/* A sum on the way back goes to scratch, which is dense. */
static void add_copies(const gd_tape *tape, const gd_op *op, gpu_cost *c)
{
    add_copy(tape, op->src, c);
    if (op->kind == GD_OP_CONV || !op->accumulate)
        add_copy(tape, op->dst, c);
}

static void conv_cost(const gd_tape *tape, const gd_op *op, gpu_cost *c)
{
    c->flop = 2 * gd_op_macs(tape, op);
    c->conv_bytes = VALUE * (units(tape, op->src) + units(tape, op->dst)) + filter_bytes(tape, op);
    c->convs = 1;
    if (gd_op_is_product(tape, op)) {
        product_cost(tape, op, c);
        return;
    }
    add_copies(tape, op, c);
    if (op->kind == GD_OP_CONV)
        forward_cost(tape, op, c);
    else
        backward_cost(tape, op, c);
}

/* What is read is as much as what is written, which may be a part of the tensor. A group is one launch: its
 * first operation's. */
static void add_seam(const gd_tape *tape, const gd_op *op, gpu_cost *c)
{
    int32_t first, last, reads = op->src.channels > 0;
    for (int32_t i = 0; i < GD_SUMMANDS_MORE; i++)
        reads += op->more[i].channels > 0;
    gd_tape_group(tape, (int32_t)(op - tape->ops), &first, &last);
    if (op->dst.channels == 0)
        c->own_bytes += VALUE * units(tape, op->src) + mask_bytes(tape, op);
    else
        c->own_bytes += VALUE * (reads + 1) * units(tape, op->dst) + mask_bytes(tape, op);
    c->kernels += op == &tape->ops[first];
}

static void own_cost(const gd_tape *tape, const gd_op *op, gpu_cost *c)
{
    const double src = VALUE * units(tape, op->src), dst = VALUE * units(tape, op->dst);
    const double again = op->accumulate ? dst : 0, mask = mask_bytes(tape, op);
    const double window = 12.0 * tape->rows * tape->cols;
    const double picture = 12 * (double)gd_rect_area(tape->focus);
    c->own_flop = 2 * gd_op_macs(tape, op);
    switch (op->kind) {
    case GD_OP_INPUT:
        add_own(c, window + dst + mask);
        break;
    case GD_OP_OUTPUT:
        add_own(c, src + mask + picture);
        break;
    case GD_OP_MASK:
        add_own(c, 2 * VALUE * units(tape, op->mask) + mask);
        break;
    case GD_OP_SEAM:
    case GD_OP_SEAM_BACK:
        add_seam(tape, op, c);
        break;
    default:
        add_own(c, src + dst + again + mask + units(tape, op->winner));
    }
}

gpu_cost gpu_cost_of(const gd_tape *tape, const gd_op *op)
{
    gpu_cost c = {0};
    if (op->kind == GD_OP_CONV || op->kind == GD_OP_CONV_BACK)
        conv_cost(tape, op, &c);
    else
        own_cost(tape, op, &c);
    return c;
}

void gpu_cost_add(gpu_cost *sum, const gpu_cost *c)
{
    sum->flop += c->flop;
    sum->own_flop += c->own_flop;
    sum->conv_bytes += c->conv_bytes;
    sum->own_bytes += c->own_bytes;
    sum->copy_bytes += c->copy_bytes;
    sum->copies += c->copies;
    sum->convs += c->convs;
    sum->kernels += c->kernels;
}

double gpu_bytes(const gpu_cost *c)
{
    return c->conv_bytes + c->copy_bytes + c->own_bytes;
}

int32_t gpu_launches(const gpu_cost *c)
{
    return c->convs + c->copies + c->kernels;
}

double gpu_seconds(const gpu_cost *c, const gd_gpu_kind *kind, const gpu_share *share)
{
    const double bytes = share->bytes * kind->peak_bytes;
    const double own_flops = 2.0 * kind->lanes * kind->processors * 1e3 * kind->clock_khz;
    return fmax(c->flop / (share->flops * kind->peak_flops), c->conv_bytes / bytes) +
           fmax(c->own_flop / (share->flops * own_flops), c->own_bytes / bytes) + c->copy_bytes / bytes +
           gpu_launches(c) * share->launch;
}

gpu_cost gpu_tape_cost(const gd_tape *tape)
{
    gpu_cost sum = {0};
    for (int32_t o = 0; o < tape->op_count; o++) {
        const gpu_cost c = gpu_cost_of(tape, &tape->ops[o]);
        gpu_cost_add(&sum, &c);
    }
    return sum;
}

double gpu_tape_seconds(const gd_tape *tape, const gd_gpu_kind *kind, const gpu_share *share)
{
    double sum = 0;
    for (int32_t o = 0; o < tape->op_count; o++) {
        const gpu_cost c = gpu_cost_of(tape, &tape->ops[o]);
        sum += gpu_seconds(&c, kind, share);
    }
    return sum;
}
