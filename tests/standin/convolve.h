/* Convolutions on strided tensors in plain memory, as a finalized cuDNN plan describes them. */
#ifndef GD_STANDIN_CONVOLVE_H
#define GD_STANDIN_CONVOLVE_H

#include "standin/values.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_KERNEL_MAX = 16 }; /* rows and columns of a kernel */

/* [n, c, h, w] for x and y, [out, in, rows, cols] for w. */
typedef struct gd_strided {
    gd_value_type type;
    int64_t dim[4], stride[4]; /* strides in values */
} gd_strided;

/* y = relu(w * x + z + bias), or backward: x = w transposed * y. Sums are float32. */
typedef struct gd_convolve {
    bool backward, sum, bias, relu;
    bool tf32; /* rounds the float32 inputs to TF32 first */
    gd_strided x, w, y;
    gd_strided b;            /* [1, out, 1, 1], if there is a bias */
    gd_strided z;            /* what is added, of the extent of y, if there is a sum */
    int64_t pad[2], post[2]; /* before the first unit of x, and behind the last one */
    int64_t step[2], dilation[2];
} gd_convolve;

typedef struct gd_convolve_data {
    void *x; /* written if backward */
    const void *w, *b;
    const void *z; /* may be y, if the strides are the same */
    void *y;       /* read if backward */
} gd_convolve_data;

/* Blocked for registers and caches; the order of each sum depends on the shape alone. false: no memory. */
bool gd_convolve_fast(const gd_convolve *convolve, gd_convolve_data data);

/* The definition, with sums in double: the judge of the other. */
void gd_convolve_slow(const gd_convolve *convolve, gd_convolve_data data);

#endif
