/* A network as a graph of nodes, and the list of layers that -ml indexes. */
#ifndef GD_NET_GRAPH_H
#define GD_NET_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

typedef enum gd_node_kind {
    GD_NODE_INPUT,    /* the picture, 3 channels */
    GD_NODE_CONV,     /* convolution, then batch norm or bias, then ReLU if `relu` */
    GD_NODE_MAX_POOL, /* 3x3; the maximum excludes the padding */
    GD_NODE_AVG_POOL, /* 3x3, stride 1, same padding; the mean excludes the padding */
    GD_NODE_LRN,      /* local response normalization across channels */
    GD_NODE_CONCAT,   /* along channels */
    GD_NODE_RESIDUAL, /* inputs[0] + scale * inputs[1], then ReLU if `relu` */
} gd_node_kind;

enum { GD_NODE_INPUTS_MAX = 6, GD_NODE_NAME_MAX = 32 };

/* Local response normalization (Krizhevsky et al. 2012, section 3.3): channel c is divided by
 * (bias + scale * the sum of squares of the channels c - size / 2 ... c + size / 2 that there are) ^
 * (quarters / 4). */
typedef struct gd_lrn {
    int32_t size;     /* odd, at most GD_LRN_SIZE_MAX */
    int32_t quarters; /* 1 to 4 */
    double scale, bias;
} gd_lrn;

enum { GD_LRN_SIZE_MAX = 11 };

typedef struct gd_node {
    gd_node_kind kind;
    char name[GD_NODE_NAME_MAX]; /* fixed name of the Keras layer, or "" */
    int32_t inputs[GD_NODE_INPUTS_MAX];
    int32_t input_count;
    int32_t channels; /* of the output */
    int32_t kernel_rows, kernel_cols, stride;
    bool same;       /* zero padding, and a unit for each `stride` of the input, rounded up; otherwise none
                        ("valid") */
    bool late;       /* `same`, stride 2: the padding begins a unit later, as TensorFlow's for even extents */
    bool partial;    /* valid: the last window may reach beyond the end (Caffe's pools) */
    bool batch_norm; /* convolutions: batch norm without scale (epsilon 1e-3); otherwise a bias */
    bool relu;
    double scale; /* residuals */
    gd_lrn lrn;
    int32_t conv_index; /* unnamed convolutions: index in order of creation (0: conv2d, 1: conv2d_1, ...);
                           else -1 */
} gd_node;

/* An entry of the list that -ml indexes. */
typedef struct gd_layer {
    const char *name;
    int32_t node;
} gd_layer;

typedef enum gd_architecture { GD_INCEPTION_V3, GD_INCEPTION_RESNET_V2, GD_INCEPTION_V1 } gd_architecture;

typedef struct gd_net {
    gd_architecture architecture;
    const char *name;     /* the value of -m: "inceptionV3", ... */
    const char *title;    /* for messages: "Inception V3" */
    const gd_node *nodes; /* inputs before users */
    int32_t node_count;
    const gd_layer *layers; /* the list of -ml, and then those that only have names */
    int32_t layer_count;
    int32_t listed_count;   /* layers that the list of -ml has */
    int32_t smallest_input; /* pixels on each axis: 75, or 32 */
    bool versions;          /* there are several: files of weights say which (gd_net_traits) */
    double shift[3];        /* added to the picture's red, green and blue */
} gd_net;

/* Convolutions and normalizations of Inception V1. */
enum { GD_TRAITS_CONVS = 57, GD_TRAITS_LRNS = 2 };

/* What a file of weights says about its network, of which there are several versions. Plain data. */
typedef struct gd_net_traits {
    bool stated;                       /* false: nothing, and the rest is 0 */
    bool late;                         /* padding as TensorFlow's for even extents; else as Caffe's */
    int32_t channels[GD_TRAITS_CONVS]; /* of the convolutions, in their order */
    gd_lrn lrn[GD_TRAITS_LRNS];
    double shift[3]; /* as of gd_net */
} gd_net_traits;

#endif
