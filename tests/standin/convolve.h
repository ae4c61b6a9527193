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

/* Of bits, one for each value of the result, eight channels a byte from the lowest bit on: written where the
 * ReLU's input is above zero; or values are multiplied by them. */
typedef enum gd_mask_kind { GD_NO_MASK, GD_WRITES_MASK, GD_APPLIES_MASK } gd_mask_kind;

/* y = relu(w * x + z + bias), or backward: x = (w transposed * y + z) * mask. Sums are float32. */
typedef struct gd_convolve {
    bool backward, sum, bias, relu;
    bool tf32; /* rounds the float32 inputs to TF32 first */
    gd_strided x, w, y;
    gd_strided b; /* [1, out, 1, 1], if there is a bias */
    gd_strided z; /* what is added, of the extent of the result, if there is a sum */
    gd_mask_kind mask;
    gd_strided m;            /* of that extent; strides in bits */
    bool reversed;           /* the bits of the mask's bytes from the highest on */
    int64_t pad[2], post[2]; /* before the first unit of x, and behind the last one */
    int64_t step[2], dilation[2];
} gd_convolve;

typedef struct gd_convolve_data {
    void *x; /* written if backward */
    const void *w, *b;
    const void *z; /* may be the result, if the strides are the same */
    void *y;       /* read if backward */
    void *m;       /* the mask */
} gd_convolve_data;

/* Bit `at` of a mask. */
static inline bool gd_mask_get(const gd_convolve *c, const void *bits, int64_t at)
{
    return ((const uint8_t *)bits)[at / 8] >> (c->reversed ? 7 - at % 8 : at % 8) & 1;
}

static inline void gd_mask_set(const gd_convolve *c, void *bits, int64_t at, bool value)
{
    uint8_t *byte = (uint8_t *)bits + at / 8;
    const int shift = (int)(c->reversed ? 7 - at % 8 : at % 8);
    *byte = (uint8_t)((*byte & ~(1u << shift)) | (unsigned)value << shift);
}

/* Blocked for registers and caches; the order of each sum depends on the shape alone. false: no memory. */
bool gd_convolve_fast(const gd_convolve *convolve, gd_convolve_data data);

/* The definition, with sums in double: the judge of the other. */
void gd_convolve_slow(const gd_convolve *convolve, gd_convolve_data data);

#endif
