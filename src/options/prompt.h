/* Asking for layers on a terminal. */
#ifndef GD_OPTIONS_PROMPT_H
#define GD_OPTIONS_PROMPT_H

#include "options/layers.h"

#include <stdio.h>

/* Makes sure that the layers are chosen. When they are missing, wrong or not held: `interactive` shows the
 * list on `out` and asks until an answer fits (read from `in`; nothing typed takes the proposal). Otherwise,
 * and when the input ends, GD_USAGE for those missing or wrong, with a sentence that holds the range and a
 * whole command to paste, which starts with mpirun for more than one of `ranks`. Not collective. */
gd_status gd_options_ask_layers(gd_options *options, const gd_net *net, const gd_layers_there *there,
                                bool interactive, int32_t ranks, FILE *in, FILE *out,
                                gd_error *error) GD_CHECKED;

/* The stream on which a question can be put: stderr or stdout, whichever is a terminal, when stdin is one too
 * and this is the only rank; else NULL. (Under mpirun stdin is a pipe, while stdout may be a terminal.) */
FILE *gd_terminal(int32_t ranks);

#endif
