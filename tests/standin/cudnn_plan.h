/* What a finalized cuDNN plan computes, from its own JSON. */
#ifndef GD_STANDIN_CUDNN_PLAN_H
#define GD_STANDIN_CUDNN_PLAN_H

#include "standin/convolve.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GD_PLAN_WORDS = 400 };

typedef struct gd_plan_tensor {
    int64_t uid, alignment; /* bytes */
} gd_plan_tensor;

typedef struct gd_plan {
    gd_convolve convolve;
    gd_plan_tensor x, w, b, z, y, m;
    int64_t zero;   /* the tensor that is passed by value, of a mask that is written */
    int64_t engine; /* global index */
    bool compiled;  /* at run time (cudnn_compiled.h) */
} gd_plan;

/* Writes why a graph or a plan is refused into words; false, for its reader to return. */
bool gd_plan_refuse(char words[GD_PLAN_WORDS], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Understands convolution forward (+ z) (+ bias) (+ ReLU), and backward-data. Anything else in the text, an
 * unknown name included, gives false and a sentence in words. convolve.tf32 stays false: the text does not
 * tell. */
bool gd_plan_parse(const char *json, size_t bytes, gd_plan *plan, char words[GD_PLAN_WORDS]);

/* Whether x, w, y and the bias fit the convolution's geometry. */
bool gd_plan_extents_agree(const gd_convolve *convolve);

#endif
