/* Ranked channels: "strong8" and "weak8" in -ml, the channels of a layer with the largest and the smallest
 * means over a small copy of the first canvas. */
#ifndef GD_OPTIONS_RANKS_H
#define GD_OPTIONS_RANKS_H

#include "base/status.h"
#include "options/layers/chosen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a word of -ml begins as a ranked run does. */
bool gd_ranks_begin(const char *word);

/* Reads "strong8" or "weak8" into first and count of the run; false if it is neither. */
bool gd_ranks_read(const char *word, gd_channel_run *run);

/* "strong" or "weak", of a run whose `first` says so. */
const char *gd_ranks_word(const gd_channel_run *run);

/* Whether channels of the layer, or of any layer, are still to be ranked. */
bool gd_ranks_of(const gd_chosen_layers *chosen, const gd_layer_choice *layer);
bool gd_ranks_wanted(const gd_chosen_layers *chosen);

/* Whether a layer of so many channels has those that are named and ranked; false: `why` says what is wrong.
 */
bool gd_ranks_fit(const gd_chosen_layers *chosen, const gd_layer_choice *layer, int32_t channels, char *why,
                  size_t bytes);

/* Appends layer `index` of `from` to the layers of `to`, its ranked runs replaced by the numbers of the
 * channels: strong ones first, then weak ones, of those that no other run names; the lower number of equals.
 * means: [channels] of the layer, which has enough of them (gd_layers_resolve); NULL if it has no ranked run.
 * GD_USAGE if the numbers make more than GD_CHANNEL_RUNS_MAX runs. */
gd_status gd_ranks_settle(const gd_chosen_layers *from, int32_t index, const double *means, int32_t channels,
                          gd_chosen_layers *to, gd_error *error) GD_CHECKED;

#endif
