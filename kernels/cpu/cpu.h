/* The backend for processors: what its files share. */
#ifndef GD_KERNELS_CPU_CPU_H
#define GD_KERNELS_CPU_CPU_H

#include "kernels/backend.h"
#include "kernels/cpu/elementwise.h"
#include "kernels/cpu/onednn.h"
#include "kernels/cpu/team.h"
#include "net/fold.h"
#include "net/memory_plan.h"

#include <pthread.h>

/* The way back of a convolution of stride 2 falls into GD_CPU_PARTS convolutions of stride 1, one for each
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

/* Which taps of a kernel, and how they lie. */
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
    int32_t in, out, kernel_rows, kernel_cols;
    float *kernel;  /* owned; [out, in, rows, cols] */
    float *turned;  /* owned; [in, out, rows, cols], the kernel turned by 180 degrees; NULL until needed */
    float *picture; /* owned; for gd_picture_pass; NULL until needed */
    float *bias;    /* owned; [out] */
    void *own[2];   /* owned; for the way of ours, as the kernel is and turned; NULL until needed */
    gd_cpu_packed orders[GD_CPU_ORDERS_MAX];
    int32_t order_count;
} gd_cpu_filter;

struct gd_device {
    gd_precision precision;
    gd_dnnl *dnnl; /* owned */
    gd_dnnl_isa isa;
    const gd_elementwise *units;
    gd_cores cores;
    bool widens; /* bf16 tensors, but float32 arithmetic in the library's convolutions */
    char text[128];
    pthread_mutex_t lock;   /* of what compile() adds to the filters */
    gd_cpu_filter *filters; /* owned; NULL until loaded */
    int32_t filter_count;
};

/* How a convolution is computed. */
typedef enum gd_conv_algorithm {
    GD_CPU_LIBRARY,
    GD_CPU_PARITY,   /* the library, in GD_CPU_PARTS */
    GD_CPU_WINOGRAD, /* gd_winograd, which takes 1x1 kernels as well */
    GD_CPU_PRODUCT,  /* gd_product_bf16 */
} gd_conv_algorithm;

/* A convolution of the library's. */
typedef struct gd_cpu_call {
    gd_conv *conv;           /* owned */
    const gd_packed *packed; /* borrowed from the device */
} gd_cpu_call;

/* What compile() found out about an operation; all zero where there is nothing. */
typedef struct gd_cpu_op {
    gd_cpu_call calls[GD_CPU_PARTS]; /* one, but for GD_CPU_PARITY */
    const float *bias;               /* borrowed */
    const float *picture;            /* borrowed */
    const void *own;                 /* borrowed; weights for a way of ours */
    gd_conv_algorithm way;
    bool turned;  /* a way back that runs as a forward convolution */
    bool widened; /* bf16 tensors, float32 arithmetic: src is copied to scratch, at widened_at */
    bool aside;   /* the result goes to scratch, at aside_at, and from there to dst */
    size_t widened_at, aside_at;
} gd_cpu_op;

struct gd_program {
    gd_device *device;     /* borrowed */
    const gd_tape *tape;   /* borrowed */
    gd_cpu_op *ops;        /* owned; [op_count] */
    size_t *tensor_bytes;  /* owned; [tensor_count] */
    size_t *scratch_bytes; /* owned; [op_count] */
    gd_memory_plan plan;   /* owned */
    int32_t gradient;      /* the tensor that GD_OP_OUTPUT reads: [rows, cols, 3] float32; -1: none */
    bool loaded;
};

/* The choice of precision and units that `wanted` comes to with device->isa, which alone is read of the
 * device. */
gd_status gd_cpu_choose(gd_device *device, gd_precision wanted, gd_error *error) GD_CHECKED;

/* The convolution of an operation, in the terms of its forward direction. */
gd_conv_spec gd_cpu_spec(const gd_program *program, const gd_op *op);

/* The way back of a convolution of stride 1, as a forward convolution. */
gd_conv_spec gd_cpu_turned_spec(const gd_conv_spec *spec, bool sum);

/* Whether a convolution has parts (a way back of stride 2 without padding), and one of them as a forward
 * convolution. Its result (y, x) belongs at the row 2 y + part.row and the column 2 x + part.col of what the
 * way back writes; where it has none, that is zero. */
bool gd_cpu_has_parts(const gd_conv_spec *back);
gd_conv_spec gd_cpu_part_spec(const gd_conv_spec *back, gd_cpu_part part);
int32_t gd_cpu_part_taps(int32_t taps, int32_t parity); /* along an axis with so many */

/* Weights. */
gd_status gd_cpu_load(gd_device *device, const gd_tape *tape, const gd_filter_values *values,
                      gd_error *error) GD_CHECKED;
void gd_cpu_filters_free(gd_cpu_filter *filters, int32_t count);

/* What the weights take once all programs of a tape's operations are made, for windows of any size. */
size_t gd_cpu_filter_bytes(const gd_device *device, const gd_tape *tape);

/* The way of forward and turned convolutions with such a kernel, in windows that are not too small for
 * Winograd's. 1x1 kernels have no padding. */
gd_conv_algorithm gd_cpu_preferred(const gd_device *device, int32_t kernel_rows, int32_t kernel_cols,
                                   int32_t stride);

/* The filter's weights as `conv` wants them, made if no program had them yet. taps: gd_cpu_taps. */
gd_status gd_cpu_filter_pack(gd_device *device, int32_t filter, const gd_conv *conv, int32_t taps,
                             const gd_packed **packed, gd_error *error) GD_CHECKED;

/* The filter's weights for a way of ours. A filter has one such way. */
gd_status gd_cpu_filter_own(gd_device *device, int32_t filter, gd_conv_algorithm way, bool turned,
                            const void **own, gd_error *error) GD_CHECKED;

/* The filter's weights for gd_picture_pass. */
gd_status gd_cpu_filter_picture(gd_device *device, int32_t filter, const float **picture,
                                gd_error *error) GD_CHECKED;

/* Programs. */
gd_status gd_cpu_compile(gd_device *device, const gd_tape *tape, gd_program **program,
                         gd_error *error) GD_CHECKED;
void gd_cpu_program_free(gd_program *program);
gd_status gd_cpu_run(gd_program *program, void *arena, int32_t first, int32_t last, const float *window,
                     float *gradient, gd_error *error) GD_CHECKED;
void gd_cpu_get(const gd_program *program, const void *arena, int32_t tensor, double *values);
void gd_cpu_set(const gd_program *program, void *arena, int32_t tensor, const double *values);

/* The name of what computes a convolution: "winograd:avx512", "product:avx512" (1x1 kernels), both of them in
 * float32, "product:avx512_bf16", or the library's, the one of part `part` of a GD_CPU_PARITY; NULL where
 * there is none. */
const char *gd_cpu_op_name(const gd_program *program, int32_t op, int32_t part);

/* The canvas; see backend.h. */
gd_status gd_cpu_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols, int64_t stride,
                         double sums[2], gd_error *error) GD_CHECKED;
gd_status gd_cpu_update(gd_device *device, float *canvas, const float *gradient, int64_t count, float step,
                        gd_error *error) GD_CHECKED;
gd_status gd_cpu_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                          const float *source, gd_rect source_at, float *target, gd_rect target_at,
                          int64_t target_stride, gd_error *error) GD_CHECKED;

#endif
