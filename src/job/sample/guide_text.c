/* Writes and reads what is known of a guide. */
#include "job/sample/guide_text.h"

#include "base/size.h"
#include "job/sample/sample.h"
#include "net/net.h"
#include "options/options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_BYTES = 26, /* a blank and a double with 17 digits */
    DIGITS = 8,        /* of a float32's bits */
    SIZE_BYTES = 32,   /* " COLSxROWS " and the end of a line */
    UNITS_MAX = 1 << 24
};

bool gd_guide_is_for(const gd_layer_choice *layer)
{
    return layer->measure == GD_LAYER_AS_OBJECTIVE;
}

static bool matches(const gd_decision *d)
{
    return d->options.guide_way == GD_GUIDE_MATCH;
}

static gd_status refuse_cold(const gd_decision *d, const char *name, gd_error *error)
{
    return gd_fail(error, GD_USAGE,
                   "--guide %.300s: no channel of %s answers to it; name another picture, or another layer",
                   d->options.guide, name);
}

/* Each mean over the sum of all. */
static gd_status write_shares(const gd_decision *d, const char *name, const gd_features *features, char **at,
                              gd_error *error)
{
    double *means = NULL, sum = 0;
    gd_status status = gd_sample_means(features, &means, error);
    if (status != GD_OK)
        return status;
    for (int32_t c = 0; c < features->channels; c++)
        sum += means[c];
    if (!(sum > 0))
        status = refuse_cold(d, name, error);
    *at += sprintf(*at, "%s", name);
    for (int32_t c = 0; c < features->channels; c++)
        *at += sprintf(*at, " %.17g", means[c] / sum);
    *at += sprintf(*at, "\n");
    free(means);
    return status;
}

/* The features are [channels, units], and the text is [units, channels]. */
static gd_status write_units(const gd_decision *d, const char *name, const gd_features *features, char **at,
                             gd_error *error)
{
    const int64_t units = (int64_t)features->rows * features->cols;
    bool cold = true;
    *at += sprintf(*at, "%s %" PRId32 "x%" PRId32 " ", name, features->cols, features->rows);
    for (int64_t j = 0; j < units; j++)
        for (int32_t c = 0; c < features->channels; c++) {
            const float value = (float)features->values[c * units + j];
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            cold = cold && value == 0;
            *at += sprintf(*at, "%08" PRIx32, bits);
        }
    *at += sprintf(*at, "\n");
    return cold ? refuse_cold(d, name, error) : GD_OK;
}

gd_status gd_guide_write(const gd_decision *d, const gd_features *features, char **text, gd_error *error)
{
    const gd_chosen_layers *chosen = &d->options.chosen;
    size_t bytes = 1;
    for (int32_t i = 0, t = 0; i < chosen->layer_count; i++)
        if (gd_guide_is_for(&chosen->layers[i])) {
            const gd_features *of = &features[t++];
            const size_t each = matches(d) ? DIGITS * (size_t)of->rows * (size_t)of->cols : NUMBER_BYTES;
            bytes += GD_NODE_NAME_MAX + SIZE_BYTES + (size_t)of->channels * each;
        }
    char *at = *text = malloc(bytes);
    if (!at)
        return gd_no_memory(error, "the guide");
    gd_status status = GD_OK;
    for (int32_t i = 0, t = 0; i < chosen->layer_count && status == GD_OK; i++)
        if (gd_guide_is_for(&chosen->layers[i]))
            status = (matches(d) ? write_units : write_shares)(d, chosen->layers[i].name, &features[t++], &at,
                                                               error);
    return status;
}

/* The shares of a layer's channels. */
static bool read_shares(char **at, int32_t channels, double **to)
{
    bool good = true;
    for (int32_t c = 0; c < channels && good; c++) {
        good = **at == ' ';
        *(*to)++ = good ? strtod(*at, at) : 0;
    }
    return good;
}

static bool read_digits(const char *at, float *value)
{
    uint32_t bits = 0;
    for (int i = 0; i < DIGITS; i++) {
        const char *digits = "0123456789abcdef", *digit = at[i] ? strchr(digits, at[i]) : NULL;
        if (!digit)
            return false;
        bits = bits << 4 | (uint32_t)(digit - digits);
    }
    memcpy(value, &bits, sizeof bits);
    return isfinite(*value);
}

/* The units of a layer, as many as there are digits for. */
static bool read_units(char **at, gd_match *match, float **to)
{
    int32_t rows = 0, cols = 0, length = 0;
    const int found = sscanf(*at, " %" SCNd32 "x%" SCNd32 " %n", &cols, &rows, &length);
    if (found < 2 || length == 0 || rows < 1 || cols < 1 || (int64_t)rows * cols > UNITS_MAX)
        return false;
    *at += length;
    match->units = rows * cols;
    match->values = *to;
    for (int64_t i = 0; i < (int64_t)match->units * match->channels; i++, *at += DIGITS, ++*to) {
        if (!read_digits(*at, *to))
            return false;
        match->largest = fmax(match->largest, fabs((double)**to));
    }
    return true;
}

static bool read_layers(const gd_decision *d, const gd_net *net, gd_guide *guide, char *at)
{
    const gd_chosen_layers *chosen = &d->options.chosen;
    double *shares = guide->shares;
    float *values = guide->values;
    int32_t t = 0;
    bool good = true;
    for (int32_t i = 0; i < chosen->layer_count && good; i++) {
        const size_t length = strlen(chosen->layers[i].name);
        if (!gd_guide_is_for(&chosen->layers[i]))
            continue;
        good = strncmp(at, chosen->layers[i].name, length) == 0 && at[length] == ' ';
        at += good ? length : 0;
        const int32_t channels = net->nodes[gd_sample_node(net, &chosen->layers[i])].channels;
        if (good && matches(d)) {
            guide->matches[t].channels = channels;
            good = read_units(&at, &guide->matches[t++], &values);
        } else if (good) {
            good = read_shares(&at, channels, &shares);
        }
        good = good && *at++ == '\n';
    }
    return good && !*at;
}

static bool allocate(const gd_decision *d, const char *text, gd_guide *guide)
{
    const size_t length = strlen(text);
    guide->matches = calloc((size_t)d->options.chosen.layer_count + 1, sizeof *guide->matches);
    guide->shares = matches(d) ? NULL : malloc(length / 2 * sizeof *guide->shares + 1);
    guide->values = matches(d) ? malloc(length / DIGITS * sizeof *guide->values + 1) : NULL;
    return guide->matches && (guide->shares || guide->values);
}

static void forget(gd_guide *guide)
{
    free(guide->matches);
    free(guide->shares);
    free(guide->values);
    guide->matches = NULL;
    guide->shares = NULL;
    guide->values = NULL;
}

gd_status gd_guide_read(gd_decision *d, const char *text, gd_error *error)
{
    forget(&d->guide);
    gd_net *net = gd_net_create_as(d->options.architecture, &d->traits);
    const bool there = net && allocate(d, text, &d->guide);
    char *at = (char *)text; /* strtod's ends are not const */
    const bool good = there && read_layers(d, net, &d->guide, at);
    gd_net_free(net);
    d->objective.guide = d->guide.shares;
    d->objective.matches = matches(d) ? d->guide.matches : NULL;
    if (!there)
        return gd_no_memory(error, "the guide");
    if (!good)
        return gd_fail(error, GD_USAGE, "the checkpoint %.300s does not fit its own parameters; %s",
                       d->files.resume, gd_options_restart_hint(&d->options));
    return GD_OK;
}

static size_t values_of(const gd_match *match)
{
    return (size_t)match->units * (size_t)match->channels;
}

/* Sets the extents of the matches; returns the number of their values. */
static size_t size_matches(const gd_decision *d, const gd_net *net, gd_extent guide)
{
    const gd_chosen_layers *chosen = &d->options.chosen;
    gd_match *match = d->guide.matches;
    size_t values = 0;
    for (int32_t i = 0; i < chosen->layer_count; i++) {
        const int32_t node = gd_sample_node(net, &chosen->layers[i]);
        if (!gd_guide_is_for(&chosen->layers[i]))
            continue;
        match->channels = net->nodes[node].channels;
        match->units = gd_net_extent(net, node, (int32_t)guide.rows, true) *
                       gd_net_extent(net, node, (int32_t)guide.cols, false);
        values += values_of(match++);
    }
    return values;
}

gd_status gd_guide_size(gd_decision *d, const gd_net *net, gd_extent guide, gd_error *error)
{
    const size_t layers = (size_t)d->options.chosen.layer_count;
    char amount[GD_AMOUNT_BYTES], most[GD_AMOUNT_BYTES];
    forget(&d->guide);
    d->guide.matches = calloc(layers + 1, sizeof *d->guide.matches);
    const size_t values = d->guide.matches ? size_matches(d, net, guide) : 0;
    const size_t text = DIGITS * values + layers * (SIZE_BYTES + GD_NODE_NAME_MAX);
    gd_amount_text((double)text, amount);
    gd_amount_text(GD_CHECKPOINT_LONG_TEXT_MAX, most);
    if (text > GD_CHECKPOINT_LONG_TEXT_MAX)
        return gd_fail(error, GD_USAGE,
                       "--guide %.300s: what is matched takes %s in a checkpoint, which holds %s of it; name "
                       "fewer or deeper layers",
                       d->options.guide, amount, most);
    float *at = d->guide.values = calloc(values + 1, sizeof *at);
    if (!d->guide.matches || !at)
        return gd_no_memory(error, "the guide");
    for (size_t i = 0; i < layers; at += values_of(&d->guide.matches[i++]))
        d->guide.matches[i].values = at;
    d->objective.matches = d->guide.matches;
    return GD_OK;
}

void gd_guide_count(gd_decision *d)
{
    uint64_t values = 0;
    for (int32_t i = 0; d->guide.matches && i < d->options.chosen.layer_count; i++)
        values += values_of(&d->guide.matches[i]);
    d->guide_text = values * DIGITS;
    d->guide_bytes = values * sizeof(float) + 2 * d->guide_text;
}

void gd_guide_free(gd_decision *d)
{
    forget(&d->guide);
    free(d->guide.text);
    d->guide.text = NULL;
}
