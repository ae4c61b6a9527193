/* Records of a render: progress, previews, the log, the picture's text field, and the final messages. */
#include "job/run/run_records.h"

#include "base/clock.h"
#include "dream/octave.h"
#include "files/preview_names.h"
#include "job/prepare.h"
#include "mpi/agree.h"
#include "options/options_format.h"
#include "plan/work.h"
#include "sequence/sequence.h"
#include "transfer/preview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Chooses the target of a preview: the locked name, or a numbered name of the pattern. */
static gd_status choose_target(gd_run_state *r, const char *path, gd_target *numbered, gd_target **target,
                               gd_error *error)
{
    gd_target *owned = gd_claims_target(r->claims, GD_CLAIM_PREVIEW);
    *target = owned;
    if (strcmp(owned->name, owned->owned) == 0)
        return gd_target_unchanged(owned, error);
    *target = numbered;
    return gd_claims_borrow(r->claims, GD_CLAIM_PREVIEW, path, r->decision.options.overwrite, numbered,
                            error);
}

/* A failed preview is reported once and does not end the render. */
static gd_status preview(gd_run_state *r, const gd_step_report *report, gd_error *error)
{
    const gd_options *o = &r->decision.options;
    const gd_preview_interval interval = gd_prepare_preview_interval(&r->decision);
    int64_t number = o->preview[0] ? gd_preview_number(&interval, report->octave, report->step) : 0;
    gd_writer_options options = {.bits = 8, .profile = r->profile, .text = r->text};
    char path[GD_PATH_MAX], full[GD_PATH_MAX];
    if (number == 0)
        return GD_OK;
    number += r->parameters->frame.index * gd_preview_last(&interval);
    gd_preview_path(o->preview, number, path);
    gd_preview_size(o->preview_pixels, r->decision.settings.base_rows, r->decision.settings.base_cols,
                    &options.rows, &options.cols);
    gd_target numbered = GD_TARGET_NONE;
    gd_status status = gd_file_kind_of(path, &options.kind, full, sizeof full, error);
    if (status == GD_OK && gd_run_is_root(r))
        status = choose_target(r, full, &numbered, &options.target, error);
    status = gd_comm_agree(r->comm, status, error);
    if (status == GD_OK)
        status = gd_preview_file(r->comm, r->engine, report->canvas, full, &options, error);
    gd_claims_return(&numbered);
    if (status != GD_USAGE && status != GD_IO && status != GD_MEMORY)
        return status;
    gd_comm_clear_failure(r->comm);
    if (gd_run_is_root(r) && !o->quiet && !r->preview_failed)
        fprintf(stderr, "gigadream: no preview, but the render continues: %s\n", error->message);
    r->preview_failed = true;
    return GD_OK;
}

/* Passes the canvas of an octave and the work of a step to the progress display. */
static gd_status show_octave(gd_run_state *r, int32_t octave, gd_error *error)
{
    const gd_render_parameters *p = r->parameters;
    gd_octave o;
    double work = 0;
    gd_status status = gd_octave_at(p, r->engine, octave, gd_comm_size(r->comm), &o, error);
    if (status == GD_OK)
        status = gd_work_step(r->engine, p, &o, &work, error);
    if (status == GD_OK)
        gd_progress_octave(&r->progress, octave, o.rows, o.cols, work);
    return status;
}

static gd_status record_step(gd_run_state *r, const gd_step_report *report, gd_error *error)
{
    const gd_run_log_line line = {.frame = r->parameters->frame.index,
                                  .frames = r->parameters->frame.count,
                                  .octave = report->octave,
                                  .step = report->step,
                                  .dy = report->dy,
                                  .dx = report->dx,
                                  .timed = true,
                                  .rows = report->canvas->partition->rows,
                                  .cols = report->canvas->partition->cols,
                                  .seconds = report->seconds,
                                  .computing = report->computing,
                                  .updating = report->updating,
                                  .deviation = report->deviation};
    const gd_status status =
        report->octave == r->progress.octave ? GD_OK : show_octave(r, report->octave, error);
    if (status != GD_OK)
        return status;
    gd_progress_step(&r->progress, report->step, gd_clock());
    return gd_run_log_step(r->log, &line, error);
}

gd_status gd_run_note_step(void *context, const gd_step_report *report, gd_error *error)
{
    gd_run_state *r = context;
    double *seconds = r->phases.seconds;
    seconds[GD_PHASE_COMPUTE] += report->computing - report->updating;
    seconds[GD_PHASE_UPDATE] += report->updating;
    seconds[GD_PHASE_EXCHANGE] += report->seconds - report->computing;
    gd_status status = gd_run_is_root(r) ? record_step(r, report, error) : GD_OK;
    return status == GD_OK ? preview(r, report, error) : status;
}

static gd_status begin_progress(gd_run_state *r, gd_error *error)
{
    const gd_render_parameters *p = r->parameters;
    double work = 0;
    gd_status status = gd_work_left(r->engine, p, gd_comm_size(r->comm), &work, error);
    if (status == GD_OK && !gd_render_last(p)) {
        const gd_render_parameters next = gd_sequence_next(p);
        double each = 0;
        status = gd_work_left(r->engine, &next, gd_comm_size(r->comm), &each, error);
        work += (p->frame.count - p->frame.index - 1) * each;
    }
    if (status != GD_OK || p->steps == 0)
        return status;
    gd_progress_begin(&r->progress, gd_progress_mode_of(r->decision.options.quiet, stderr), stderr,
                      p->octave_first, p->octave_end, p->steps, work, gd_clock());
    gd_progress_frame(&r->progress, p->frame.index, p->frame.count);
    status = show_octave(r, p->resumed ? p->resume_octave : p->octave_first, error);
    if (status == GD_OK)
        gd_progress_await(&r->progress, p->resumed ? p->resume_step : 0);
    return status;
}

/* Logs the steps of a frame, or picture, before `step` of `octave`. */
static gd_status log_frame(const gd_run_state *r, const gd_render_parameters *p, int32_t octave, int32_t step,
                           gd_error *error)
{
    gd_step_parameters s;
    gd_status status = GD_OK;
    for (int32_t o = p->octave_first; o < p->octave_end && o <= octave; o++) {
        const int32_t end = o == octave ? step : p->steps;
        for (int32_t i = 0; status == GD_OK && i < end; i++) {
            status = gd_octave_step(p, r->engine, o, i, &s, error);
            const gd_run_log_line line = {.frame = p->frame.index,
                                          .frames = p->frame.count,
                                          .octave = o,
                                          .step = i,
                                          .dy = s.dy,
                                          .dx = s.dx};
            if (status == GD_OK)
                status = gd_run_log_step(r->log, &line, error);
        }
    }
    return status;
}

/* Logs the steps before a resume, so that the log can be replayed. */
static gd_status log_before(const gd_run_state *r, const gd_render_parameters *p, gd_error *error)
{
    gd_render_parameters before = *p;
    gd_status status = GD_OK;
    if (!r->log)
        return GD_OK;
    if (p->frame.seed_each)
        before.seed -= (uint64_t)p->frame.index;
    for (before.frame.index = 0; status == GD_OK && before.frame.index < p->frame.index;
         before.frame.index++) {
        status = log_frame(r, &before, p->octave_end, 0, error);
        before.seed += before.frame.seed_each;
    }
    return status == GD_OK && p->resumed ? log_frame(r, p, p->resume_octave, p->resume_step, error) : status;
}

static gd_status say_idle(gd_run_state *r, const gd_render_parameters *p, gd_error *error)
{
    const int64_t last = (int64_t)(p->octave_end - p->octave_first) * p->steps;
    if (p->steps == 0)
        return GD_OK;
    const gd_extent extent = gd_octave_extent(p, p->octave_end - 1);
    gd_step_parameters s = {.tile = gd_octave_tile(p, r->engine->stride, last - 1), .cuts = p->rules->cuts};
    int64_t tiles = 0;
    gd_status status = gd_octave_halo(p, r->engine, p->octave_end - 1, s.tile, &s.halo, error);
    if (status == GD_OK)
        status = gd_step_tile_count(r->engine, extent.rows, extent.cols, &s, &tiles, error);
    if (status == GD_OK)
        gd_prepare_idle_lines(&r->decision, gd_comm_size(r->comm), gd_comm_node_size(r->comm), r->host_cores,
                              tiles);
    return status;
}

gd_status gd_run_write_text(gd_run_state *r, gd_error *error)
{
    gd_options complete;
    gd_settings_complete(&r->decision.options, &r->decision.settings, &complete);
    char note[GD_RUN_NUMERICS_MAX + 32];
    const gd_frame *frame = &r->parameters->frame;
    snprintf(note, sizeof note, "%s", r->numerics);
    if (frame->count > 0)
        snprintf(note, sizeof note, "frame %d; %s", frame->index, r->numerics);
    if (gd_options_text(&complete, note, r->text, sizeof r->text) == GD_OK)
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "the parameters are too long for the picture's text field; shorten the paths");
}

void gd_run_say_no_gpu(const gd_run_state *r)
{
    const gd_settings *s = &r->decision.settings;
    if (s->remark[GD_SETTING_BACKEND] && !r->decision.options.quiet)
        fprintf(stderr, "gigadream: computing on the processor: %s\n", s->why[GD_SETTING_BACKEND]);
}

void gd_run_say_demoted(const gd_run_state *r)
{
    if (r->demoted[0] && !r->decision.options.quiet)
        fprintf(stderr, "gigadream: %s\n", r->demoted);
}

void gd_run_say_processors(const gd_run_state *r)
{
    if (r->engine->backend->kind && r->decision.processor.words[0] && !r->decision.options.quiet)
        fprintf(stderr, "gigadream: %s\n", r->decision.processor.words);
}

/* Lists automatic settings with their reasons: [2 * *count]. */
static void list_reasons(const gd_settings *s, const char *reasons[2 * GD_SETTING_COUNT], size_t *count)
{
    *count = 0;
    for (int i = 0; i < GD_SETTING_COUNT; i++) {
        if (!s->why[i][0])
            continue;
        reasons[2 * *count] = gd_setting_name(i);
        reasons[2 * (*count)++ + 1] = s->why[i];
    }
}

static gd_status open_log(gd_run_state *r, gd_error *error)
{
    const char *const versions[] = {"gigadream", GD_VERSION, "backend",
                                    r->engine->backend->describe(r->engine->device)};
    const char *reasons[2 * GD_SETTING_COUNT];
    gd_run_log_facts facts = {
        .rows = r->decision.settings.base_rows,
        .cols = r->decision.settings.base_cols,
        .numerics = r->numerics,
        .weights_file = r->decision.objective.count > 0 ? r->decision.files.weights : NULL,
        .weights_checksum = r->engine->checksum,
        .choices = r->engine->backend->decided ? r->engine->backend->decided(r->engine->device) : NULL,
        .guide = r->decision.guide.text,
        .matched = r->decision.options.guide_way == GD_GUIDE_MATCH,
        .demoted = r->demoted[0] ? r->demoted : NULL,
        .versions = versions,
        .version_count = sizeof versions / sizeof versions[0] / 2,
        .reasons = reasons,
        .ranks = gd_comm_size(r->comm)};
    gd_options complete;
    gd_settings_complete(&r->decision.options, &r->decision.settings, &complete);
    list_reasons(&r->decision.settings, reasons, &facts.reason_count);
    return gd_run_log_open(gd_claims_target(r->claims, GD_CLAIM_LOG), &complete, &facts, &r->log, error);
}

gd_status gd_run_open_records(gd_run_state *r, gd_error *error)
{
    const gd_render_parameters *p = r->parameters;
    gd_status status = gd_run_write_text(r, error);
    if (status != GD_OK)
        return status;
    if (r->decision.options.log[0])
        status = open_log(r, error);
    if (status == GD_OK)
        status = log_before(r, p, error);
    if (status == GD_OK) {
        gd_run_say_no_gpu(r);
        gd_run_say_processors(r);
        gd_run_say_demoted(r);
    }
    if (status == GD_OK)
        status = say_idle(r, p, error);
    return status == GD_OK ? begin_progress(r, error) : status;
}

void gd_run_note_between(gd_run_state *r, double seconds)
{
    double *of = r->phases.seconds, others = 0;
    for (int i = 0; i < GD_PHASE_COUNT; i++)
        others += i == GD_PHASE_BETWEEN ? 0 : of[i];
    of[GD_PHASE_BETWEEN] = seconds - others;
}

void gd_run_say_reading(const gd_run_state *r)
{
    if (gd_run_is_root(r) && !r->decision.options.quiet)
        fprintf(stderr, "reading %s\n", r->parameters->input);
}

void gd_run_say_written(const gd_run_state *r, const gd_canvas *canvas, const char *path, double seconds)
{
    const gd_partition *partition = canvas->partition;
    const char *web = r->decision.options.web;
    struct stat info;
    if (!gd_run_is_root(r) || r->decision.options.quiet)
        return;
    if (*path && stat(path, &info) == 0)
        gd_progress_wrote(stderr, path, partition->rows, partition->cols, (int64_t)info.st_size, seconds);
    if (*web)
        fprintf(stderr, "wrote %s; open %s/index.html\n", web, web);
}

/* Rank 0 tells; a long render also says it on the terminal. */
static gd_status tell_end(const gd_run_state *r, const gd_rank_record *ranks, gd_error *error)
{
    const double worth_telling = 60;
    const gd_block_cache *cache = gd_engine_store(r->engine)->cache;
    const gd_run_log_end end = {.phases = &r->phases,
                                .scratch_bytes = cache ? gd_block_cache_moved(cache) : 0,
                                .ranks = ranks,
                                .rank_count = gd_comm_size(r->comm)};
    double all = 0;
    for (int i = 0; i < GD_PHASE_COUNT; i++)
        all += r->phases.seconds[i];
    if (all > worth_telling && !r->decision.options.quiet)
        gd_phases_print(&r->phases, stderr);
    return gd_run_log_finish(r->log, &end, error);
}

gd_status gd_run_tell_phases(const gd_run_state *r, gd_error *error)
{
    gd_rank_record *ranks = NULL;
    gd_status status = gd_rank_records_gather(r->comm, &r->phases, &ranks, error);
    if (status == GD_OK && gd_run_is_root(r))
        status = tell_end(r, ranks, error);
    free(ranks);
    return status;
}
