/* Ranks channels by their means over a copy of the first canvas, once, on rank 0. */
#include "job/sample/rank_channels.h"

#include "base/minmax.h"
#include "job/memory_check.h"
#include "job/run/run.h"
#include "job/sample/sample.h"
#include "mpi/agree.h"
#include "options/layers.h"
#include "options/layers/ranks.h"
#include "options/options_format.h"
#include "transfer/source.h"

#include <stdio.h>
#include <stdlib.h>

/* What is open while channels are ranked. */
typedef struct ranking {
    const gd_decision *d;   /* borrowed */
    gd_objective objective; /* the layers with ranked channels */
    gd_net *net;            /* owned */
    gd_engine *engine;      /* owned */
    gd_extent sample;
    float *pixels; /* owned; [sample.rows, sample.cols, 3] */
} ranking;

static bool is_wanted(const gd_decision *d)
{
    return gd_options_need_network(&d->options) && gd_ranks_wanted(&d->options.chosen) &&
           d->settings.chosen.layer_count == 0;
}

static void close_ranking(ranking *r)
{
    gd_engine_free(r->engine);
    gd_net_free(r->net);
    free(r->pixels);
}

static gd_status open_ranking(ranking *r, bool loaded, gd_error *error)
{
    const gd_options *o = &r->d->options;
    const gd_extent canvas = gd_settings_octave(o, &r->d->settings, r->d->settings.octave_first);
    gd_net *net = gd_net_create_as(o->architecture, &r->d->traits);
    if (!net)
        return gd_no_memory(error, "the network's table");
    r->sample = gd_sample_extent(canvas, net->smallest_input);
    if (gd_options_noise(o))
        r->sample =
            (gd_extent){gd_min_i64(canvas.rows, GD_SAMPLE_SIDE), gd_min_i64(canvas.cols, GD_SAMPLE_SIDE)};
    for (int32_t i = 0; i < o->chosen.layer_count; i++)
        if (gd_ranks_of(&o->chosen, &o->chosen.layers[i]))
            r->objective.terms[r->objective.count++] =
                (gd_term){.node = gd_sample_node(net, &o->chosen.layers[i]), .weight = 1};
    gd_net_free(net);
    return gd_sample_engine(r->d, &r->objective, loaded, &r->net, &r->engine, error);
}

static gd_status read_pixels(ranking *r, gd_error *error)
{
    const gd_options *o = &r->d->options;
    if (!gd_options_noise(o))
        return gd_sample_read(r->d->files.input, r->d->input_folder, &r->d->input_file, r->sample, &r->pixels,
                              error);
    r->pixels = malloc((size_t)(r->sample.rows * r->sample.cols) * 3 * sizeof *r->pixels);
    if (!r->pixels)
        return gd_no_memory(error, "a copy of the first canvas");
    gd_source_noise_at(o->seed, (gd_rect){0, 0, r->sample.rows, r->sample.cols}, r->pixels);
    return GD_OK;
}

/* Replaces the words by numbers, layer by layer. */
static gd_status settle(const ranking *r, const gd_features *features, gd_settings *settings, gd_error *error)
{
    const gd_chosen_layers *given = &r->d->options.chosen;
    gd_chosen_layers *made = &settings->chosen;
    gd_status status = GD_OK;
    for (int32_t i = 0, ranked = 0; i < given->layer_count && status == GD_OK; i++) {
        const int32_t channels = r->net->nodes[gd_sample_node(r->net, &given->layers[i])].channels;
        double *means = NULL;
        if (gd_ranks_of(given, &given->layers[i]))
            status = gd_sample_means(&features[ranked++], &means, error);
        if (status == GD_OK)
            status = gd_ranks_settle(given, i, means, channels, made, error);
        free(means);
    }
    snprintf(settings->why[GD_SETTING_CHANNELS], sizeof settings->why[0],
             "ranked by their means over a copy of the first canvas of %lld x %lld pixels",
             (long long)r->sample.cols, (long long)r->sample.rows);
    return status;
}

static void tell(const gd_decision *d)
{
    char given[GD_OPTION_TEXT], found[GD_OPTION_TEXT];
    gd_options settled = d->options;
    settled.chosen = d->settings.chosen;
    if (!d->options.quiet && gd_print_layers(&d->options, given, sizeof given) &&
        gd_print_layers(&settled, found, sizeof found))
        fprintf(stderr, "gigadream: -ml %s is %s\n", given, found);
}

static gd_status rank_channels(gd_decision *d, gd_error *error)
{
    ranking r = {.d = d};
    gd_features *features = NULL;
    gd_status status = open_ranking(&r, true, error);
    if (status == GD_OK)
        status = read_pixels(&r, error);
    if (status == GD_OK)
        status = gd_sample_features(d, r.engine, r.pixels, r.sample, "ranking channels", &features, error);
    if (status == GD_OK)
        status = settle(&r, features, &d->settings, error);
    if (status == GD_OK)
        status = gd_settings_objective(&d->options, &d->settings, r.net, &d->objective, error);
    gd_features_free(features, r.objective.count);
    close_ranking(&r);
    if (status == GD_OK)
        tell(d);
    return status;
}

gd_status gd_rank_channels_bytes(const gd_decision *decision, uint64_t *bytes, gd_error *error)
{
    ranking r = {.d = decision};
    *bytes = 0;
    if (!is_wanted(decision))
        return GD_OK;
    gd_status status = open_ranking(&r, false, error);
    if (status == GD_OK)
        status = gd_sample_bytes(
            r.engine, r.sample, gd_memory_check_reader(decision, r.sample.rows, r.sample.cols), bytes, error);
    close_ranking(&r);
    return status;
}

gd_status gd_rank_channels(gd_comm *comm, gd_decision *d, gd_error *error)
{
    gd_status status = GD_OK;
    if (!is_wanted(d))
        return GD_OK;
    gd_comm_set_deadline(comm, gd_run_deadline(d));
    if (gd_comm_rank(comm) == 0)
        status = gd_rank_channels_bytes(d, &d->sample_bytes, error);
    if (status == GD_OK && gd_comm_rank(comm) == 0)
        status = rank_channels(d, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(comm, &d->settings, sizeof d->settings, error);
    return status == GD_OK ? gd_comm_broadcast(comm, &d->objective, sizeof d->objective, error) : status;
}
