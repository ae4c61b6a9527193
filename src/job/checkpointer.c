/* Writes checkpoints of a running render according to the policy. */
#include "job/checkpointer.h"

#include "base/clock.h"
#include "base/lease/lease.h"
#include "job/checkpoint_policy.h"
#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint.h"
#include "mpi/checkpoint/checkpoint_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct gd_checkpointer {
    gd_comm *comm;               /* borrowed */
    const gd_decision *decision; /* borrowed */
    const atomic_bool *stop;     /* borrowed */
    gd_target *target;           /* borrowed; the checkpoint's file, on rank 0 */
    gd_checkpoint record;        /* its texts are owned, all else is borrowed */
    double last;                 /* time of the last attempt, in seconds */
    int64_t kept;                /* steps in the last valid checkpoint; -1: none */
    int32_t frame;               /* of a sequence, the one that is rendered */
};

static bool is_root(const gd_checkpointer *checkpointer)
{
    return gd_comm_rank(checkpointer->comm) == 0;
}

/* Steps of the whole render before `step` of `octave` of a frame. */
static int64_t steps_before(const gd_decision *d, int64_t frame, int32_t octave, int32_t step)
{
    const int64_t octaves = d->settings.octave_end - d->settings.octave_first;
    return (frame * octaves + octave - d->settings.octave_first) * d->options.steps + step;
}

/* Up to the end of the frame that is rendered, or of the picture. */
static int64_t steps_of_frames(const gd_checkpointer *k)
{
    return steps_before(k->decision, k->frame, k->decision->settings.octave_end, 0);
}

static int64_t all_steps(const gd_checkpointer *k)
{
    const int32_t frames = k->decision->options.frames;
    return steps_before(k->decision, frames > 0 ? frames : 1, k->decision->settings.octave_first, 0);
}

static gd_status write_texts(gd_checkpointer *k, const gd_checkpoint_facts *facts, gd_error *error)
{
    char **texts = k->record.texts;
    texts[GD_CHECKPOINT_PROGRAM] = strdup(GD_VERSION);
    texts[GD_CHECKPOINT_NUMERICS] = strdup(facts->numerics);
    texts[GD_CHECKPOINT_CHOICES] = strdup(facts->choices ? facts->choices : "");
    texts[GD_CHECKPOINT_GUIDE] = strdup(facts->guide ? facts->guide : "");
    texts[GD_CHECKPOINT_COMMAND] = malloc(GD_CHECKPOINT_TEXT_MAX);
    texts[GD_CHECKPOINT_SETTLED] = malloc(GD_CHECKPOINT_TEXT_MAX);
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        if (!texts[i])
            return gd_no_memory(error, "checkpoints");
    return gd_checkpoint_commands(&k->decision->options, &k->decision->settings, texts[GD_CHECKPOINT_COMMAND],
                                  texts[GD_CHECKPOINT_SETTLED], error);
}

static gd_status fill_record(gd_checkpointer *k, const gd_checkpoint_facts *facts, gd_error *error)
{
    gd_checkpoint *c = &k->record;
    c->place = (gd_checkpoint_place){.base_rows = k->decision->settings.base_rows,
                                     .base_cols = k->decision->settings.base_cols,
                                     .dpi_x = facts->profile->dpi_x,
                                     .dpi_y = facts->profile->dpi_y};
    memcpy(c->place.mean, k->decision->place.mean, sizeof c->place.mean);
    memcpy(c->place.deviation, k->decision->place.deviation, sizeof c->place.deviation);
    c->rolls = facts->rolls;
    c->roll_count = facts->roll_count;
    c->icc = facts->profile->icc;
    c->icc_bytes = facts->profile->icc ? (int64_t)facts->profile->icc_bytes : 0;
    return write_texts(k, facts, error);
}

gd_status gd_checkpointer_create(gd_comm *comm, const gd_decision *decision, gd_target *target,
                                 const gd_checkpoint_facts *facts, const atomic_bool *stop,
                                 gd_checkpointer **checkpointer, gd_error *error)
{
    gd_checkpointer *k = calloc(1, sizeof *k);
    gd_status status = k ? GD_OK : gd_no_memory(error, "checkpoints");
    if (status == GD_OK) {
        const bool own = strcmp(decision->files.resume, decision->files.checkpoint) == 0;
        *k = (gd_checkpointer){
            .comm = comm, .decision = decision, .stop = stop, .last = gd_clock(), .target = target};
        k->kept = own ? steps_before(decision, decision->place.frame, (int32_t)decision->place.octave,
                                     (int32_t)decision->place.step)
                      : -1;
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
    *checkpointer = k;
    return status;
}

void gd_checkpointer_begin_frame(gd_checkpointer *checkpointer, int32_t frame)
{
    checkpointer->frame = frame;
}

void gd_checkpointer_tone(gd_checkpointer *checkpointer, const gd_tone *tone)
{
    gd_checkpoint_place *place = &checkpointer->record.place;
    memcpy(place->mean, tone->mean, sizeof place->mean);
    memcpy(place->deviation, tone->deviation, sizeof place->deviation);
}

void gd_checkpointer_free(gd_checkpointer *checkpointer)
{
    if (!checkpointer)
        return;
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        free(checkpointer->record.texts[i]);
    free(checkpointer);
}

gd_step_request gd_checkpointer_request(gd_checkpointer *checkpointer, int32_t octave, int32_t step)
{
    if (atomic_load(checkpointer->stop))
        return GD_REQUEST_STOP;
    const gd_checkpoint_moment now = {
        .step = step,
        .before = steps_before(checkpointer->decision, checkpointer->frame, octave, step),
        .all = steps_of_frames(checkpointer),
        .kept = checkpointer->kept,
        .waited = gd_clock() - checkpointer->last};
    return is_root(checkpointer) && gd_checkpoint_due(&checkpointer->decision->options, &now)
               ? GD_REQUEST_SAVE
               : GD_REQUEST_NONE;
}

static gd_status save_now(gd_checkpointer *k, const gd_canvas *canvas, int32_t octave, int32_t step,
                          gd_error *error)
{
    gd_checkpoint_place *place = &k->record.place;
    place->frame = k->frame;
    place->octave = octave;
    place->step = step;
    place->input_bytes = k->decision->place.input_bytes; /* not yet known in gd_checkpointer_create */
    place->input_crc = k->decision->place.input_crc;
    place->rows = canvas->partition->rows;
    place->cols = canvas->partition->cols;
    gd_status status = gd_checkpoint_write(k->comm, k->decision->files.checkpoint, k->target, &k->record,
                                           canvas->pixels, error);
    k->last = gd_clock();
    if (status == GD_OK)
        k->kept = steps_before(k->decision, k->frame, octave, step);
    return status;
}

static gd_status end_stopped(const gd_checkpointer *k, int64_t done, const char *why, gd_error *error)
{
    const char *path = k->decision->files.checkpoint;
    const gd_checkpoint_state state = {.checkpoint = path,
                                       .there = k->kept >= 0 && access(path, F_OK) == 0,
                                       .kept = k->kept,
                                       .done = done,
                                       .all = all_steps(k),
                                       .why = why};
    return gd_checkpoint_stopped(&state, error);
}

gd_status gd_checkpointer_save(gd_checkpointer *checkpointer, const gd_canvas *canvas, int32_t octave,
                               int32_t step, gd_step_request request, gd_error *error)
{
    gd_error why;
    gd_status status = save_now(checkpointer, canvas, octave, step, &why);
    if (status != GD_OK && (status == GD_COMM || !gd_comm_agreed(checkpointer->comm))) {
        *error = why;
        return status;
    }
    if (request == GD_REQUEST_STOP) {
        const int64_t done = steps_before(checkpointer->decision, checkpointer->frame, octave, step);
        return gd_comm_agree(checkpointer->comm,
                             end_stopped(checkpointer, done, status == GD_OK ? NULL : why.message, error),
                             error);
    }
    if (status == GD_OK)
        return GD_OK;
    gd_comm_clear_failure(checkpointer->comm);
    status = is_root(checkpointer)
                 ? gd_lease_holds(checkpointer->target->lock.lease, checkpointer->target, error)
                 : GD_OK;
    status = gd_comm_agree(checkpointer->comm, status, error);
    if (status != GD_OK)
        return status;
    if (is_root(checkpointer))
        fprintf(stderr, "gigadream: the render continues, but %s\n", why.message);
    return GD_OK;
}

bool gd_checkpointer_can_stop(const gd_checkpointer *checkpointer, const gd_canvas *canvas)
{
    const gd_decision *d = checkpointer->decision;
    const gd_options *o = &d->options;
    const gd_extent last = gd_settings_octave(&d->options, &d->settings, d->settings.octave_end - 1);
    return checkpointer->kept == steps_of_frames(checkpointer) || o->steps == 0 ||
           (canvas->partition->rows == last.rows && canvas->partition->cols == last.cols);
}

gd_status gd_checkpointer_stop(gd_checkpointer *checkpointer, const gd_canvas *canvas, gd_error *error)
{
    const gd_options *o = &checkpointer->decision->options;
    const int64_t done = canvas ? steps_of_frames(checkpointer) : 0;
    gd_comm_clear_failure(checkpointer->comm);
    if (done > 0 && checkpointer->kept < done)
        return gd_checkpointer_save(checkpointer, canvas, checkpointer->decision->settings.octave_end - 1,
                                    o->steps, GD_REQUEST_STOP, error);
    return gd_comm_agree(checkpointer->comm, end_stopped(checkpointer, done, NULL, error), error);
}

void gd_checkpointer_done(gd_checkpointer *checkpointer)
{
    if (is_root(checkpointer))
        gd_checkpoint_remove(checkpointer->target);
}
