/* The objective of a dream: layers or channels of them, what is measured there, and with what weight. It
 * depends neither on weights of the network nor on window shapes or backends. */
#ifndef GD_NET_OBJECTIVE_H
#define GD_NET_OBJECTIVE_H

#include "net/graph.h"

#include <stdbool.h>
#include <stdint.h>

/* What a term measures of each activation a. The gradient in a is 1, a or y. L2: google/deepdream,
 * dream.ipynb, objective_L2. */
typedef enum gd_measure {
    GD_MEASURE_MEAN, /* a */
    GD_MEASURE_L2,   /* a * a / 2 */
    GD_MEASURE_MATCH /* a * y, with y of the guide's unit that has the largest dot product with all channels
                         of a's unit, the first of equals */
} gd_measure;

/* What the units of a layer are matched with: a guide's units, of which each unit takes the one with the
 * largest dot product. google/deepdream, dream.ipynb, objective_guide. */
typedef struct gd_match {
    int32_t units, channels;
    const float *values; /* borrowed; [units, channels]; zeros, in plans */
    double largest;      /* the largest absolute value */
} gd_match;

/* Channels [first, first + count) of a node, and their weight. */
typedef struct gd_channel_run {
    int32_t first, count;
    double weight;
} gd_channel_run;

enum { GD_TERMS_MAX = 128, GD_CHANNEL_RUNS_MAX = 256 };

typedef struct gd_term {
    int32_t node;
    double weight;
    gd_measure measure;
    int32_t layer;          /* whose units are counted; 0: the node's */
    int32_t run, run_count; /* in the objective's runs: the channels that count; run_count 0: all, weight 1 */
    /* 1 + where the share of the node's first channel lies in the objective's guide; GD_MEASURE_MATCH: 1 +
     * the index in its matches; 0: none. */
    int32_t guide;
} gd_term;

/* The objective, which the dream increases: the sum over terms of weight * (sum of what is measured, by the
 * channels' weights) / units, where units is the number of the layer's units in a 512x512 window, or in the
 * window itself with own_units (--compat tensorflow). The layer's, whatever part of it is chosen: a part
 * draws as it does within the whole. */
typedef struct gd_objective {
    gd_term terms[GD_TERMS_MAX];
    int32_t count;
    gd_channel_run runs[GD_CHANNEL_RUNS_MAX]; /* of a term: ascending, without common channels */
    int32_t run_count;
    bool own_units;
    /* Both borrowed, and not known if NULL. Each channel's share in the guide's means, as if all were 1; what
     * terms of GD_MEASURE_MATCH are matched with. */
    const double *guide;
    const gd_match *matches;
} gd_objective;

/* The node whose units a term's sum is divided by. */
static inline int32_t gd_term_layer(const gd_term *term)
{
    return term->layer > 0 ? term->layer : term->node;
}

/* The units that a term's sum is divided by, in a window of rows x cols pixels. */
double gd_term_units(const gd_net *net, const gd_objective *objective, const gd_term *term, int32_t rows,
                     int32_t cols);

/* The derivative of the objective in an activation of channel `channel` of the term's node, over the
 * activation itself with GD_MEASURE_L2, over y with GD_MEASURE_MATCH; `units`: gd_term_units. */
double gd_term_factor(const gd_objective *objective, const gd_term *term, int32_t channel, double units);

/* Takes terms of chosen channels apart: a concat's become those of its parts, so that what no chosen channel
 * needs is not computed; a choice of all channels, with one weight, becomes the layer. Terms of
 * GD_MEASURE_MATCH need all channels, and stay. False: more than GD_TERMS_MAX terms or GD_CHANNEL_RUNS_MAX
 * runs. */
bool gd_objective_narrow(const gd_net *net, gd_objective *objective);

/* Sets needed[net->node_count]: whether a term depends on the node. */
void gd_objective_needs(const gd_net *net, const gd_objective *objective, bool *needed);

#endif
