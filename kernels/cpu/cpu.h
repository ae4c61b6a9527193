/* The backend for processors: types that its files share. */
#ifndef GD_KERNELS_CPU_CPU_H
#define GD_KERNELS_CPU_CPU_H

#include "kernels/backend.h"
#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/onednn.h"
#include "kernels/cpu/processors.h"
#include "kernels/cpu/team.h"
#include "kernels/cpu/tiles/tiles.h"
#include "net/channel_blocks.h"
#include "net/memory_plan.h"

#include <pthread.h>

/* Part of a device's description: raised when functions of our own round otherwise than before, so that a
 * checkpoint is not continued with other bits. 2: average pools add up columns first. */
enum { GD_CPU_KERNELS_VERSION = 2 };

/* A backward convolution of stride 2 falls into GD_CPU_PARTS convolutions of stride 1, one for each
 * parity of row and column of the result. Each takes every other tap of every other row of the kernel,
 * turned: of 3x3 they are 2x2, 2x1, 1x2 and 1x1 taps. */
enum { GD_CPU_PARTS = 4 };

typedef struct gd_cpu_part {
    int32_t row, col; /* parities; 0 or 1 */
} gd_cpu_part;

static inline gd_cpu_part gd_cpu_part_of(int32_t index)
{
    return (gd_cpu_part){index / 2, index % 2};
}

/* Taps of a kernel and their order. */
typedef enum gd_cpu_taps {
    GD_CPU_AS_IS,
    GD_CPU_TURNED,   /* by 180 degrees, input and output channels exchanged */
    GD_CPU_OF_PARTS, /* and of the parts after the first */
} gd_cpu_taps;

/* A filter's weights in one order, shared by the programs that take it. */
typedef struct gd_cpu_packed {
    gd_packed *packed; /* owned */
    int32_t taps;      /* gd_cpu_taps */
} gd_cpu_packed;

enum { GD_CPU_ORDERS_MAX = 16 }; /* the library has few, whatever the shapes */

typedef struct gd_cpu_filter {
    int32_t in, out, kernel_rows, kernel_cols; /* with channels of padding, whose weights are zero */
    int32_t real_in, real_out;                 /* without */
    int32_t *in_place, *out_place;             /* owned; [real_in], [real_out]: where these lie */
    float *kernel;                             /* owned; [out, in, rows, cols] */
    float *turned;  /* owned; [in, out, rows, cols], the kernel turned by 180 degrees; NULL until needed */
    float *picture; /* owned; for gd_picture_pass; NULL until needed */
    float *bias;    /* owned; [out] */
    void *
        native[2]; /* owned; for the native algorithm, of the kernel as it is and turned; NULL until needed */
    gd_tile_pack *tiles[2]; /* owned; forward and, class by class, back; NULL until needed */
    int32_t tile_counts[2];
    gd_cpu_packed orders[GD_CPU_ORDERS_MAX];
    int32_t order_count;
} gd_cpu_filter;

/* What units are matched with (net/objective.h), for gd_match_pass. */
typedef struct gd_cpu_match {
    const gd_match *of; /* borrowed */
    int32_t channels;   /* with padding */
    float *panels;      /* owned; rows lie behind them */
    const float *rows;
} gd_cpu_match;

struct gd_device {
    gd_precision precision;
    gd_dnnl *dnnl;    /* owned; NULL with tiles, which leave nothing to the library */
    gd_cpu_kind kind; /* of processor, whose row of the table it follows */
    gd_dnnl_isa isa;
    const gd_elementwise *elementwise;
    gd_tile_function *tile_conv; /* NULL: no tiles */
    gd_cores cores;
    bool widens; /* bf16 tensors, but float32 arithmetic in the library's convolutions */
    char text[160];
    pthread_mutex_t lock;   /* of what compile() adds to the filters */
    gd_cpu_filter *filters; /* owned; NULL until loaded */
    int32_t filter_count;
    gd_cpu_match *matches; /* owned; NULL until loaded */
    int32_t match_count;
};

/* Algorithm of a convolution. */
typedef enum gd_conv_algorithm {
    GD_CPU_LIBRARY,
    GD_CPU_PARITY,   /* the library, in GD_CPU_PARTS */
    GD_CPU_WINOGRAD, /* gd_winograd, which takes 1x1 kernels as well */
    GD_CPU_PRODUCT,  /* gd_product_bf16 */
    GD_CPU_TILES,    /* gd_tile_conv, the only one of a device with tiles */
} gd_conv_algorithm;

/* A convolution of the library's. */
typedef struct gd_cpu_call {
    gd_conv *conv;           /* owned */
    const gd_packed *packed; /* borrowed from the device */
} gd_cpu_call;

/* Result of compiling an operation; all zero where there is nothing to prepare. */
typedef struct gd_cpu_op {
    gd_cpu_call calls[GD_CPU_PARTS]; /* one, but for GD_CPU_PARITY */
    const float *bias;               /* borrowed */
    const float *picture;            /* borrowed */
    const void *native;              /* borrowed; weights for a native algorithm */
    const gd_tile_pack *tiles;       /* borrowed; of the device's filter */
    const gd_cpu_match *match;       /* borrowed; of the device */
    gd_conv_algorithm algorithm;
    bool turned;  /* a backward convolution that runs as a forward one */
    bool widened; /* bf16 tensors, float32 arithmetic: src is copied to scratch, at widened_at */
    bool aside;   /* the result goes to scratch, at aside_at, and from there to dst */
    int32_t aside_rows, aside_cols, skip_rows, skip_cols; /* its extent, and where dst begins in it */
    bool narrowed; /* of a 1x1 kernel: what it reads of src is copied to scratch, at narrowed_at */
    size_t widened_at, narrowed_at, aside_at;
} gd_cpu_op;

struct gd_program {
    gd_device *device;        /* borrowed */
    const gd_tape *given;     /* borrowed; what was to be compiled */
    gd_channel_blocks blocks; /* owned */
    const gd_tape *tape;      /* borrowed; of blocks */
    gd_cpu_op *ops;           /* owned; [op_count] */
    size_t *tensor_bytes;     /* owned; [tensor_count] */
    size_t *scratch_bytes;    /* owned; [op_count] */
    gd_memory_plan plan;      /* owned */
    int32_t gradient;         /* the tensor that GD_OP_OUTPUT reads: [rows, cols, 3] float32; -1: none */
    bool loaded;
};

#endif
