/* The choice of layers: -ml, the list of layers, and the objective. */
#ifndef GD_OPTIONS_LAYERS_H
#define GD_OPTIONS_LAYERS_H

#include "base/status.h"
#include "net/net.h"
#include "net/objective.h"
#include "options/options.h"
#include "options/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Parses "A B" or a list of "NAME[@MEASURE][:CHANNELS][=WEIGHT]", where channels are "119", "7-9",
 * "strong8", "weak8" or with weights "119=2", with commas, into the layer fields of `options`, replacing
 * their values. If the text is invalid, options->layers_wrong receives the reason. Empty text gives no layers
 * and no reason. */
void gd_layers_read(const char *text, gd_options *options);

/* Reader of -ml, with no, one or two words, and its printer: "3 5", "mixed3=0.5,mixed5". */
gd_value_reader gd_read_layers;
gd_value_printer gd_print_layers;

/* Looks up the choice in net->layers; "A B" becomes the names of layers A .. B-1 with weight 1. False if the
 * network does not have the layers (sets options->layers_wrong), or if there is no choice. */
bool gd_layers_resolve(gd_options *options, const gd_net *net);

/* The proposed layers A .. B-1 of the list, which Enter accepts. */
void gd_layers_proposal(const gd_net *net, int32_t *first, int32_t *end);

/* The available weights. */
typedef struct gd_layers_available {
    const bool *held;  /* borrowed; [net->layer_count]: some file contains the layer; NULL: none does */
    bool bundled;      /* the bundled file was found */
    bool needed;       /* only available layers can be used; false for plans */
    const char *fetch; /* borrowed; the script that downloads the official ones */
} gd_layers_available;

/* Number of consecutive available layers from the first on: the limit of B in "A B". held: [net->layer_count]
 * or NULL. */
int32_t gd_layers_available_count(const gd_net *net, const bool *held);

/* Whether all layers of a resolved choice are available; false (sets options->layers_wrong) if not. True if
 * weights are not needed, or if none are available. */
bool gd_layers_all_available(gd_options *options, const gd_net *net, const gd_layers_available *there);

/* "the bundled weights", or the phrase for others. */
const char *gd_layers_weights(const gd_layers_available *there);

/* Prints the list: index, name, reach in pixels, cost relative to the first layer, whether the weights
 * contain it, and, for the bundled weights, its typical patterns. */
void gd_layers_print(const gd_net *net, const gd_layers_available *there, FILE *out);

/* The chosen layers as terms, in the order of the choice. A layer whose channels are not ranked yet counts
 * whole. Call it after gd_layers_resolve. */
gd_status gd_options_objective(const gd_options *options, const gd_net *net, gd_objective *objective,
                               gd_error *error) GD_CHECKED;

#endif
