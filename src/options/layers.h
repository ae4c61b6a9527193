/* The choice of layers: -ml, the list, and the objective that it means. */
#ifndef GD_OPTIONS_LAYERS_H
#define GD_OPTIONS_LAYERS_H

#include "base/status.h"
#include "net/net.h"
#include "options/options.h"
#include "options/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Reads "A B" or "NAME[=WEIGHT],NAME..." into the layer fields of `options`, replacing what was there. What
 * cannot be used leaves a reason in options->layers_wrong; nothing at all leaves no layers and no reason. */
void gd_layers_read(const char *text, gd_options *options);

/* The same as -ml's reader, which takes none, one or two words, and its printer: "3 5", "mixed3=0.5,mixed5".
 */
gd_value_reader gd_read_layers;
gd_value_printer gd_print_layers;

/* Looks the choice up in net->layers; "A B" becomes the names of layers A .. B-1 with weight 1. False, with
 * options->layers_wrong set, when it does not fit the network; also when there is no choice. */
bool gd_layers_resolve(gd_options *options, const gd_net *net);

/* The layers that Enter takes: A .. B-1 of the list. */
void gd_layers_proposal(const gd_net *net, int32_t *first, int32_t *end);

/* The weights that were found. */
typedef struct gd_layers_there {
    const bool *held;  /* borrowed; [net->layer_count]: some file holds the layer; NULL: none does */
    bool bundled;      /* the bundled file is among them */
    bool needed;       /* layers that none holds are of no use; false for plans */
    const char *fetch; /* borrowed; the script that brings the official ones */
} gd_layers_there;

/* Layers of the list from the first on that are held, [net->layer_count] or NULL: what B of "A B" is at most.
 */
int32_t gd_layers_held(const gd_net *net, const bool *held);

/* Whether all layers of a choice that is resolved are held, where that is needed and any are; false, with
 * options->layers_wrong set, when not. */
bool gd_layers_reached(gd_options *options, const gd_net *net, const gd_layers_there *there);

/* "the bundled weights", or what else they are called. */
const char *gd_layers_weights(const gd_layers_there *there);

/* Prints the list: index, name, reach in pixels, cost beside the first layer's, whether the weights hold it,
 * and, for the bundled ones, what it draws. */
void gd_layers_print(const gd_net *net, const gd_layers_there *there, FILE *out);

/* The chosen layers as terms, in the order of the choice. After gd_layers_resolve. */
gd_status gd_options_objective(const gd_options *options, const gd_net *net, gd_objective *objective,
                               gd_error *error) GD_CHECKED;

#endif
