/* Weights of one convolution, as a file holds them (batch norm not folded), and their places in memory. */
#ifndef GD_NET_CONV_WEIGHTS_H
#define GD_NET_CONV_WEIGHTS_H

#include "net/graph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the path of a weights file. */
enum { GD_WEIGHTS_PATH_MAX = 4096 };

typedef struct gd_conv_weights {
    float *kernel;   /* borrowed; [rows, cols, in, out] (HWIO) */
    float *bias;     /* borrowed; [out]; beta under batch norm */
    float *mean;     /* borrowed; [out]; batch norm only */
    float *variance; /* borrowed; [out]; batch norm only */
} gd_conv_weights;

/* A convolution of a network, without pointers. */
typedef struct gd_conv_layer {
    gd_node node;
    int32_t in; /* channels of its input */
    bool first; /* of the network: it takes the picture */
} gd_conv_layer;

/* Values of its arrays. Sets *arrays (NULL: it is not) to their places, one after another from `values` on:
 * kernel, bias, mean, variance; NULL where `values` is. */
size_t gd_conv_weights_place(const gd_conv_layer *conv, float *values, gd_conv_weights *arrays);

#endif
