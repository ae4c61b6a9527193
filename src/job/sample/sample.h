/* Sample: a small copy of a picture, and the features of layers in it. Rank 0 only. */
#ifndef GD_JOB_SAMPLE_H
#define GD_JOB_SAMPLE_H

#include "base/rect.h"
#include "base/status.h"
#include "engine/features.h"
#include "job/decision.h"
#include "net/objective.h"

/* The longest side of a sample, in pixels. */
enum { GD_SAMPLE_SIDE = 512 };

/* The size of a sample: that of the picture, reduced so that its longer side has at most GD_SAMPLE_SIDE
 * pixels, and its shorter one, if the picture's has, no fewer than the network takes. */
gd_extent gd_sample_extent(gd_extent picture, int32_t smallest_input);

/* The node of a chosen layer, which the network has. */
int32_t gd_sample_node(const gd_net *net, const gd_layer_choice *layer);

/* Reads a picture, [sample.rows, sample.cols, 3] float32 in [-1, 1], which the caller frees. `folder`: see
 * gd_reader_open, which must have opened it before. `file` (or NULL): the identity that it must have. */
gd_status gd_sample_read(const char *path, const char *folder, const gd_file_identity *file, gd_extent sample,
                         float **pixels, gd_error *error) GD_CHECKED;

/* An engine of a decision for features of the objective's layers: of the reference backend if the render is,
 * else in fp32 on the processor. Without `loaded` it has no weights, and can only be measured. The caller
 * frees both. */
gd_status gd_sample_engine(const gd_decision *decision, const gd_objective *objective, bool loaded,
                           gd_net **net, gd_engine **engine, gd_error *error) GD_CHECKED;

/* *bytes: what features of a sample take, its filters included; `reader` is what reading its picture takes,
 * before that. */
gd_status gd_sample_bytes(const gd_engine *engine, gd_extent sample, uint64_t reader, uint64_t *bytes,
                          gd_error *error) GD_CHECKED;

/* The features of a sample, [rows, cols, 3] float32. GD_USAGE, beginning with `what`, if a rank may not take
 * as much memory. The caller frees them. */
gd_status gd_sample_features(const gd_decision *decision, const gd_engine *engine, const float *pixels,
                             gd_extent sample, const char *what, gd_features **features,
                             gd_error *error) GD_CHECKED;

/* *means: [channels], the mean of each channel over its units; the caller frees it. */
gd_status gd_sample_means(const gd_features *features, double **means, gd_error *error) GD_CHECKED;

#endif
