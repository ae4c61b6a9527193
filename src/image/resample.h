/* Weights for resampling one axis. */
#ifndef GD_IMAGE_RESAMPLE_H
#define GD_IMAGE_RESAMPLE_H

#include "base/status.h"

#include <stdint.h>

typedef enum gd_resample_kind {
    GD_RESAMPLE_LANCZOS3, /* Lanczos-3, widened for reduction (antialiased), normalised at borders (Duchon
                             1979) */
    GD_RESAMPLE_BILINEAR, /* half-pixel centres, no antialiasing (tf.image.resize): --compat tensorflow */
} gd_resample_kind;

enum { GD_RESAMPLE_MAX = 100000000 }; /* maximum length of a resampled side, in pixels */

/* Target i is the sum of source samples first[i] ... first[i] + taps - 1, all in [0, source), with weights
 * weights[i * taps ...]; unused taps have weight 0. The weights of a target sum to 1, and `first` does not
 * decrease. If the extents are equal, there is one tap of weight 1. */
typedef struct gd_resampler {
    int64_t source, target; /* extents */
    int32_t taps;
    int64_t *first; /* owned; [target] */
    float *weights; /* owned; [target, taps], computed in double */
} gd_resampler;

/* Computes the weights for extents 1 <= source, target <= GD_RESAMPLE_MAX. The caller frees the resampler.
 * GD_USAGE for other extents. */
gd_status gd_resampler_create(gd_resample_kind kind, int64_t source, int64_t target, gd_resampler **resampler,
                              gd_error *error) GD_CHECKED;
/* The same without weights (NULL): only for gd_resampler_support. */
gd_status gd_resampler_create_places(gd_resample_kind kind, int64_t source, int64_t target,
                                     gd_resampler **resampler, gd_error *error) GD_CHECKED;
void gd_resampler_free(gd_resampler *resampler);

/* Resamples a row: `from` is [source, 3], `to` [target, 3]. */
void gd_resampler_row(const gd_resampler *cols, const float *from, float *to);

/* Adds the share of source row `y` to target rows [first, end): `line` [floats] is the row with its columns
 * resampled, `to` is [end - first, floats], 0 initially. `to` holds the target rows after all source rows,
 * from the top. */
void gd_resampler_add_row(const gd_resampler *rows, int64_t y, int64_t first, int64_t end, const float *line,
                          int64_t floats, float *to);

/* Source samples [*begin, *end) that targets [first, first + count) depend on; count >= 1. */
void gd_resampler_support(const gd_resampler *resampler, int64_t first, int64_t count, int64_t *begin,
                          int64_t *end);

#endif
