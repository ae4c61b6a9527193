/* Measures the guide on rank 0, and gives its shares to all ranks as text. */
#include "job/sample/guide.h"

#include "image/reader.h"
#include "job/memory_check.h"
#include "job/run/run.h"
#include "job/sample/sample.h"
#include "mpi/agree.h"
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES = 26 }; /* a blank and a double with 17 digits */

/* What is open while the guide is measured. */
typedef struct measuring {
    const gd_decision *d;   /* borrowed */
    gd_objective objective; /* the layers that the guide is for, whole */
    gd_net *net;            /* owned */
    gd_engine *engine;      /* owned */
    gd_extent sample;
    uint64_t reader; /* bytes that reading takes */
    float *pixels;   /* owned; [sample.rows, sample.cols, 3] */
} measuring;

static bool is_guided(const gd_layer_choice *layer)
{
    return layer->measure == GD_LAYER_AS_OBJECTIVE;
}

static bool is_wanted(const gd_decision *d)
{
    return *d->options.guide && gd_options_need_network(&d->options);
}

static void close_measuring(measuring *m)
{
    gd_engine_free(m->engine);
    gd_net_free(m->net);
    free(m->pixels);
}

/* Size and memory of the guide, which is opened for that. */
static gd_status size_guide(measuring *m, const gd_net *net, gd_error *error)
{
    const char *path = m->d->options.guide;
    gd_allowance allowance = m->d->allowance;
    gd_reader *reader = NULL;
    gd_status status = gd_reader_open(path, m->d->input_folder, &allowance, &reader, error);
    if (status != GD_OK)
        return status;
    const gd_picture_info *info = gd_reader_info(reader);
    m->sample = gd_sample_extent((gd_extent){info->rows, info->cols}, net->smallest_input);
    m->reader = gd_memory_check_rows((gd_extent){info->rows, info->cols}, m->sample) + info->held_bytes;
    if (info->rows < net->smallest_input || info->cols < net->smallest_input)
        status =
            gd_fail(error, GD_USAGE,
                    "--guide %.300s: it has %lld x %lld pixels, and %s takes no picture below %d on a side; "
                    "name a larger one",
                    path, (long long)info->cols, (long long)info->rows, net->title, net->smallest_input);
    gd_reader_close(reader);
    return status;
}

static gd_status open_measuring(measuring *m, bool loaded, gd_error *error)
{
    const gd_chosen_layers *chosen = &m->d->options.chosen;
    gd_net *net = gd_net_create_as(m->d->options.architecture, &m->d->traits);
    if (!net)
        return gd_no_memory(error, "the network's table");
    for (int32_t i = 0; i < chosen->layer_count; i++)
        if (is_guided(&chosen->layers[i]))
            m->objective.terms[m->objective.count++] =
                (gd_term){.node = gd_sample_node(net, &chosen->layers[i]), .weight = 1};
    const gd_status status = size_guide(m, net, error);
    gd_net_free(net);
    return status == GD_OK ? gd_sample_engine(m->d, &m->objective, loaded, &m->net, &m->engine, error)
                           : status;
}

/* A line: the layer's name, and each mean over the sum of all. */
static gd_status write_layer(const char *guide, const char *name, const gd_features *features, char **at,
                             gd_error *error)
{
    double *means = NULL, sum = 0;
    gd_status status = gd_sample_means(features, &means, error);
    if (status != GD_OK)
        return status;
    for (int32_t c = 0; c < features->channels; c++)
        sum += means[c];
    if (!(sum > 0))
        status =
            gd_fail(error, GD_USAGE,
                    "--guide %.300s: no channel of %s answers to it; name another picture, or another layer",
                    guide, name);
    *at += sprintf(*at, "%s", name);
    for (int32_t c = 0; c < features->channels; c++)
        *at += sprintf(*at, " %.17g", means[c] / sum);
    *at += sprintf(*at, "\n");
    free(means);
    return status;
}

static gd_status write_text(const measuring *m, const gd_features *features, char **text, gd_error *error)
{
    const gd_chosen_layers *chosen = &m->d->options.chosen;
    size_t bytes = 1;
    for (int32_t t = 0; t < m->objective.count; t++)
        bytes += GD_NODE_NAME_MAX + 1 + (size_t)features[t].channels * NUMBER_BYTES;
    char *at = *text = malloc(bytes);
    if (!at)
        return gd_no_memory(error, "the guide");
    gd_status status = GD_OK;
    for (int32_t i = 0, t = 0; i < chosen->layer_count && status == GD_OK; i++)
        if (is_guided(&chosen->layers[i]))
            status = write_layer(m->d->options.guide, chosen->layers[i].name, &features[t++], &at, error);
    return status;
}

static gd_status measure(const gd_decision *d, char **text, gd_error *error)
{
    measuring m = {.d = d};
    gd_features *features = NULL;
    gd_status status = open_measuring(&m, true, error);
    if (status == GD_OK)
        status = gd_sample_read(d->options.guide, d->input_folder, NULL, m.sample, &m.pixels, error);
    if (status == GD_OK)
        status = gd_sample_features(d, m.engine, m.pixels, m.sample, "--guide", &features, error);
    if (status == GD_OK)
        status = write_text(&m, features, text, error);
    gd_features_free(features, m.objective.count);
    close_measuring(&m);
    return status;
}

/* Reads the shares that the text has; a checkpoint's may be of other layers. */
static gd_status read_text(gd_decision *d, gd_error *error)
{
    const gd_chosen_layers *chosen = &d->options.chosen;
    gd_net *net = gd_net_create_as(d->options.architecture, &d->traits);
    d->guide.shares = malloc(strlen(d->guide.text) / 2 * sizeof *d->guide.shares + 1);
    bool good = net && d->guide.shares;
    gd_status status = good ? GD_OK : gd_no_memory(error, "the guide");
    char *at = d->guide.text;
    double *to = d->guide.shares;
    for (int32_t i = 0; i < chosen->layer_count && good; i++) {
        const size_t length = strlen(chosen->layers[i].name);
        if (!is_guided(&chosen->layers[i]))
            continue;
        good = strncmp(at, chosen->layers[i].name, length) == 0 && at[length] == ' ';
        at += good ? length : 0;
        for (int32_t c = 0; c < net->nodes[gd_sample_node(net, &chosen->layers[i])].channels && good; c++) {
            good = *at == ' ';
            *to++ = good ? strtod(at, &at) : 0;
        }
        good = good && *at++ == '\n';
    }
    gd_net_free(net);
    if (status == GD_OK && (!good || *at))
        return gd_fail(error, GD_USAGE, "the checkpoint %.300s does not fit its own parameters; %s",
                       d->files.resume, gd_options_restart_hint(&d->options));
    return status;
}

gd_status gd_guide_bytes(const gd_decision *decision, const char *saved, uint64_t *bytes, gd_error *error)
{
    measuring m = {.d = decision};
    *bytes = 0;
    if (!is_wanted(decision) || saved)
        return GD_OK;
    gd_status status = open_measuring(&m, false, error);
    if (status == GD_OK)
        status = gd_sample_bytes(m.engine, m.sample, m.reader, bytes, error);
    close_measuring(&m);
    return status;
}

gd_status gd_guide_take(gd_comm *comm, gd_decision *d, const char *saved, gd_error *error)
{
    char *text = NULL;
    uint64_t bytes = 0;
    gd_status status = GD_OK;
    if (!is_wanted(d))
        return GD_OK;
    gd_comm_set_deadline(comm, gd_run_deadline(d));
    if (gd_comm_rank(comm) == 0) {
        status = gd_guide_bytes(d, saved, &bytes, error);
        d->sample_bytes = bytes > d->sample_bytes ? bytes : d->sample_bytes;
    }
    if (status == GD_OK && gd_comm_rank(comm) == 0 && !saved)
        status = measure(d, &text, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_comm_share_text(comm, saved ? saved : text, &d->guide.text, error);
    free(text);
    if (status == GD_OK)
        status = gd_comm_agree(comm, read_text(d, error), error);
    d->objective.guide = d->guide.shares;
    return status;
}

void gd_guide_free(gd_decision *decision)
{
    free(decision->guide.text);
    free(decision->guide.shares);
}
