/* Questions to a person at a terminal. */
#ifndef GD_CLI_PROMPT_H
#define GD_CLI_PROMPT_H

#include "base/status.h"
#include "net/net.h"
#include "options/layers.h"
#include "options/options.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Where a person types, and where questions are shown. Both borrowed. */
typedef struct gd_prompt {
    FILE *in, *out;
} gd_prompt;

/* The stream for questions: stderr or stdout, whichever is a terminal, when stdin is one too and this is the
 * only rank; else NULL. (Under mpirun stdin is a pipe, while stdout may be a terminal.) */
FILE *gd_prompt_terminal(int32_t ranks);

/* Makes sure that the layers are chosen. When they are missing, wrong or not held: `interactive` shows the
 * list on `out` and asks until an answer fits (read from `in`; nothing typed takes the proposal). Otherwise,
 * and when the input ends, GD_USAGE for those missing or wrong, with a sentence that holds the range and a
 * whole command to paste, which starts with mpirun for more than one of `ranks`. Not collective. */
gd_status gd_prompt_layers(gd_options *options, const gd_net *net, const gd_layers_there *there,
                           bool interactive, int32_t ranks, FILE *in, FILE *out, gd_error *error) GD_CHECKED;

/* A gd_confirm of a gd_prompt, its context: shows the question, and is true for an answer that begins with y.
 */
bool gd_prompt_confirm(void *context, const char *question);

#endif
