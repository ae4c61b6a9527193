/* Questions to the user at a terminal. */
#ifndef GD_CLI_PROMPT_H
#define GD_CLI_PROMPT_H

#include "base/status.h"
#include "net/net.h"
#include "options/layers.h"
#include "options/options.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Streams for answers and for questions. Both borrowed. */
typedef struct gd_prompt {
    FILE *in, *out;
} gd_prompt;

/* The stream for questions: stderr or stdout, whichever is a terminal, if stdin is a terminal and this is the
 * only rank; else NULL. (Under mpirun, stdin is a pipe but stdout may be a terminal.) */
FILE *gd_prompt_terminal(int32_t ranks);

/* Ensures that layers are chosen. If they are missing, wrong or not in the weights and `interactive` is true,
 * shows the list on `out` and asks until an answer from `in` is valid; an empty line takes the proposal.
 * Without `interactive`, or at the end of input, returns GD_USAGE for missing or wrong layers. Its message
 * states the range and a complete command, with mpirun if `ranks` is above 1. Not collective. */
gd_status gd_prompt_layers(gd_options *options, const gd_net *net, const gd_layers_available *there,
                           bool interactive, int32_t ranks, FILE *in, FILE *out, gd_error *error) GD_CHECKED;

/* Function of a gd_confirm whose context is a gd_prompt: shows the question, and returns true if the answer
 * begins with y. */
bool gd_prompt_confirm(void *context, const char *question);

#endif
