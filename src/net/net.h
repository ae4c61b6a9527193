/* The networks as tables: what the papers draw and Keras numbers. Nothing here knows weights, shapes or
 * backends.
 *
 * Inception V3: Szegedy et al. 2015, arXiv:1512.00567. Inception-ResNet v2: Szegedy et al. 2016,
 * arXiv:1602.07261. Names, order and hyperparameters as in keras.applications. */
#ifndef GD_NET_NET_H
#define GD_NET_NET_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum gd_node_kind {
    GD_NODE_INPUT,    /* the picture, 3 channels */
    GD_NODE_CONV,     /* convolution, then batch norm or bias, then ReLU where marked */
    GD_NODE_MAX_POOL, /* 3x3, stride 2, no padding */
    GD_NODE_AVG_POOL, /* 3x3, stride 1, same padding, which does not count in the mean */
    GD_NODE_CONCAT,   /* along channels */
    GD_NODE_RESIDUAL, /* inputs[0] + scale * inputs[1], then ReLU where marked */
} gd_node_kind;

enum { GD_NODE_INPUTS_MAX = 6, GD_NODE_NAME_MAX = 32 };

typedef struct gd_node {
    gd_node_kind kind;
    char name[GD_NODE_NAME_MAX]; /* Keras layer name where it has a fixed one, else "" */
    int32_t inputs[GD_NODE_INPUTS_MAX];
    int32_t input_count;
    int32_t channels; /* of the output */
    int32_t kernel_rows, kernel_cols, stride;
    bool same;       /* zero padding that keeps the size (stride 1); otherwise none ("valid") */
    bool batch_norm; /* convolutions: batch norm without scale (epsilon 1e-3); otherwise a bias */
    bool relu;
    double scale;       /* residuals */
    int32_t conv_index; /* unnamed convolutions: place in order of creation, from 0 (conv2d, conv2d_1, ...);
                           else -1 */
} gd_node;

/* An entry of the list that -ml indexes. */
typedef struct gd_layer {
    const char *name;
    int32_t node;
} gd_layer;

typedef struct gd_net {
    const char *name;     /* "inceptionV3" or "inceptionResNet", as -m spells it */
    const char *title;    /* for people: "Inception V3" */
    const gd_node *nodes; /* inputs before users */
    int32_t node_count;
    const gd_layer *layers; /* the list of -ml */
    int32_t layer_count;
    int32_t smallest_input; /* pixels an axis: 75 */
} gd_net;

typedef enum gd_architecture { GD_INCEPTION_V3, GD_INCEPTION_RESNET_V2 } gd_architecture;

/* Builds the table; the caller frees it with gd_net_free. NULL when memory is short. */
gd_net *gd_net_create(gd_architecture architecture);
void gd_net_free(gd_net *net);

/* Index in net->layers, or -1. */
int32_t gd_net_find_layer(const gd_net *net, const char *name);

/* How far (pixels across) the deepest path into `node` sees, and the product of strides on its way (Araujo et
 * al. 2019, "Computing receptive fields of convolutional neural networks"). */
int32_t gd_net_reach(const gd_net *net, int32_t node);
int32_t gd_net_stride(const gd_net *net, int32_t node);

/* Multiply-adds of the forward pass up to `node` for each input pixel, in the limit of large windows. */
double gd_net_cost(const gd_net *net, int32_t node);

/* What is made larger: the sum over terms of weight * (sum of the node's activations) / units, where units is
 * the number of the node's units in a 512x512 window, or in the window itself when `own_units` (--compat
 * tensorflow). */
enum { GD_TERMS_MAX = 64 };

typedef struct gd_term {
    int32_t node;
    double weight;
} gd_term;

typedef struct gd_objective {
    gd_term terms[GD_TERMS_MAX];
    int32_t count;
    bool own_units;
} gd_objective;

/* The largest reach, and the largest stride, of the objective's nodes. */
int32_t gd_objective_reach(const gd_net *net, const gd_objective *objective);
int32_t gd_objective_stride(const gd_net *net, const gd_objective *objective);

/* Marks in needed[net->node_count] the nodes on which a term depends. */
void gd_objective_needs(const gd_net *net, const gd_objective *objective, bool *needed);

/* Rows (or columns) of `node` for an input of that many rows (or columns); 0 when it is too small. */
int32_t gd_net_extent(const gd_net *net, int32_t node, int32_t input_extent, bool along_rows);

#endif
