/* The tape: a network lowered for one window shape, a flat list of operations over tensors in one arena.
 * src/net/lower makes it, and backends execute it. Tensors are [channels, rows, cols], without a batch
 * dimension. Backends choose the memory layout, but must be able to address channel slices, which may begin
 * and end anywhere.
 *
 * A tensor holds only those units of its nodes that the gradient of the focus needs: rows [row, row + rows)
 * of whole_rows, and so the columns. Operations count in these tensors: with the signed pads of the
 * operation, unit y of what the forward operation writes reads the units y * stride - pad_rows +
 * [0, kernel_rows) of what it reads. A negative pad leaves units out at the beginning; what is read beyond a
 * tensor is padding of the network, never a unit that was not computed. Likewise the two extents of an
 * operation do not follow from each other. */
#ifndef GD_NET_TAPE_H
#define GD_NET_TAPE_H

#include "base/rect.h"
#include "base/status.h"
#include "net/net.h"
#include "net/objective.h"

#include <stddef.h>
#include <stdint.h>

typedef enum gd_tensor_kind {
    GD_TENSOR_VALUES, /* activations or gradients, in the backend's precision */
    GD_TENSOR_MASK,   /* one bit for each unit: its ReLU's result is above zero */
    GD_TENSOR_WINNER, /* one byte for each unit: index 0..8 (row-major, 3x3) of a max pool's first maximum, or
                         GD_NO_WINNER */
} gd_tensor_kind;

enum { GD_NO_WINNER = 9 };

typedef struct gd_tensor {
    gd_tensor_kind kind;
    int32_t channels, rows, cols;
    int32_t row, col;               /* the first of the node's units that it holds */
    int32_t whole_rows, whole_cols; /* the node's units in the whole window */
    int32_t first_op, last_op;      /* alive from the start of first_op to the end of last_op */
} gd_tensor;

/* Channels [channel, channel + channels) of a tensor. channels == 0: none. */
typedef struct gd_slice {
    int32_t tensor, channel, channels;
} gd_slice;

typedef enum gd_op_kind {
    /* Forward. */
    GD_OP_INPUT,    /* dst(y) = window(y - pad) + shift, [3, rows, cols]. With a filter, only in dense tapes:
                       dst = filter * (window + shift) + bias, then ReLU, then mask; nothing beyond the window
                       is read */
    GD_OP_CONV,     /* dst (+)= filter * src + bias, then ReLU, then mask */
    GD_OP_MAX_POOL, /* dst = maximum over the units of src in 3x3; writes winner. relu: src has no mask, and
                       where the maximum is not above zero there is no winner; only in dense tapes */
    GD_OP_AVG_POOL, /* dst = mean over the units of the whole window in 3x3 of src, padding excluded (stride
                       1, same), then ReLU, mask */
    GD_OP_SEAM,     /* dst(y) = src(y - pad), then ReLU, then mask: the result of a convolution, or a part of
                       it, goes where it is read. Without dst only the mask of src, for a convolution whose
                       mask could wait. Only in dense tapes */
    GD_OP_LRN,      /* dst(y) = src(y - pad), normalized across the channels of the slice (gd_lrn) */
    /* Backward: src is the gradient of the forward operation's dst, and dst that of its src. */
    GD_OP_SEED,          /* dst (+)= value; times src(y - pad) if there is a src */
    GD_OP_MATCH,         /* dst (+)= value times the unit of `match` with the largest dot product with src(y -
                            pad), the first of equals; src has all channels of it, as dst */
    GD_OP_CONV_BACK,     /* dst (+)= filter transposed * src */
    GD_OP_MAX_POOL_BACK, /* dst (+)= src at the winners, 0 elsewhere */
    GD_OP_AVG_POOL_BACK, /* dst (+)= transposed mean of src */
    GD_OP_SEAM_BACK,     /* dst(y) = sum of src and more at y - pad; without src dst = value, as GD_OP_SEED
                            would have set src; only in dense tapes */
    GD_OP_LRN_BACK,      /* dst(y) (+)= the normalization's transposed derivative at kept * src(y + pad) */
    GD_OP_MASK, /* dst = dst where the mask is set, else 0; for channels whose last writer cannot apply it */
    GD_OP_OUTPUT, /* gradient(y) = src(y - pad), [3, focus.rows, focus.cols]. With a filter, that of
                     GD_OP_INPUT: gradient = filter transposed * src where the mask is set */
    /* Forward and backward; only if a residual sum is not computed in place. */
    GD_OP_COPY, /* dst(y) (+)= src(y - pad) */
} gd_op_kind;

enum { GD_SUMMANDS_MORE = 2 };

/* GD_OP_INPUT and GD_OP_OUTPUT have a filter of this kernel and stride, and at most so many channels: a small
 * share of a tape's FLOP. */
enum { GD_PICTURE_KERNEL = 3, GD_PICTURE_STRIDE = 2, GD_PICTURE_CHANNELS = 32 };

typedef struct gd_op {
    gd_op_kind kind;
    gd_slice src, dst;
    gd_slice more[GD_SUMMANDS_MORE]; /* GD_OP_SEAM_BACK: further summands, laid out as src */
    /* Forward: the mask to write, for all channels of dst. Backward: the mask to apply after (+)= to the
     * channels [mask_at, mask_at + mask.channels) of dst, which are the tensor's channels from
     * dst.channel + mask_at; other channels are not masked. Its tensor then covers the units of dst, and may
     * hold more. GD_OP_OUTPUT: the mask of src. mask.channels == 0: none. */
    gd_slice mask;
    int32_t mask_at;
    gd_slice winner; /* max pools: for all channels; covers the units of the pool's output, or its gradient */
    gd_slice kept;   /* way back of a normalization: what it read; covers the units of dst */
    gd_lrn lrn;
    int32_t filter; /* index in tape->filters, or -1 */
    int32_t kernel_rows, kernel_cols, stride;
    int32_t pad_rows, pad_cols; /* signed, as of the forward operation, between its two tensors */
    bool relu;
    bool accumulate; /* (+)= adds to what dst holds; otherwise dst is overwritten */
    double value;    /* seeds, GD_OP_SEAM_BACK without src */
    bool by_channel; /* seeds: instead of value, tape->factors from `factors` on, one for each channel */
    int32_t factors;
    const gd_match *match; /* GD_OP_MATCH: of the objective; NULL: not known yet */
} gd_op;

/* A filter consists of the convolutions that were merged into it, concatenated along the output channels. */
enum { GD_FILTER_PARTS_MAX = 4 };

typedef struct gd_filter {
    int32_t in, out, kernel_rows, kernel_cols;
    int32_t nodes[GD_FILTER_PARTS_MAX]; /* of net->nodes */
    int32_t part_count;
    double scale; /* of a residual sum, folded into kernel and bias */
    /* The average pool was moved behind this 1x1 convolution. The bias is still added here, since the mean of
     * a constant is that constant; only the ReLU is applied by the pool. */
    bool pooled;
} gd_filter;

/* The filters depend on objective and options, not on the window's shape. */
typedef struct gd_tape {
    int32_t rows, cols; /* of the window */
    gd_rect focus;      /* the part of the window whose gradient is computed */
    double shift[3];    /* added to the window's red, green and blue */
    gd_tensor *tensors; /* owned */
    int32_t tensor_count;
    gd_op *ops; /* owned */
    int32_t op_count;
    int32_t first_backward; /* index of the first backward operation */
    gd_filter *filters;     /* owned */
    int32_t filter_count;
    double *factors; /* owned; of seeds */
    int32_t factor_count;
    gd_slice *results; /* owned; of a tape without a way back: the values of each term; NULL: it has one */
    int32_t result_count;
} gd_tape;

void gd_tape_free(gd_tape *tape); /* NULL is fine */

/* Consecutive seams of a kind, at most GD_GROUP_MAX, are a group: they do not depend on each other, and their
 * tensors live as long as any of them, so that a backend may compute them at once. Sets [*first, *last) to
 * the group of operation `op`; every other operation is a group by itself. */
enum { GD_GROUP_MAX = 8 };
void gd_tape_group(const gd_tape *tape, int32_t op, int32_t *first, int32_t *last);

/* The maximum of scratch_bytes[op_count]. */
size_t gd_tape_most_scratch(const gd_tape *tape, const size_t *scratch_bytes);

/* The units of `inner` in `outer` begin at this row and column of it: a mask or winners, seen from a gradient
 * of the same nodes, which `outer` covers. */
int32_t gd_tensor_row_in(const gd_tensor *inner, const gd_tensor *outer);
int32_t gd_tensor_col_in(const gd_tensor *inner, const gd_tensor *outer);

/* The most units that are alive during an operation; a unit of a mask is 1/32, of winners 1/4. */
double gd_tape_most_units(const gd_tape *tape);

/* Whether the operation is a convolution of two tensors, forward or backward. */
bool gd_is_convolution(const gd_op *op);

/* Whether it is the first convolution, of the window, or the last one on the way back, to the gradient. */
bool gd_convolves_picture(const gd_op *op);

/* Multiply-adds of one operation with a filter; 0 for others. */
double gd_op_macs(const gd_tape *tape, const gd_op *op);

/* Of all operations. */
double gd_tape_macs(const gd_tape *tape);

#endif
