/* Weights for resampling one axis. */
#ifndef GD_IMAGE_RESAMPLE_H
#define GD_IMAGE_RESAMPLE_H

#include "base/status.h"

#include <stdint.h>

typedef enum gd_resample_kind {
    GD_RESAMPLE_LANCZOS3, /* Lanczos-3, widened when shrinking (antialiased), normalised at borders (Duchon
                             1979) */
    GD_RESAMPLE_BILINEAR, /* half-pixel centres, no antialiasing (tf.image.resize): --compat tensorflow */
} gd_resample_kind;

enum { GD_RESAMPLE_MAX = 100000000 }; /* the longest side that is resampled, in pixels */

/* For target i, the source samples first[i] .. first[i] + taps - 1, all inside [0, source), with
 * weights[i * taps ...]; unused taps have weight 0. The weights of a target sum to 1; `first` never falls.
 * Equal extents give one tap of weight 1. */
typedef struct gd_resampler {
    int64_t source, target; /* extents */
    int32_t taps;
    int64_t *first; /* owned; [target] */
    float *weights; /* owned; [target, taps], computed in double */
} gd_resampler;

gd_status gd_resampler_create(gd_resample_kind kind, int64_t source, int64_t target, gd_resampler **resampler,
                              gd_error *error) GD_CHECKED;
void gd_resampler_free(gd_resampler *resampler);

/* One row: `from` is [source, 3], `to` [target, 3]. */
void gd_resampler_row(const gd_resampler *cols, const float *from, float *to);

/* Source row `y`, of which `line` ([floats]) is left once its columns are resampled, adds its share to each
 * of the target rows [first, end): `to` is [end - first, floats], 0 before the first row. When all source
 * rows came from the top, it holds those target rows. */
void gd_resampler_add_row(const gd_resampler *rows, int64_t y, int64_t first, int64_t end, const float *line,
                          int64_t floats, float *to);

/* The source samples [*begin, *end) that targets [first, first + count) read; count >= 1. */
void gd_resampler_support(const gd_resampler *resampler, int64_t first, int64_t count, int64_t *begin,
                          int64_t *end);

#endif
