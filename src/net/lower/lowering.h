/* State shared by the passes of the lowering; private to this folder.
 *
 * A *buffer* is a tensor of activations and, in the backward pass, one of gradients. A *version* is the
 * contents of a buffer between two writes: a residual sum in place overwrites the previous version. A
 * *region* is the part of a node's units that a tensor holds. Convolutions, pools and sums are *leaves*: each
 * fills a channel range of a version. */
#ifndef GD_NET_LOWER_LOWERING_H
#define GD_NET_LOWER_LOWERING_H

#include "net/lower/options.h"
#include "net/net.h"
#include "net/objective.h"
#include "net/tape.h"

/* Units [begin, end) of a node along an axis; none: begin == end. */
typedef struct gd_interval {
    int32_t begin, end;
} gd_interval;

typedef struct gd_region {
    gd_interval rows, cols;
} gd_region;

typedef struct gd_lower_node {
    bool needed, term;
    bool kept;                    /* a term whose values the way back needs, or that are wanted themselves */
    int32_t readers, last_reader; /* needed nodes that read it; last_reader: the last of them, or -1 */
    int32_t owner;                /* concat that it is an input of, or -1 */
    int32_t residual;             /* of a convolution that a residual sum adds: that residual node, else -1 */
    bool moved;                   /* 1x1 convolution whose average pool comes after it */
    bool skipped;        /* average pool that is computed with the moved convolution, or picture that is
                            read by the first convolution itself */
    bool reads_picture;  /* the convolution that the first operation computes, and the last one back */
    bool judged_by_pool; /* its ReLU needs no mask: the max pool that alone reads it has no winners
                            where it is zero */
    int32_t leader;      /* first of the merged convolutions; the node itself if not merged */
    int32_t rows, cols;  /* its units in the window */
    gd_region values, gradient; /* those that are computed forward, and back */
    int32_t version, channel;   /* location of its result; version -1: none */
    int32_t raw, raw_channel;   /* version and channel of a convolution's result before its seam or its moved
                                   pool; -1: it is written where it is read */
} gd_lower_node;

typedef struct gd_buffer {
    int32_t node;   /* for the extent of the whole window */
    gd_region back; /* units of its gradient */
    int32_t channels;
    int32_t values, gradient;                   /* tensors; gradient -1 until its first writer */
    bool *written;                              /* owned; [channels] the gradient has been written */
    int32_t more[GD_SUMMANDS_MORE], more_count; /* tensors of further summands of the gradient */
} gd_buffer;

typedef struct gd_version {
    int32_t buffer;
    bool complete; /* its gradient is summed, and masked where seams do not */
    bool gathered; /* its gradient is read by seams alone, which sum and mask it */
    double seed;   /* if gathered, and there is no gradient's tensor: the value of all of it */
} gd_version;

/* A run of channels of a version that a ReLU was applied to. */
typedef struct gd_mask_run {
    int32_t version, tensor;
    int32_t channel, channels; /* of the version */
} gd_mask_run;

/* The versions that an operation reads and writes; -1: none. */
typedef struct gd_op_versions {
    int32_t src, dst;
} gd_op_versions;

typedef struct gd_lowering {
    const gd_net *net;
    const gd_objective *objective;
    gd_lower_options options;
    gd_tape *tape;
    gd_lower_node *nodes;            /* owned; [net->node_count] */
    double term_units[GD_TERMS_MAX]; /* of the objective's terms: gd_term_units */
    gd_buffer *buffers;              /* owned; [node_count * 2] */
    int32_t buffer_count;
    gd_version *versions; /* owned; [node_count * 2] */
    int32_t version_count;
    gd_mask_run *masks; /* owned; [node_count] */
    int32_t mask_count;
    gd_op_versions *op_versions;                                             /* owned; [tape->op_count] */
    int64_t op_capacity, version_capacity, tensor_capacity, factor_capacity; /* of the arrays that grow */
    gd_error *error;
} gd_lowering;

/* Frees all that a lowering owns, except the tape. */
void gd_lowering_clear(gd_lowering *l);

/* Allocates the arrays of the passes; gd_lowering_clear frees them, also after a failure. */
gd_status gd_lowering_allocate(gd_lowering *l) GD_CHECKED;

gd_interval gd_interval_hull(gd_interval a, gd_interval b); /* either may be empty */

/* A 1x1 convolution of stride 1. */
bool gd_lower_pointwise(const gd_node *node);

/* The node that a convolution reads: before the average pool, where that moved behind it. */
int32_t gd_lower_source(const gd_lowering *l, int32_t conv);

/* Zero padding of a node before its first unit, along an axis. */
int32_t gd_lower_padding(const gd_node *node, bool along_rows);

/* Appends a tensor with a region of `node`; *tensor: its index. GD_USAGE, naming the largest window that
 * works, if it has 2^31 elements or more. */
gd_status gd_lower_tensor(gd_lowering *l, gd_tensor_kind kind, int32_t node, const gd_region *region,
                          int32_t channels, int32_t *tensor) GD_CHECKED;

/* Appends a copy of an operation, and the versions that it reads and writes. Its pads are the network's; they
 * are changed to those between its tensors' regions. */
gd_status gd_lower_op(gd_lowering *l, const gd_op *op, gd_op_versions versions) GD_CHECKED;

/* Appends `count` factors to the tape's, which the caller sets. */
gd_status gd_lower_factors(gd_lowering *l, int32_t count) GD_CHECKED;

/* A forward operation as it was appended, with the network's pads. */
gd_op gd_lower_forward_op(const gd_lowering *l, int32_t index);
/* Sets the error and returns GD_MEMORY. */
gd_status gd_lower_no_memory(gd_lowering *l) GD_CHECKED;

#endif
