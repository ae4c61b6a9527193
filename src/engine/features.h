/* Features: the activations of an objective's layers over a small picture, which channels are ranked by. */
#ifndef GD_ENGINE_FEATURES_H
#define GD_ENGINE_FEATURES_H

#include "base/status.h"
#include "engine/engine.h"

#include <stddef.h>
#include <stdint.h>

/* Of a term's node. */
typedef struct gd_features {
    int32_t channels, rows, cols;
    double *values; /* owned; [channels, rows, cols] */
} gd_features;

/* Bytes that gd_features_create takes for a picture of this size, filters left out. GD_USAGE if the picture
 * is smaller or larger than the network takes. Not collective. */
gd_status gd_features_bytes(const gd_engine *engine, int32_t rows, int32_t cols, size_t *bytes,
                            gd_error *error) GD_CHECKED;

/* Computes the way forward alone over the whole picture, [rows, cols, 3] float32 in [-1, 1]. For engines in
 * host memory. *features: [objective.count], in the order of the terms; the caller frees them with
 * gd_features_free. Not collective. */
gd_status gd_features_create(const gd_engine *engine, const float *picture, int32_t rows, int32_t cols,
                             gd_features **features, gd_error *error) GD_CHECKED;
void gd_features_free(gd_features *features, int32_t count); /* NULL is fine */

#endif
