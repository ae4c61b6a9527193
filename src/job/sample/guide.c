/* Measures the guide on rank 0, and gives what it found to all ranks as text. */
#include "job/sample/guide.h"

#include "image/reader.h"
#include "job/memory_check.h"
#include "job/run/run.h"
#include "job/sample/guide_text.h"
#include "job/sample/sample.h"
#include "mpi/agree.h"
#include "net/net.h"

#include <stdlib.h>

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
        if (gd_guide_is_for(&chosen->layers[i]))
            m->objective.terms[m->objective.count++] =
                (gd_term){.node = gd_sample_node(net, &chosen->layers[i]), .weight = 1};
    const gd_status status = size_guide(m, net, error);
    gd_net_free(net);
    return status == GD_OK ? gd_sample_engine(m->d, &m->objective, loaded, &m->net, &m->engine, error)
                           : status;
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
        status = gd_guide_write(d, features, text, error);
    gd_features_free(features, m.objective.count);
    close_measuring(&m);
    return status;
}

/* Of a guide to be matched, also sets the sizes. */
gd_status gd_guide_bytes(gd_decision *d, const char *saved, uint64_t *bytes, gd_error *error)
{
    measuring m = {.d = d};
    *bytes = 0;
    if (!is_wanted(d))
        return GD_OK;
    if (saved) {
        const gd_status read = gd_guide_read(d, saved, error);
        gd_guide_count(d);
        return read;
    }
    gd_status status = open_measuring(&m, false, error);
    if (status == GD_OK && d->options.guide_way == GD_GUIDE_MATCH)
        status = gd_guide_size(d, m.net, m.sample, error);
    if (status == GD_OK)
        status = gd_sample_bytes(m.engine, m.sample, m.reader, bytes, error);
    close_measuring(&m);
    gd_guide_count(d);
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
        status = gd_comm_agree(comm, gd_guide_read(d, d->guide.text, error), error);
    gd_guide_count(d);
    return status;
}
