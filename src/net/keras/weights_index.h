/* The index of the arrays in a Keras file, for all its layouts; private to this folder.
 *
 * Layouts:
 * - a group for each layer, with weight_names, listed by layer_names, in the root ("notop" files) or in
 * model_weights (whole models);
 * - the same, but one layer is itself a model, and its group lists all weights;
 * - Keras 3's ".weights.h5": groups "layers" contain a group for each layer, its arrays are numbered, and an
 * attribute has the layer's name. If a file has several models, the one with the most kernels is used. */
#ifndef GD_NET_WEIGHTS_INDEX_H
#define GD_NET_WEIGHTS_INDEX_H

#include "base/status.h"
#include "net/keras/weights_plain.h"

#include <stdint.h>

enum { GD_LAYER_NAME_MAX = 64, GD_WEIGHT_NAME_MAX = 24 };

typedef struct gd_weights_entry {
    char layer[GD_LAYER_NAME_MAX];
    char weight[GD_WEIGHT_NAME_MAX]; /* "kernel", "beta", ... */
    char path[GD_STRING_MAX];        /* path from the root */
    int32_t model;                   /* index of its model in the file */
} gd_weights_entry;

typedef struct gd_weights_index {
    gd_weights_entry *entries; /* owned */
    int32_t count;
    int64_t capacity;
    int32_t models; /* found so far */
    int32_t chosen; /* index of the model that is used */
} gd_weights_index;

/* Lists the arrays of an open file; `path` is for messages. GD_USAGE, with the remedy, if it has none of the
 * layouts. The caller frees the index, also after a failure. */
gd_status gd_weights_index_fill(hid_t file, const char *path, gd_weights_index *index,
                                gd_error *error) GD_CHECKED;
void gd_weights_index_free(gd_weights_index *index);

/* Finds the entry of a layer's weight, or its first one if weight is NULL; NULL: none. Borrowed from the
 * index. */
const gd_weights_entry *gd_weights_index_find(const gd_weights_index *index, const char *layer,
                                              const char *weight);

/* The smallest number in a family of layers, where "conv2d" has the number 0 and "conv2d_7" has 7; -1: no
 * such layer. */
int32_t gd_weights_index_first(const gd_weights_index *index, const char *family);

#endif
