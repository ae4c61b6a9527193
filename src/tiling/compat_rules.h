/* Rendering rules of gigadream and of the programs that --compat reproduces, one row each. Code tests the
 * rules, never the name. */
#ifndef GD_TILING_COMPAT_RULES_H
#define GD_TILING_COMPAT_RULES_H

#include "base/rect.h"
#include "image/resample.h"
#include "kernels/backend.h"
#include "net/objective.h"
#include "tiling/cuts.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum gd_compat { GD_COMPAT_NONE, GD_COMPAT_TENSORFLOW, GD_COMPAT_COUNT } gd_compat;

/* Arithmetic of an octave's extent, base * scale^octave, before it is truncated. */
typedef enum gd_extent_arithmetic { GD_EXTENT_DOUBLE, GD_EXTENT_FLOAT32 } gd_extent_arithmetic;

typedef enum gd_roll_range {
    GD_ROLL_CANVAS, /* [0, extent): does not depend on the tile */
    GD_ROLL_TILE    /* [-tile, tile) */
} gd_roll_range;

typedef struct gd_compat_rules {
    const char *program; /* for messages: "the TensorFlow program" */

    gd_extent_arithmetic extent;
    gd_resample_kind resample; /* from octave to octave, and to the final size */
    gd_cuts_kind cuts;
    gd_roll_range roll;
    bool tile_rounded; /* tiles are multiples of the objective's stride */
    bool halo;         /* windows have a halo */
    bool own_units;    /* gd_objective.own_units */

    /* Permitted options, and their defaults. */
    gd_precision precision; /* AUTO: any; else the only one allowed, except for the reference backend */
    bool keep_detail;       /* --keep-detail is allowed */
    bool shaping;           /* gradients may be shaped: --smooth, --tv, --normalize */
    bool mask;              /* --mask is allowed */
    bool frames;            /* --frames is allowed */
    bool tile_auto;         /* an automatic tile size is allowed: it does not change the picture much */
    int32_t steps, tile;    /* of an octave; pixels */
    const char *output;     /* NULL: named after the input */
} gd_compat_rules;

/* The row of `compat`. */
const gd_compat_rules *gd_compat_rules_of(gd_compat compat);

/* Size of the canvas at an octave: base * scale^octave, truncated. */
gd_extent gd_rules_extent(const gd_compat_rules *rules, gd_extent base, double scale, int32_t octave);

/* The actual tile size for a requested `tile`. */
int64_t gd_rules_tile(const gd_compat_rules *rules, int64_t tile, int32_t stride);

/* The range of the roll along an axis: [*first, *first + *count). */
void gd_rules_roll(const gd_compat_rules *rules, int64_t extent, int64_t tile, int64_t *first,
                   int64_t *count);

#endif
