/* Ranked channels of -ml: their words, and their numbers once the means are known. */
#include "options/layers/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any layer has. */
enum { COUNT_MAX = 1000000 };

static const char strong[] = "strong", weak[] = "weak";

bool gd_ranks_begin(const char *word)
{
    return strncmp(word, strong, sizeof strong - 1) == 0 || strncmp(word, weak, sizeof weak - 1) == 0;
}

bool gd_ranks_read(const char *word, gd_channel_run *run)
{
    if (!gd_ranks_begin(word))
        return false;
    run->first = word[0] == strong[0] ? GD_CHANNELS_STRONG : GD_CHANNELS_WEAK;
    const char *digits = word + strlen(gd_ranks_word(run));
    int count = 0, length = 0;
    if (!*digits || digits[strspn(digits, "0123456789")] || sscanf(digits, "%7d%n", &count, &length) != 1 ||
        digits[length] || count < 1 || count > COUNT_MAX)
        return false;
    run->count = count;
    return true;
}

const char *gd_ranks_word(const gd_channel_run *run)
{
    return run->first == GD_CHANNELS_STRONG ? strong : weak;
}

bool gd_ranks_of(const gd_chosen_layers *chosen, const gd_layer_choice *layer)
{
    for (int32_t r = layer->run; r < layer->run + layer->run_count; r++)
        if (chosen->channel_runs[r].first < 0)
            return true;
    return false;
}

bool gd_ranks_wanted(const gd_chosen_layers *chosen)
{
    for (int32_t i = 0; i < chosen->layer_count; i++)
        if (gd_ranks_of(chosen, &chosen->layers[i]))
            return true;
    return false;
}

bool gd_ranks_fit(const gd_chosen_layers *chosen, const gd_layer_choice *layer, int32_t channels, char *why,
                  size_t bytes)
{
    const gd_channel_run *runs = &chosen->channel_runs[layer->run];
    const char *word = NULL;
    int64_t count = 0;
    for (int32_t r = 0; r < layer->run_count; r++) {
        const char *own = runs[r].first < 0 ? gd_ranks_word(&runs[r]) : NULL;
        if (own && word == own) {
            snprintf(why, bytes, "%s channels of %s are asked for twice", own, layer->name);
            return false;
        }
        word = own ? own : word;
        count += runs[r].count;
    }
    if (!word || count <= channels)
        return true;
    snprintf(why, bytes, "%s has %d channels, and %lld are asked for: give %s a smaller number", layer->name,
             channels, (long long)count, word);
    return false;
}

/* Weights of a layer's channels; 0: not chosen. */
typedef struct picking {
    const double *means; /* borrowed; [channels] */
    double *weights;     /* owned; [channels] */
    int32_t channels;
} picking;

/* The next of a ranked run. */
static int32_t next_of(const picking *p, const gd_channel_run *run)
{
    int32_t best = -1;
    for (int32_t c = 0; c < p->channels; c++) {
        const bool beats = best < 0 || (run->first == GD_CHANNELS_STRONG ? p->means[c] > p->means[best]
                                                                         : p->means[c] < p->means[best]);
        if (p->weights[c] == 0 && beats)
            best = c;
    }
    return best;
}

/* Picks what runs with this `first` name; numbers if it is 0. */
static void pick(const picking *p, const gd_channel_run *runs, int32_t count, int32_t first)
{
    for (int32_t r = 0; r < count; r++) {
        if (first == 0 ? runs[r].first < 0 : runs[r].first != first)
            continue;
        for (int32_t i = 0; i < runs[r].count; i++) {
            const int32_t channel = first == 0 ? runs[r].first + i : next_of(p, &runs[r]);
            if (channel >= 0)
                p->weights[channel] = runs[r].weight;
        }
    }
}

/* Appends the picked channels, neighbours of one weight as one run. */
static gd_status add_runs(const picking *p, gd_chosen_layers *to, gd_error *error)
{
    gd_layer_choice *layer = &to->layers[to->layer_count - 1];
    for (int32_t c = 0, end; c < p->channels; c = end) {
        for (end = c + 1; end < p->channels && p->weights[end] == p->weights[c];)
            end++;
        if (p->weights[c] == 0)
            continue;
        if (to->channel_run_count == GD_CHANNEL_RUNS_MAX)
            return gd_fail(error, GD_USAGE,
                           "-ml: the ranked channels of %s make more than %d ranges; ask for fewer",
                           layer->name, GD_CHANNEL_RUNS_MAX);
        to->channel_runs[to->channel_run_count++] = (gd_channel_run){c, end - c, p->weights[c]};
        layer->run_count++;
    }
    return GD_OK;
}

gd_status gd_ranks_settle(const gd_chosen_layers *from, int32_t index, const double *means, int32_t channels,
                          gd_chosen_layers *to, gd_error *error)
{
    const gd_layer_choice *layer = &from->layers[index];
    const gd_channel_run *runs = &from->channel_runs[layer->run];
    gd_layer_choice made = *layer;
    made.run = to->channel_run_count;
    made.run_count = 0;
    to->layers[to->layer_count++] = made;
    if (layer->run_count == 0)
        return GD_OK;
    const picking p = {means, calloc((size_t)channels, sizeof *p.weights), channels};
    if (!p.weights)
        return gd_no_memory(error, "ranking channels");
    pick(&p, runs, layer->run_count, 0);
    pick(&p, runs, layer->run_count, GD_CHANNELS_STRONG);
    pick(&p, runs, layer->run_count, GD_CHANNELS_WEAK);
    const gd_status status = add_runs(&p, to, error);
    free(p.weights);
    return status;
}
