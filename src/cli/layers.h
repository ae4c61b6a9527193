/* The choice of layers: -ml, the list, and the objective that it means. */
#ifndef GD_CLI_LAYERS_H
#define GD_CLI_LAYERS_H

#include "base/status.h"
#include "cli/options.h"
#include "net/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Reads "A B" or "NAME[=WEIGHT],NAME..." into the layer fields of `options`, replacing what was there. What
 * cannot be used leaves a reason in options->layers_wrong; nothing at all leaves no layers and no reason. */
void gd_layers_read(const char *text, gd_options *options);

/* Looks the choice up in net->layers; "A B" becomes the names of layers A .. B-1 with weight 1. False, with
 * options->layers_wrong set, when it does not fit the network; also when there is no choice. */
bool gd_layers_resolve(gd_options *options, const gd_net *net);

/* The layers that Enter takes: A .. B-1 of the list. */
void gd_layers_proposal(const gd_net *net, int32_t *first, int32_t *end);

/* Prints the list: index, name, reach in pixels, cost beside the first layer's, and whether the weights at
 * hold it. held is [net->layer_count], or NULL for none. */
void gd_layers_print(const gd_net *net, const bool *held, FILE *out);

/* Makes sure that the layers are chosen. When they are missing or wrong: `interactive` shows the list on
 * `out` and asks until an answer fits (read from `in`; nothing typed takes the proposal); otherwise, and when
 * the input ends, GD_USAGE with a sentence that holds the range and a whole command to paste, which starts
 * with mpirun for more than one of `ranks`. held as in gd_layers_print. Not collective. */
gd_status gd_options_ask_layers(gd_options *options, const gd_net *net, const bool *held, bool interactive,
                                int32_t ranks, FILE *in, FILE *out, gd_error *error) GD_CHECKED;

/* The chosen layers as terms, in the order of the choice. After gd_options_ask_layers. */
gd_status gd_options_objective(const gd_options *options, const gd_net *net, gd_objective *objective,
                               gd_error *error) GD_CHECKED;

/* The stream on which a question can be put: stderr or stdout, whichever is a terminal, when stdin is one too
 * and this is the only rank; else NULL. (Under mpirun stdin is a pipe, while stdout may be a terminal.) */
FILE *gd_terminal(int32_t ranks);

#endif
