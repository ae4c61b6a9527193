/* Weights of a network, read from files that others published.
 *
 * Inception V1: Caffe's models of GoogLeNet and TensorFlow's graph of Inception5h (net/protobuf), which say
 * what padding, normalizations, channels and mean colour they are for (gd_net_traits).
 *
 * The other networks: Keras HDF5 files: attribute layer_names, a group per layer with
 * weight_names, kernels HWIO, batch norm without gamma; of the root ("notop" files), of the group
 * model_weights (whole models), or within the one layer that is such a network (nested models); Keras 3's
 * ".weights.h5", by itself or in a ".keras" archive. Inception V3 also as PyTorch has it, in safetensors
 * files (weights_torch.h).
 *
 * A file is read in a process of its own (base/apart/apart.h), through the descriptor with which it was
 * opened: on damaged files HDF5 crashes. A program that reads weights calls gd_apart_start first. Only
 * plain data is read (weights_plain.h), of sizes that the network's table says; a value that no trained
 * network has is refused.
 *
 * The networks here are fed [-1, 1]. A file of another range states it: root attribute input_range, two
 * numbers, what black and white were when the network was trained; the first convolution is then changed so
 * that it takes [-1, 1]. A file that states none is taken for [-1, 1], as keras.applications feeds both
 * networks, unless the statistics of its first batch norm show another range: such a file is refused. */
#ifndef GD_NET_WEIGHTS_H
#define GD_NET_WEIGHTS_H

#include "base/allowance.h"
#include "base/status.h"
#include "net/conv_weights.h"
#include "net/net.h"

#include <stddef.h>

typedef struct gd_weights {
    gd_conv_weights *convs; /* owned; [net->node_count]; NULL arrays where not loaded */
    int32_t count;
    float *values; /* owned; all of their arrays */
    size_t bytes;  /* of them */
    char path[GD_WEIGHTS_PATH_MAX];
    char checksum[17]; /* 64-bit hash of the values loaded, in hexadecimal */
} gd_weights;

/* What a file says about a network of which there are several versions; nothing, and the file is not read,
 * for one without. The network of these traits (gd_net_create_as) is the one that the file's weights are for.
 * `allowance` and GD_USAGE as for gd_weights_probe. */
gd_status gd_weights_traits(const char *path, const gd_net *net, const gd_allowance *allowance,
                            gd_net_traits *traits, gd_error *error) GD_CHECKED;

/* Which nodes the file has weights for: held[net->node_count], true for nodes without weights. Reads no
 * values. The process that reads, its code included, may take 512 MiB, and no more than `allowance` (NULL: no
 * bound) has left; all of it is free again when it has ended. GD_USAGE for what is not such a file, and for
 * one of another network (a layer of another shape). */
gd_status gd_weights_probe(const char *path, const gd_net *net, const gd_allowance *allowance, bool *held,
                           gd_error *error) GD_CHECKED;

/* Reads the convolutions marked in needed[net->node_count]; numbered layers are matched by their number
 * relative to the family's smallest in the file, named ones by name; every shape is checked. GD_USAGE names
 * the file and what is wrong with it, a value that is not finite or beyond 1e8 (1e16 for a variance) by its
 * array; on failure nothing is owned. `allowance` as above, for the process and the arrays together. */
gd_status gd_weights_load(const char *path, const gd_net *net, const bool *needed,
                          const gd_allowance *allowance, gd_weights **weights, gd_error *error) GD_CHECKED;
void gd_weights_free(gd_weights *weights);

/* Arrays of zeros for the convolutions marked in needed[net->node_count]; free with gd_weights_free. */
gd_status gd_weights_allocate(const gd_net *net, const bool *needed, gd_weights **weights,
                              gd_error *error) GD_CHECKED;

/* Values of a convolution's kernel. */
int64_t gd_conv_kernel_count(const gd_net *net, int32_t node);

/* Sets the checksum from the values held, in the order of the nodes. */
void gd_weights_seal(const gd_net *net, gd_weights *weights);

#endif
