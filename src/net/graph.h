/* A network as a graph of nodes, and the list of layers that -ml indexes. */
#ifndef GD_NET_GRAPH_H
#define GD_NET_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

typedef enum gd_node_kind {
    GD_NODE_INPUT,    /* the picture, 3 channels */
    GD_NODE_CONV,     /* convolution, then batch norm or bias, then ReLU if `relu` */
    GD_NODE_MAX_POOL, /* 3x3, stride 2, no padding */
    GD_NODE_AVG_POOL, /* 3x3, stride 1, same padding; the mean excludes the padding */
    GD_NODE_CONCAT,   /* along channels */
    GD_NODE_RESIDUAL, /* inputs[0] + scale * inputs[1], then ReLU if `relu` */
} gd_node_kind;

enum { GD_NODE_INPUTS_MAX = 6, GD_NODE_NAME_MAX = 32 };

typedef struct gd_node {
    gd_node_kind kind;
    char name[GD_NODE_NAME_MAX]; /* fixed name of the Keras layer, or "" */
    int32_t inputs[GD_NODE_INPUTS_MAX];
    int32_t input_count;
    int32_t channels; /* of the output */
    int32_t kernel_rows, kernel_cols, stride;
    bool same;       /* zero padding that keeps the size (stride 1); otherwise none ("valid") */
    bool batch_norm; /* convolutions: batch norm without scale (epsilon 1e-3); otherwise a bias */
    bool relu;
    double scale;       /* residuals */
    int32_t conv_index; /* unnamed convolutions: index in order of creation (0: conv2d, 1: conv2d_1, ...);
                           else -1 */
} gd_node;

/* An entry of the list that -ml indexes. */
typedef struct gd_layer {
    const char *name;
    int32_t node;
} gd_layer;

typedef struct gd_net {
    const char *name;     /* "inceptionV3" or "inceptionResNet", the value of -m */
    const char *title;    /* for messages: "Inception V3" */
    const gd_node *nodes; /* inputs before users */
    int32_t node_count;
    const gd_layer *layers; /* the list of -ml */
    int32_t layer_count;
    int32_t smallest_input; /* pixels on each axis: 75 */
} gd_net;

#endif
