/* Decides when a checkpoint is due, writes it, and words the end of a render that was told to stop. */
#include "job/checkpoint_policy.h"

#include "base/clock.h"
#include "base/lease/lease.h"
#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint.h"
#include "mpi/checkpoint/checkpoint_own.h"
#include "options/options_format.h"
#include "options/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 65536 };

struct gd_checkpointer {
    gd_comm *comm;               /* borrowed */
    const gd_decision *decision; /* borrowed */
    const atomic_bool *stop;     /* borrowed */
    gd_target *target;           /* borrowed; of the checkpoint, on rank 0 */
    gd_checkpoint record;        /* its texts are owned; all else is borrowed */
    double last;                 /* seconds; of the last attempt */
    int64_t kept;                /* steps that are in the last good checkpoint; -1: there is none */
};

static bool is_root(const gd_checkpointer *keeper)
{
    return gd_comm_rank(keeper->comm) == 0;
}

/* Steps of the whole render before this one. */
static int64_t steps_before(const gd_decision *d, int32_t octave, int32_t step)
{
    return (int64_t)(octave - d->settings.octave_first) * d->options.steps + step;
}

static int64_t all_steps(const gd_checkpointer *k)
{
    return steps_before(k->decision, k->decision->settings.octave_end, 0);
}

static gd_status write_texts(gd_checkpointer *k, const gd_checkpoint_facts *facts, gd_error *error)
{
    char **texts = k->record.texts;
    gd_options given = k->decision->options, complete;
    given.resume[0] = '\0';
    given.restart = given.trust = given.overwrite = false;
    gd_paths_make_real(&given);
    gd_settings_complete(&k->decision->options, &k->decision->settings, &complete);
    texts[GD_CHECKPOINT_PROGRAM] = strdup(GD_VERSION);
    texts[GD_CHECKPOINT_NUMERICS] = strdup(facts->numerics);
    texts[GD_CHECKPOINT_CHOICES] = strdup(facts->choices ? facts->choices : "");
    texts[GD_CHECKPOINT_COMMAND] = malloc(TEXT_MAX);
    texts[GD_CHECKPOINT_SETTLED] = malloc(TEXT_MAX);
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        if (!texts[i])
            return gd_fail(error, GD_MEMORY, "out of memory for checkpoints");
    gd_status status = gd_options_command(&given, texts[GD_CHECKPOINT_COMMAND], TEXT_MAX);
    if (status == GD_OK)
        status = gd_options_text(&complete, NULL, texts[GD_CHECKPOINT_SETTLED], TEXT_MAX);
    if (status != GD_OK)
        return gd_fail(error, GD_USAGE, "the parameters are too long for a checkpoint; shorten the paths");
    return GD_OK;
}

static gd_status fill_record(gd_checkpointer *k, const gd_checkpoint_facts *facts, gd_error *error)
{
    gd_checkpoint *c = &k->record;
    c->place = (gd_checkpoint_place){.base_rows = k->decision->settings.base_rows,
                                     .base_cols = k->decision->settings.base_cols,
                                     .dpi_x = facts->profile->dpi_x,
                                     .dpi_y = facts->profile->dpi_y,
                                     .input_bytes = k->decision->place.input_bytes,
                                     .input_crc = k->decision->place.input_crc};
    c->rolls = facts->rolls;
    c->roll_count = facts->roll_count;
    c->icc = facts->profile->icc;
    c->icc_bytes = facts->profile->icc ? (int64_t)facts->profile->icc_bytes : 0;
    return write_texts(k, facts, error);
}

gd_status gd_checkpointer_create(gd_comm *comm, const gd_decision *decision, gd_target *target,
                                 const gd_checkpoint_facts *facts, const atomic_bool *stop,
                                 gd_checkpointer **keeper, gd_error *error)
{
    gd_checkpointer *k = calloc(1, sizeof *k);
    gd_status status = k ? GD_OK : gd_fail(error, GD_MEMORY, "out of memory for checkpoints");
    if (status == GD_OK) {
        const bool own = strcmp(decision->files.resume, decision->files.checkpoint) == 0;
        *k = (gd_checkpointer){
            .comm = comm, .decision = decision, .stop = stop, .last = gd_clock(), .target = target};
        k->kept =
            own ? steps_before(decision, (int32_t)decision->place.octave, (int32_t)decision->place.step) : -1;
        if (is_root(k))
            status = fill_record(k, facts, error);
        if (status == GD_OK && is_root(k) && decision->options.restart)
            gd_checkpoint_remove(k->target);
    }
    status = gd_comm_agree(comm, status, error);
    if (status != GD_OK) {
        gd_checkpointer_free(k);
        k = NULL;
    }
    *keeper = k;
    return status;
}

void gd_checkpointer_free(gd_checkpointer *keeper)
{
    if (!keeper)
        return;
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        free(keeper->record.texts[i]);
    free(keeper);
}

/* Writing a large picture takes long, and there may be less time before the end of a job. */
static const double worth_saving = 60; /* seconds */

/* After this step. Time counts from the last attempt: a full disk must not cost every step. */
static bool is_due(const gd_checkpointer *k, int32_t octave, int32_t step)
{
    const gd_options *o = &k->decision->options;
    if (step == o->steps)
        return o->steps > 0 && k->kept < all_steps(k) && gd_clock() - k->last >= worth_saving;
    if (o->every == GD_EVERY_OCTAVE)
        return step + 1 == o->steps;
    if (o->every == GD_EVERY_STEPS)
        return (steps_before(k->decision, octave, step) + 1) % o->every_count == 0;
    return gd_clock() - k->last >= (double)o->every_count;
}

gd_step_request gd_checkpointer_request(gd_checkpointer *keeper, int32_t octave, int32_t step)
{
    if (atomic_load(keeper->stop))
        return GD_REQUEST_STOP;
    return is_root(keeper) && is_due(keeper, octave, step) ? GD_REQUEST_SAVE : GD_REQUEST_NONE;
}

static gd_status save_now(gd_checkpointer *k, const gd_canvas *canvas, int32_t octave, int32_t step,
                          gd_error *error)
{
    gd_checkpoint_place *place = &k->record.place;
    place->octave = octave;
    place->step = step;
    place->rows = canvas->partition->rows;
    place->cols = canvas->partition->cols;
    gd_status status = gd_checkpoint_write(k->comm, k->decision->files.checkpoint, k->target, &k->record,
                                           canvas->pixels, error);
    k->last = gd_clock();
    if (status == GD_OK)
        k->kept = steps_before(k->decision, octave, step);
    return status;
}

/* The last sentence of a stopped render; `why`: the cause when it could not be saved, else NULL. */
static gd_status end_stopped(const gd_checkpointer *k, int64_t done, const char *why, gd_error *error)
{
    const gd_decision *d = k->decision;
    const long long all = all_steps(k);
    if (done == 0 && k->kept < 0)
        return gd_fail(error, GD_STOPPED,
                       "stopped before the first step, with nothing to save; the same command begins again");
    if (k->kept >= 0 && access(d->files.checkpoint, F_OK) != 0)
        return gd_fail(
            error, GD_IO,
            "stopped after %lld of %lld steps, which are lost: %s, which held the first %lld, is gone%s%s",
            (long long)done, all, d->files.checkpoint, (long long)k->kept, why ? ", and " : "",
            why ? why : "");
    if (!why)
        return gd_fail(
            error, GD_STOPPED,
            "stopped after %lld of %lld steps, which are saved; go on with the same command, or with "
            "--resume %s",
            (long long)done, all, d->files.checkpoint);
    if (k->kept < 0)
        return gd_fail(error, GD_IO, "stopped after %lld of %lld steps, which are lost, since %s",
                       (long long)done, all, why);
    return gd_fail(
        error, GD_STOPPED,
        "stopped after %lld of %lld steps, of which %lld are lost: %s holds the first %lld, and %s",
        (long long)done, all, (long long)(done - k->kept), d->files.checkpoint, (long long)k->kept, why);
}

gd_status gd_checkpointer_save(gd_checkpointer *keeper, const gd_canvas *canvas, int32_t octave, int32_t step,
                               gd_step_request wish, gd_error *error)
{
    gd_error why;
    gd_status status = save_now(keeper, canvas, octave, step, &why);
    if (status != GD_OK && (status == GD_COMM || !gd_comm_agreed(keeper->comm))) {
        *error = why;
        return status;
    }
    if (wish == GD_REQUEST_STOP) {
        const int64_t done = steps_before(keeper->decision, octave, step);
        return gd_comm_agree(keeper->comm,
                             end_stopped(keeper, done, status == GD_OK ? NULL : why.message, error), error);
    }
    if (status == GD_OK)
        return GD_OK;
    gd_comm_forgive(keeper->comm);
    status = is_root(keeper) ? gd_lease_holds(keeper->target->lock.lease, keeper->target, error) : GD_OK;
    status = gd_comm_agree(keeper->comm, status, error);
    if (status != GD_OK)
        return status;
    if (is_root(keeper))
        fprintf(stderr, "gigadream: the render goes on, but %s\n", why.message);
    return GD_OK;
}

bool gd_checkpointer_can_stop(const gd_checkpointer *keeper, const gd_canvas *canvas)
{
    const gd_decision *d = keeper->decision;
    const gd_options *o = &d->options;
    const gd_extent last = gd_settings_octave(&d->options, &d->settings, d->settings.octave_end - 1);
    return keeper->kept == all_steps(keeper) || o->steps == 0 ||
           (canvas->partition->rows == last.rows && canvas->partition->cols == last.cols);
}

gd_status gd_checkpointer_stop(gd_checkpointer *keeper, const gd_canvas *canvas, gd_error *error)
{
    const gd_options *o = &keeper->decision->options;
    const int64_t done = canvas ? all_steps(keeper) : 0;
    gd_comm_forgive(keeper->comm);
    if (done > 0 && keeper->kept < done)
        return gd_checkpointer_save(keeper, canvas, keeper->decision->settings.octave_end - 1, o->steps,
                                    GD_REQUEST_STOP, error);
    return gd_comm_agree(keeper->comm, end_stopped(keeper, done, NULL, error), error);
}

void gd_checkpointer_done(gd_checkpointer *keeper)
{
    if (is_root(keeper))
        gd_checkpoint_remove(keeper->target);
}
