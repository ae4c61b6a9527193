/* The backend for processors: what its files share. */
#ifndef GD_KERNELS_CPU_CPU_H
#define GD_KERNELS_CPU_CPU_H

#include "kernels/backend.h"
#include "kernels/cpu/onednn.h"
#include "kernels/cpu/team.h"
#include "kernels/cpu/units.h"

#include <pthread.h>

/* A filter's weights in one order, shared by the programs that take it. */
typedef struct gd_cpu_packed {
    gd_packed *packed; /* owned */
    bool turned;
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
    const gd_units *units;
    gd_cores cores;
    bool widens; /* bf16 tensors, but float32 arithmetic in the library's convolutions */
    char text[128];
    pthread_mutex_t lock;   /* of what compile() adds to the filters */
    gd_cpu_filter *filters; /* owned; NULL until loaded */
    int32_t filter_count;
};

/* How a convolution is computed. */
typedef enum gd_cpu_way {
    GD_CPU_LIBRARY,
    GD_CPU_WINOGRAD, /* gd_winograd, which takes 1x1 kernels as well */
    GD_CPU_PRODUCT,  /* gd_product_bf16 */
} gd_cpu_way;

/* What compile() found out about an operation; all zero where there is nothing. */
typedef struct gd_cpu_op {
    gd_conv *conv;           /* owned */
    const gd_packed *packed; /* borrowed from the device */
    const float *bias;       /* borrowed */
    const float *picture;    /* borrowed */
    const void *own;         /* borrowed; weights for a way of ours */
    gd_cpu_way way;
    bool turned;  /* a way back that runs as a forward convolution */
    bool widened; /* bf16 tensors, float32 arithmetic: src is copied to scratch, at widened_at */
    bool aside;   /* the result goes to scratch, at aside_at, and from there to dst */
    size_t widened_at, aside_at;
} gd_cpu_op;

struct gd_program {
    gd_device *device;      /* borrowed */
    const gd_tape *tape;    /* borrowed */
    gd_cpu_op *ops;         /* owned; [op_count] */
    size_t *tensor_bytes;   /* owned; [tensor_count] */
    size_t *scratch_bytes;  /* owned; [op_count] */
    gd_placement placement; /* owned */
    int32_t gradient;       /* the tensor that GD_OP_OUTPUT reads: [rows, cols, 3] float32; -1: none */
    bool loaded;
};

/* Weights. */
gd_status gd_cpu_load(gd_device *device, const gd_tape *tape, const gd_filter_values *values,
                      gd_error *error) GD_CHECKED;
void gd_cpu_filters_free(gd_cpu_filter *filters, int32_t count);

/* What the weights take once all programs of a tape's operations are made, for windows of any size. */
size_t gd_cpu_filter_bytes(const gd_device *device, const gd_tape *tape);

/* The way of forward and turned convolutions with such a kernel, in windows that are not too small for
 * Winograd's. 1x1 kernels have no padding. */
gd_cpu_way gd_cpu_preferred(const gd_device *device, int32_t kernel_rows, int32_t kernel_cols,
                            int32_t stride);

/* The filter's weights as `conv` wants them, made if no program had them yet. */
gd_status gd_cpu_filter_pack(gd_device *device, int32_t filter, const gd_conv *conv, bool turned,
                             const gd_packed **packed, gd_error *error) GD_CHECKED;

/* The filter's weights for a way of ours. A filter has one such way. */
gd_status gd_cpu_filter_own(gd_device *device, int32_t filter, gd_cpu_way way, bool turned, const void **own,
                            gd_error *error) GD_CHECKED;

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

/* The name of a convolution's implementation: "winograd:avx512", "product:avx512" (1x1 kernels), both of them
 * in float32, "product:avx512_bf16", or the library's; NULL where there is none. */
const char *gd_cpu_op_name(const gd_program *program, int32_t op);

/* The canvas; see backend.h. */
gd_status gd_cpu_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols, int64_t stride,
                         double sums[2], gd_error *error) GD_CHECKED;
gd_status gd_cpu_update(gd_device *device, float *canvas, const float *gradient, int64_t count, float step,
                        gd_error *error) GD_CHECKED;
gd_status gd_cpu_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                          const float *source, gd_rect source_at, float *target, gd_rect target_at,
                          int64_t target_stride, gd_error *error) GD_CHECKED;

#endif
