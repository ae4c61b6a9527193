/* Weights of a network, read from Keras "notop" HDF5 files: root attribute layer_names, a group per layer
 * with weight_names, kernels HWIO, batch norm without gamma.
 *
 * The networks here are fed [-1, 1]. A file of another range states it: root attribute input_range, two
 * numbers, what black and white were when the network was trained; the first convolution is then changed so
 * that it takes [-1, 1]. A file that states none is taken for [-1, 1], as keras.applications feeds both
 * networks, unless the statistics of its first batch norm show another range: such a file is refused. */
#ifndef GD_NET_WEIGHTS_H
#define GD_NET_WEIGHTS_H

#include "base/status.h"
#include "net/net.h"

/* Weights of one convolution node, as the file holds them (batch norm not folded). */
typedef struct gd_conv_weights {
    float *kernel;   /* owned; [rows, cols, in, out] (HWIO), NULL where not loaded */
    float *bias;     /* owned; [out]; beta under batch norm */
    float *mean;     /* owned; [out]; batch norm only */
    float *variance; /* owned; [out]; batch norm only */
} gd_conv_weights;

typedef struct gd_weights {
    gd_conv_weights *convs; /* owned; [net->node_count] */
    int32_t count;
    char path[4096];
    char checksum[17]; /* 64-bit hash of the values loaded, in hexadecimal */
} gd_weights;

/* Which nodes the file has weights for: held[net->node_count], true for nodes without weights. Reads no
 * values. GD_USAGE for what is not such a file, and for one of another network (a layer of another shape). */
gd_status gd_weights_probe(const char *path, const gd_net *net, bool *held, gd_error *error) GD_CHECKED;

/* Reads the convolutions marked in needed[net->node_count]; numbered layers are matched by their number
 * relative to the family's smallest in the file, named ones by name; every shape is checked. GD_USAGE names
 * the file and what is wrong with it; on failure nothing is owned. */
gd_status gd_weights_load(const char *path, const gd_net *net, const bool *needed, gd_weights **weights,
                          gd_error *error) GD_CHECKED;
void gd_weights_free(gd_weights *weights);

/* Arrays of zeros for the convolutions marked in needed[net->node_count]; free with gd_weights_free. */
gd_status gd_weights_allocate(const gd_net *net, const bool *needed, gd_weights **weights,
                              gd_error *error) GD_CHECKED;

/* Values of a convolution's kernel. */
int64_t gd_conv_kernel_count(const gd_net *net, int32_t node);

/* Sets the checksum from the values held, in the order of the nodes. */
void gd_weights_seal(const gd_net *net, gd_weights *weights);

#endif
