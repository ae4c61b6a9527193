/* All calls of oneDNN, one convolution at a time. The rest of the backend sees neither its types nor its
 * versions: 2.x and 3.x differ in their C interface.
 *
 * Tensors have batch 1 and lie in blocks of `block` channels, [channels / block][rows][cols][block], so that
 * a slice of channels is a plain tensor at an offset; the picture, with 3 channels, lies in planes. */
#ifndef GD_KERNELS_CPU_ONEDNN_H
#define GD_KERNELS_CPU_ONEDNN_H

#include "base/status.h"
#include "kernels/cpu/isa.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GD_DNNL_PICTURE_CHANNELS = 3 };

typedef enum gd_conv_method {
    GD_CONV_DIRECT,   /* forward */
    GD_CONV_BACKWARD, /* backward-data: reads `out` channels, writes `in` channels */
} gd_conv_method;

/* A convolution in the terms of its forward direction. bias, relu and sum are for forward methods. */
typedef struct gd_conv_spec {
    gd_conv_method method;
    int32_t in, in_rows, in_cols;
    int32_t out, out_rows, out_cols;
    int32_t kernel_rows, kernel_cols, stride, pad_rows, pad_cols;
    int32_t block;
    bool bf16;
    bool bias;
    bool sum; /* adds to what dst holds, before the ReLU */
    bool relu;
} gd_conv_spec;

typedef struct gd_dnnl gd_dnnl;     /* the library's engine */
typedef struct gd_conv gd_conv;     /* a convolution made ready */
typedef struct gd_packed gd_packed; /* weights in the order that some convolutions want */

gd_status gd_dnnl_create(gd_dnnl **dnnl, gd_error *error) GD_CHECKED;
void gd_dnnl_free(gd_dnnl *dnnl); /* NULL is fine */

/* Instruction set that the processor has and the library uses: its name and abilities. */
typedef struct gd_dnnl_isa {
    const char *name;
    bool avx512;
    bool bf16; /* in hardware */
} gd_dnnl_isa;

/* Of this processor, as far as ONEDNN_MAX_CPU_ISA and gd_dnnl_lower_isa let the library use it. */
gd_dnnl_isa gd_dnnl_get_isa(void);

/* Of any, from the library's bits (dnnl_cpu_isa_t). */
gd_dnnl_isa gd_dnnl_isa_of(int bits);

/* The most that the library may use. It takes effect only before its first use in a process; what came of it
 * gd_dnnl_get_isa says. */
void gd_dnnl_lower_isa(gd_cpu_isa most);

/* "2.6.3": the library that is loaded, not the headers. */
void gd_dnnl_version(char *text, size_t bytes);
/* 206: any of 2.6. */
int32_t gd_dnnl_release(void);

/* NULL in *conv, with GD_OK, when the library has no such method for the shape. */
gd_status gd_conv_create(gd_dnnl *dnnl, const gd_conv_spec *spec, gd_conv **conv, gd_error *error) GD_CHECKED;

/* Whether it is the library's plain loops, which take 50 to 160 times as long as anything else. */
bool gd_conv_is_plain(const gd_conv *conv);

/* Makes its code, once, before weights are reordered and it runs. */
gd_status gd_conv_ready(gd_conv *conv, gd_error *error) GD_CHECKED;
void gd_conv_free(gd_conv *conv);              /* NULL is fine */
size_t gd_conv_scratch(const gd_conv *conv);   /* bytes */
const char *gd_conv_name(const gd_conv *conv); /* the library's name for its implementation */

/* Whether `packed` has the order that `conv` wants. */
bool gd_conv_takes(const gd_conv *conv, const gd_packed *packed);

/* Reorders kernel [out, in, rows, cols] of the spec. */
gd_status gd_packed_create(gd_dnnl *dnnl, const gd_conv *conv, const float *kernel, gd_packed **packed,
                           gd_error *error) GD_CHECKED;
void gd_packed_free(gd_packed *packed); /* NULL is fine */

/* bias is [out] float32, or NULL where the spec has none. src, dst and scratch are 64-byte aligned. Runs with
 * the OpenMP team of the calling thread. */
gd_status gd_conv_run(const gd_conv *conv, const gd_packed *packed, const float *bias, const void *src,
                      void *dst, void *scratch, gd_error *error) GD_CHECKED;

#endif
