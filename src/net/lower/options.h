/* Options of the lowering. */
#ifndef GD_NET_LOWER_OPTIONS_H
#define GD_NET_LOWER_OPTIONS_H

#include "base/rect.h"

#include <stdbool.h>

/* The focus, what a backend wants, and optimizations that tests turn off to check each by itself. All false:
 * the production settings of a backend that takes channel slices for nothing. */
typedef struct gd_lower_options {
    bool dense;        /* convolutions read and write whole tensors; seams do the rest (docs/lowering.md) */
    bool no_merge;     /* sibling 1x1 convolutions are not merged */
    bool no_pool_move; /* the average pool stays before its 1x1 convolution */
    bool no_in_place;  /* residual sums get their own tensors */
    bool no_shrink;    /* units that cannot reach the focus are computed, too */
    bool forward;  /* the way forward alone: the tape ends with the values of the terms, and no gradient */
    gd_rect focus; /* the part of the window whose gradient is wanted; empty: all of it */
} gd_lower_options;

#endif
