/* Runs a render: opens the engine, fills the first canvas, executes the steps and writes the picture; or
 * makes a proof. */
#include "job/run/run.h"

#include "base/clock.h"
#include "dream/octave.h"
#include "host/stop.h"
#include "job/compare/input_sum.h"
#include "job/memory_check.h"
#include "job/parameters.h"
#include "job/prepare.h"
#include "job/resume.h"
#include "job/run/run_frames.h"
#include "job/run/run_open.h"
#include "job/run/run_records.h"
#include "job/run/run_save.h"
#include "job/run/run_web.h"
#include "job/run_proof.h"
#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint.h"
#include "plan/plan_search.h"
#include "sequence/sequence.h"
#include "transfer/source.h"

#include <stdlib.h>

/* Maximum time to wait for another rank's windows; longer than any window takes in practice. */
static const double deadline_seconds = 1800;

static gd_status replayed_roll(void *context, int32_t octave, int32_t step, int64_t *dy, int64_t *dx,
                               gd_error *error)
{
    const gd_run_state *r = context;
    (void)error;
    gd_replay_roll(r->replay, octave, step, dy, dx);
    return GD_OK;
}

static gd_step_request request(void *context, int32_t octave, int32_t step)
{
    const gd_run_state *r = context;
    return gd_checkpointer_request(r->checkpointer, octave, step);
}

static gd_status keep(void *context, const gd_canvas *canvas, int32_t octave, int32_t step,
                      gd_step_request why, gd_error *error)
{
    const gd_run_state *r = context;
    return gd_checkpointer_save(r->checkpointer, canvas, octave, step, why, error);
}

static gd_status open_checkpointer(gd_run_state *r, const atomic_bool *stop, gd_error *error)
{
    const gd_backend *backend = r->engine->backend;
    const gd_checkpoint_facts facts = {.numerics = r->numerics,
                                       .guide = r->decision.guide.text,
                                       .choices =
                                           backend->decided ? backend->decided(r->engine->device) : NULL,
                                       .rolls = r->replay ? r->replay->rolls : NULL,
                                       .roll_count = r->replay ? r->replay->count : 0,
                                       .profile = r->profile};
    return gd_checkpointer_create(r->comm, &r->decision, gd_claims_target(r->claims, GD_CLAIM_CHECKPOINT),
                                  &facts, stop, &r->checkpointer, error);
}

/* Checks that the checkpoint's canvas and step match its parameters. */
static gd_status check_place(const gd_run_state *r, const gd_render_parameters *p, gd_error *error)
{
    const gd_checkpoint_place *place = &r->decision.place;
    gd_octave o = {.rows = 0};
    gd_status status = GD_OK;
    if (p->frame.saved && p->final_resize)
        o = (gd_octave){.rows = p->base_rows, .cols = p->base_cols};
    else if (p->frame.saved)
        status = gd_octave_at(p, r->engine, p->octave_end - 1, gd_comm_size(r->comm), &o, error);
    else if (p->resume_octave >= p->octave_first && p->resume_octave < p->octave_end)
        status = gd_octave_at(p, r->engine, p->resume_octave, gd_comm_size(r->comm), &o, error);
    if (status != GD_OK ||
        (o.rows == place->rows && o.cols == place->cols && o.step >= 0 && o.step <= o.steps_end))
        return status;
    return gd_fail(error, GD_USAGE, "the checkpoint %s does not fit its own parameters; %s",
                   r->decision.files.resume, gd_options_restart_hint(&r->decision.options));
}

static gd_status read_file(gd_run_state *r, gd_canvas *canvas, gd_error *error)
{
    const gd_render_parameters *p = r->parameters;
    gd_source_report report = {0};
    gd_run_say_reading(r);
    const gd_status status =
        gd_source_file(r->comm, p->input, p->input_folder, p->input_file, canvas, &report, error);
    r->phases.seconds[GD_PHASE_READ] = report.seconds;
    if (report.warning[0])
        gd_prepare_warn(&r->decision.options, report.warning);
    return status;
}

/* Also computes the input's length and CRC for checkpoints, if there are steps. */
static gd_status read_input(gd_run_state *r, gd_canvas *canvas, gd_error *error)
{
    const gd_render_parameters *p = r->parameters;
    gd_checkpoint_place *place = &r->decision.place;
    gd_input_sum *sum = NULL;
    if (p->steps == 0)
        return read_file(r, canvas, error);
    gd_status status = gd_run_is_root(r) ? gd_input_sum_begin(p->input, &sum, error) : GD_OK;
    status = gd_comm_agree(r->comm, status, error);
    if (status == GD_OK)
        status = read_file(r, canvas, error);
    if (status == GD_OK)
        status = gd_input_sum_end(r->comm, sum, &place->input_bytes, &place->input_crc, error);
    gd_input_sum_free(sum);
    return status;
}

static gd_status fill_canvas(gd_run_state *r, gd_canvas *canvas, gd_origin origin, gd_error *error)
{
    switch (origin) {
    case GD_ORIGIN_FILE:
        return read_input(r, canvas, error);
    case GD_ORIGIN_NOISE:
        return gd_comm_agree(r->comm, gd_source_noise(r->engine, r->parameters->seed, canvas, error), error);
    case GD_ORIGIN_CHECKPOINT:
    case GD_ORIGIN_MASK: /* never the first canvas, as the next one */
    case GD_ORIGIN_FLOW:
        break;
    }
    return gd_checkpoint_read(r->comm, r->decision.files.resume, r->checkpoint, canvas->pixels, error);
}

/* Handles a stop request before the first step, with nothing to save. `status` is that of the watched
 * operation. */
static gd_status heed_early(gd_run_state *r, gd_status status, gd_error *error)
{
    gd_comm_watch(r->comm, NULL);
    if (status != GD_STOPPED)
        return status;
    gd_progress_end(&r->progress);
    return gd_checkpointer_stop(r->checkpointer, NULL, error);
}

/* An existing log is replaced only after the first canvas is filled. */
static gd_status first(void *context, gd_canvas *canvas, gd_origin origin, gd_error *error)
{
    gd_run_state *r = context;
    double *seconds = r->phases.seconds;
    const double start = gd_clock();
    gd_comm_watch(r->comm, r->parameters->hooks.stop);
    gd_status status = fill_canvas(r, canvas, origin, error);
    seconds[GD_PHASE_SCATTER] = gd_clock() - start - seconds[GD_PHASE_READ];
    if (status == GD_OK) {
        status = gd_run_is_root(r) ? gd_run_open_records(r, error) : GD_OK;
        status = gd_comm_agree(r->comm, status, error);
    }
    if (status == GD_OK)
        status = gd_run_web_begin(r, error);
    return heed_early(r, status, error);
}

static gd_status write_result(gd_run_state *r, const gd_canvas *canvas, gd_error *error)
{
    const gd_file_names *files = &r->decision.files;
    if (*files->frames)
        return gd_run_write_frame(r, canvas, error);
    return gd_run_save(r, canvas, gd_claims_target(r->claims, GD_CLAIM_OUTPUT), files->output, error);
}

/* Writes the result to its file and as tiles, or the input as tiles. */
static gd_status save_all(gd_run_state *r, const gd_canvas *canvas, gd_written what, gd_error *error)
{
    gd_status status = GD_OK;
    if (what == GD_WRITTEN_RESULT && *r->decision.files.output)
        status = write_result(r, canvas, error);
    const double start = gd_clock();
    if (status == GD_OK)
        status = gd_run_web_picture(r, canvas, what, error);
    r->phases.seconds[GD_PHASE_WEB] += gd_clock() - start;
    return status;
}

/* A stop request is honored while writing only if no step is lost. */
static gd_status write(void *context, const gd_canvas *canvas, gd_written what, gd_error *error)
{
    gd_run_state *r = context;
    const atomic_bool *stop = r->parameters->hooks.stop;
    if (what == GD_WRITTEN_INPUT) {
        gd_comm_watch(r->comm, stop);
        return heed_early(r,
                          gd_run_save(r, canvas, gd_claims_target(r->claims, GD_CLAIM_INPUT_COPY),
                                      r->decision.files.input_copy, error),
                          error);
    }
    if (what == GD_WRITTEN_RESULT)
        r->web.result = canvas;
    gd_comm_watch(r->comm, gd_checkpointer_can_stop(r->checkpointer, r->web.result) ? stop : NULL);
    const gd_status status = save_all(r, canvas, what, error);
    gd_comm_watch(r->comm, NULL);
    if (status == GD_STOPPED)
        return gd_checkpointer_stop(r->checkpointer, r->web.result, error);
    return status == GD_OK ? gd_run_save_frame(r, canvas, error) : status;
}

static gd_status octave_done(void *context, const gd_canvas *canvas, int32_t octave, gd_error *error)
{
    return gd_run_web_octave(context, canvas, octave, error);
}

static gd_render_parameters parameters_of(gd_run_state *r)
{
    gd_render_parameters p = gd_parameters_of(&r->decision);
    p.threads = gd_run_window_threads(r);
    gd_parameters_resume(&r->decision, &p);
    p.hooks = (gd_render_hooks){.context = r,
                                .first = first,
                                .write = write,
                                .octave_done = octave_done,
                                .begin_frame = gd_run_begin_frame,
                                .toned = gd_run_note_tone,
                                .step_done = gd_run_note_step,
                                .roll = r->replay ? replayed_roll : NULL,
                                .request = request,
                                .save = keep};
    return p;
}

static gd_status begin(gd_run_state *r, gd_error *error)
{
    const gd_render_parameters *p = r->parameters;
    gd_status status = gd_resume_input(r->comm, &r->decision, error);
    if (status == GD_OK)
        status = gd_memory_check_apply(r->comm, r->engine, &r->decision, p, r->resident, error);
    if (status == GD_OK)
        status = gd_plan_reserve(r->comm, r->engine, p, error);
    if (status == GD_OK)
        status = open_checkpointer(r, p->hooks.stop, error);
    if (status == GD_OK && (p->resumed || p->frame.saved))
        status = gd_comm_agree(r->comm, check_place(r, p, error), error);
    return status;
}

static gd_status render(gd_run_state *r, gd_error *error)
{
    gd_render_parameters p = parameters_of(r);
    p.hooks.stop = gd_stop_watch();
    r->parameters = &p;
    gd_status status = begin(r, error);
    const double start = gd_clock();
    if (status == GD_OK)
        status = gd_sequence_render(r->comm, r->engine, &p, &r->canvas, error);
    r->parameters = &p;
    gd_run_note_between(r, gd_clock() - start);
    gd_progress_end(&r->progress);
    if (status == GD_OK)
        status = gd_run_tell_phases(r, error);
    if (status == GD_OK)
        status = gd_run_web_end(r, error);
    if (status == GD_OK)
        gd_checkpointer_done(r->checkpointer);
    if (status == GD_OK && !*r->decision.files.frames)
        gd_run_say_written(r, r->canvas, r->decision.files.output, gd_clock() - r->started);
    return status;
}

/* A proof has no log, checkpoints or previews. */
static gd_status proof(gd_run_state *r, gd_error *error)
{
    const gd_render_parameters p = parameters_of(r);
    gd_status status = GD_OK;
    r->parameters = &p;
    gd_stop_release();
    if (gd_run_is_root(r)) {
        gd_run_say_no_gpu(r);
        gd_run_say_processors(r);
        status = gd_run_write_text(r, error);
    }
    status = gd_comm_agree(r->comm, status, error);
    return status == GD_OK
               ? gd_run_proof(r->comm, r->engine, &r->decision, gd_claims_target(r->claims, GD_CLAIM_PROOF),
                              &p, r->profile, r->text, error)
               : status;
}

double gd_run_deadline(const gd_decision *decision)
{
    return decision->deadline > 0 ? decision->deadline : deadline_seconds;
}

gd_status gd_run(gd_comm *comm, const gd_decision *decision, const gd_profile *profile,
                 const gd_checkpoint *checkpoint, gd_claims *claims, gd_error *error)
{
    gd_run_state *r = calloc(1, sizeof *r);
    gd_status status = r ? GD_OK : gd_no_memory(error, "a render");
    status = gd_comm_agree(comm, status, error);
    if (status != GD_OK) {
        free(r);
        return status;
    }
    r->comm = comm;
    r->web.folder.fd = -1;
    r->decision = *decision;
    r->profile = profile;
    r->checkpoint = checkpoint;
    r->claims = claims;
    gd_comm_set_deadline(comm, gd_run_deadline(decision));
    r->resident = decision->resident;
    r->started = gd_clock();
    status = gd_run_open_engine(r, error);
    if (status == GD_OK)
        status = gd_run_count_cores(r, error);
    if (status == GD_OK)
        status = gd_run_share_replay(r, error);
    if (status == GD_OK)
        status = decision->options.proof ? proof(r, error) : render(r, error);
    gd_error late;
    const gd_status closed = gd_run_log_close(&r->log, &late);
    if (status == GD_OK && closed != GD_OK) {
        status = closed;
        *error = late;
    }
    if (status != GD_OK && !gd_comm_agreed(comm))
        gd_claims_release(claims);
    gd_comm_abort_alone(comm, status, error);
    gd_run_web_close(r);
    gd_checkpointer_free(r->checkpointer);
    gd_replay_free(r->replay);
    gd_canvas_free(r->canvas);
    gd_engine_free(r->engine);
    gd_net_free(r->net);
    free(r);
    return status;
}
