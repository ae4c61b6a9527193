/* Which arrays a Keras file has, whatever its layout; private to this folder.
 *
 * Layouts: a group per layer, with weight_names, listed by layer_names, in the root ("notop" files) or in
 * model_weights (whole models); the same where one layer is a model itself, whose weights are all listed in
 * its one group; and Keras 3's ".weights.h5", where groups "layers" hold a group per layer, its arrays are
 * numbered, and an attribute has the layer's name. Of several models in one file, the one with the most
 * kernels counts. */
#ifndef GD_NET_WEIGHTS_INDEX_H
#define GD_NET_WEIGHTS_INDEX_H

#include "base/status.h"
#include "net/weights_plain.h"

#include <stdint.h>

enum { GD_LAYER_NAME_MAX = 64, GD_WEIGHT_NAME_MAX = 24 };

typedef struct gd_weights_entry {
    char layer[GD_LAYER_NAME_MAX];
    char weight[GD_WEIGHT_NAME_MAX]; /* "kernel", "beta", ... */
    char path[GD_STRING_MAX];        /* from the file's root */
    int32_t model;                   /* which it belongs to, of those in the file */
} gd_weights_entry;

typedef struct gd_weights_index {
    gd_weights_entry *entries; /* owned */
    int32_t count;
    int64_t capacity;
    int32_t models; /* found so far */
    int32_t chosen; /* the model that counts */
} gd_weights_index;

/* Lists the arrays of an open file; `path` is what sentences name. GD_USAGE when it is in none of the
 * layouts, with the remedy. The caller frees it, also after a failure. */
gd_status gd_weights_index_fill(hid_t file, const char *path, gd_weights_index *index,
                                gd_error *error) GD_CHECKED;
void gd_weights_index_free(gd_weights_index *index);

/* The entry of a layer's weight; weight NULL: its first. NULL: there is none. */
const gd_weights_entry *gd_weights_index_find(const gd_weights_index *index, const char *layer,
                                              const char *weight);

/* The smallest number of a family of layers: 0 for "conv2d", 7 for "conv2d_7"; -1: there is none. */
int32_t gd_weights_index_first(const gd_weights_index *index, const char *family);

#endif
