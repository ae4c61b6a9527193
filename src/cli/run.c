#include "cli/run.h"

#include "base/clock.h"
#include "cli/keep.h"
#include "cli/names.h"
#include "cli/parameters.h"
#include "cli/phases.h"
#include "cli/preview.h"
#include "cli/progress.h"
#include "cli/proof.h"
#include "cli/resume.h"
#include "cli/room.h"
#include "cli/runlog.h"
#include "cli/stop.h"
#include "cli/text.h"
#include "dream/plan.h"
#include "dream/preview.h"
#include "dream/render.h"
#include "dream/sink.h"
#include "dream/source.h"
#include "dream/step.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 16384, NUMERICS_MAX = 1024 };

/* Ranks wait for each other's windows; no window takes as long as this, on any backend that people wait for.
 */
static const double deadline_seconds = 1800;

typedef struct run {
    gd_comm *comm;
    gd_decision decision; /* with what was left to the backend settled */
    const gd_profile *profile;
    const gd_checkpoint *checkpoint; /* borrowed; rank 0; NULL: not resumed */
    gd_net *net;                     /* owned */
    gd_engine *engine;               /* owned */
    gd_stage *stage;                 /* owned */
    gd_replay *replay;               /* owned */
    gd_runlog *log;                  /* owned; rank 0 */
    gd_keeper *keeper;               /* owned */
    gd_progress progress;
    gd_phases phases;
    int32_t host_cores; /* that some rank of this host may run on */
    uint64_t resident;  /* bytes in memory at the start */
    bool preview_failed;
    char numerics[NUMERICS_MAX];
    char text[TEXT_MAX]; /* for the picture's text field */
} run;

static bool is_root(const run *r)
{
    return gd_comm_rank(r->comm) == 0;
}

/* One rank a GPU, unless sharing was asked for; then what carries pixels between them. */
static gd_status open_transport(run *r, gd_error *error)
{
    gd_device_facts facts;
    bool shared = false;
    r->engine->backend->facts(r->engine->device, &facts);
    gd_status status =
        gd_comm_distinct(r->comm, "GPU", facts.identity,
                         "start one rank a GPU (Slurm: --gpus-per-task=1), or allow it with --share-gpu",
                         r->decision.options.share_gpu ? &shared : NULL, error);
    if (status == GD_OK)
        status =
            gd_comm_use(r->comm, r->decision.options.transport, gd_engine_memory(r->engine), shared, error);
    return status;
}

static void write_numerics(run *r)
{
    snprintf(r->numerics, sizeof r->numerics, "gigadream %s; %s; weights %s", GD_VERSION,
             r->engine->backend->describe(r->engine->device), r->engine->checksum);
}

/* Rank 0: engines as they were chosen when the render began, and all else that touches bits the same. */
static gd_status adopt_numerics(run *r, gd_error *error)
{
    const gd_backend *backend = r->engine->backend;
    if (!is_root(r) || !r->checkpoint)
        return GD_OK;
    const char *choices = r->checkpoint->texts[GD_CHECKPOINT_CHOICES];
    gd_status status = GD_OK;
    if (choices[0] && backend->adopt)
        status = backend->adopt(r->engine->device, choices, error);
    if (status != GD_OK)
        return status;
    write_numerics(r);
    return gd_resume_check(r->checkpoint, r->decision.resume, r->numerics, error);
}

static gd_status open_engine(run *r, gd_error *error)
{
    gd_decision *d = &r->decision;
    gd_status status = gd_parameters_engine(d, gd_comm_node_rank(r->comm), &r->net, &r->engine, error);
    if (status == GD_OK)
        status = gd_parameters_settle_tile(r->engine, d, error);
    if (status == GD_OK)
        status = adopt_numerics(r, error);
    status = gd_comm_agree(r->comm, status, error);
    if (status == GD_OK)
        status = open_transport(r, error);
    if (status == GD_OK)
        status = gd_parameters_choose(r->comm, r->engine, d, error);
    if (status != GD_OK)
        return status;
    d->options.precision = r->engine->backend->precision(r->engine->device);
    write_numerics(r);
    return gd_comm_same(r->comm, "numerics", r->numerics, error);
}

static gd_status share_replay(run *r, gd_error *error)
{
    gd_status status = GD_OK;
    if (!r->decision.options.replay[0])
        return GD_OK;
    if (is_root(r) && r->checkpoint)
        status = gd_replay_restore(&r->decision.options, r->checkpoint->rolls, r->checkpoint->roll_count,
                                   &r->replay, error);
    else if (is_root(r))
        status = gd_replay_open(r->decision.options.replay, &r->decision.options, r->decision.base_rows,
                                r->decision.base_cols, &r->replay, error);
    else if (!(r->replay = calloc(1, sizeof *r->replay)))
        status = gd_fail(error, GD_MEMORY, "out of memory for the rolls of a log");
    status = gd_comm_agree(r->comm, status, error);
    if (status != GD_OK)
        return status;
    int64_t *rolls = r->replay->rolls;
    status = gd_comm_broadcast(r->comm, r->replay, sizeof *r->replay, error);
    const size_t bytes = (size_t)r->replay->count * 2 * sizeof *rolls;
    if (status == GD_OK && !is_root(r) && !(rolls = malloc(bytes)))
        status = gd_fail(error, GD_MEMORY, "out of memory for the rolls of a log");
    r->replay->rolls = rolls;
    status = gd_comm_agree(r->comm, status, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(r->comm, rolls, bytes, error);
    return status;
}

static gd_status replayed_roll(void *context, int32_t octave, int32_t step, int64_t *dy, int64_t *dx,
                               gd_error *error)
{
    const run *r = context;
    (void)error;
    gd_replay_roll(r->replay, octave, step, dy, dx);
    return GD_OK;
}

static gd_wish wish(void *context, int32_t octave, int32_t step)
{
    const run *r = context;
    return gd_keeper_wish(r->keeper, octave, step);
}

static gd_status keep(void *context, const gd_stage *stage, int32_t octave, int32_t step, gd_wish why,
                      gd_error *error)
{
    const run *r = context;
    return gd_keeper_save(r->keeper, stage, octave, step, why, error);
}

/* A preview that cannot be written is a line, once, and the render goes on. */
static gd_status preview(run *r, const gd_step_report *report, gd_error *error)
{
    const gd_options *o = &r->decision.options;
    const int64_t number = gd_preview_number(o, report->octave, report->step);
    gd_writer_options options = {.bits = 8, .profile = r->profile, .text = r->text};
    char path[GD_PATH_MAX], full[GD_PATH_MAX];
    if (number == 0)
        return GD_OK;
    gd_preview_path(o, number, path);
    gd_preview_size(o, r->decision.base_rows, r->decision.base_cols, &options.rows, &options.cols);
    gd_status status = gd_file_kind_of(path, &options.kind, full, sizeof full, error);
    if (status == GD_OK)
        status = gd_preview_file(r->comm, r->engine, r->stage, full, &options, error);
    if (status != GD_USAGE && status != GD_IO && status != GD_MEMORY)
        return status;
    if (is_root(r) && !o->quiet && !r->preview_failed)
        fprintf(stderr, "gigadream: no preview, and the render goes on: %s\n", error->message);
    r->preview_failed = true;
    return GD_OK;
}

static gd_status record_step(run *r, const gd_step_report *report, gd_error *error)
{
    double *seconds = r->phases.seconds;
    seconds[GD_PHASE_COMPUTE] += report->computing - report->updating;
    seconds[GD_PHASE_UPDATE] += report->updating;
    seconds[GD_PHASE_EXCHANGE] += report->seconds - report->computing;
    gd_progress_octave(&r->progress, report->octave, report->rows, report->cols);
    gd_progress_step(&r->progress, report->step, gd_progress_clock());
    return gd_runlog_step(r->log, report->octave, report->step, report->dy, report->dx, report->seconds,
                          report->computing, error);
}

static gd_status note_step(void *context, const gd_step_report *report, gd_error *error)
{
    run *r = context;
    gd_status status = is_root(r) ? record_step(r, report, error) : GD_OK;
    return status == GD_OK ? preview(r, report, error) : status;
}

/* Cores that the ranks of this host may run on, as bound by mpirun, Slurm or taskset. */
static gd_status count_cores(run *r, gd_error *error)
{
    cpu_set_t set;
    uint64_t bits[sizeof set / sizeof(uint64_t)];
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        CPU_SET(0, &set); /* a machine with more cores than the set has room for: rather too few */
    memcpy(bits, &set, sizeof set);
    gd_status status = gd_comm_node_union(r->comm, bits, sizeof bits / sizeof *bits, error);
    memcpy(&set, bits, sizeof set);
    r->host_cores = CPU_COUNT(&set);
    return status;
}

/* Windows computed side by side with this rank's share of cores. */
static int32_t window_threads(const run *r)
{
    int32_t cores = r->host_cores / gd_comm_node_size(r->comm);
    if (r->decision.options.threads > 0 && r->decision.options.threads < cores)
        cores = r->decision.options.threads;
    return r->engine->backend->side_by_side(r->engine->device, cores);
}

static gd_render_parameters parameters_of(run *r)
{
    gd_render_parameters p = gd_parameters_of(&r->decision);
    p.threads = window_threads(r);
    p.resumed = *r->decision.resume;
    p.resume_octave = (int32_t)r->decision.place.octave;
    p.resume_step = (int32_t)r->decision.place.step;
    p.hooks = (gd_render_hooks){.context = r,
                                .step_done = note_step,
                                .roll = r->replay ? replayed_roll : NULL,
                                .wish = wish,
                                .save = keep};
    return p;
}

/* Megapixels times steps of the whole render, or of what is left of it. */
static double total_work(const gd_render_parameters *p)
{
    double work = 0;
    for (int32_t o = p->resumed ? p->resume_octave : p->octave_first; o < p->octave_end; o++)
        work += 1e-6 * (double)gd_octave_extent(p->base_rows, p->octave_scale, o, p->tensorflow) *
                (double)gd_octave_extent(p->base_cols, p->octave_scale, o, p->tensorflow) *
                (p->resumed && o == p->resume_octave ? p->steps - p->resume_step : p->steps);
    return work;
}

/* The lines of steps that were done before, so that the log can be replayed as any other. */
static gd_status log_before(const run *r, const gd_render_parameters *p, gd_error *error)
{
    gd_step_parameters s;
    gd_status status = GD_OK;
    for (int32_t o = p->octave_first; p->resumed && o <= p->resume_octave; o++) {
        const int32_t end = o == p->resume_octave ? p->resume_step : p->steps;
        for (int32_t step = 0; status == GD_OK && step < end; step++) {
            status = gd_render_step(p, r->engine, o, step, &s, error);
            if (status == GD_OK)
                status = gd_runlog_step(r->log, o, step, s.dy, s.dx, -1, -1, error);
        }
    }
    return status;
}

static gd_status say_idle(run *r, const gd_render_parameters *p, gd_error *error)
{
    const int64_t last = (int64_t)(p->octave_end - p->octave_first) * p->steps;
    if (p->steps == 0)
        return GD_OK;
    gd_step_parameters s = {.tile = gd_render_tile(p, r->engine->stride, last - 1),
                            .tensorflow = p->tensorflow};
    s.halo = gd_render_halo(p, r->engine, s.tile);
    int64_t tiles = 0;
    gd_status status = gd_step_tile_count(
        r->engine, gd_octave_extent(p->base_rows, p->octave_scale, p->octave_end - 1, p->tensorflow),
        gd_octave_extent(p->base_cols, p->octave_scale, p->octave_end - 1, p->tensorflow), &s, &tiles, error);
    if (status == GD_OK)
        gd_prepare_idle_lines(&r->decision, gd_comm_size(r->comm), gd_comm_node_size(r->comm), r->host_cores,
                              tiles);
    return status;
}

static gd_status write_text(run *r, gd_error *error)
{
    if (gd_options_text(&r->decision.options, r->numerics, r->text, sizeof r->text) == GD_OK)
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "the parameters are too long for the picture's text field; shorten the paths");
}

static void say_no_gpu(const run *r)
{
    if (r->decision.no_gpu[0] && !r->decision.options.quiet)
        fprintf(stderr, "gigadream: computing on the processor: %s\n", r->decision.no_gpu);
}

/* What rank 0 keeps: the log, the text for the picture, the progress. */
static gd_status open_records(run *r, const gd_render_parameters *p, gd_error *error)
{
    const gd_options *o = &r->decision.options;
    const char *const versions[] = {"gigadream", GD_VERSION, "backend",
                                    r->engine->backend->describe(r->engine->device)};
    gd_status status = write_text(r, error);
    if (status != GD_OK)
        return status;
    const gd_runlog_facts facts = {
        .rows = r->decision.base_rows,
        .cols = r->decision.base_cols,
        .numerics = r->numerics,
        .weights_file = r->decision.objective.count > 0 ? r->decision.weights : NULL,
        .weights_checksum = r->engine->checksum,
        .choices = r->engine->backend->decided ? r->engine->backend->decided(r->engine->device) : NULL,
        .versions = versions,
        .version_count = sizeof versions / sizeof versions[0] / 2,
        .ranks = gd_comm_size(r->comm)};
    if (o->log[0])
        status = gd_runlog_open(o->log, o, &facts, &r->log, error);
    if (status == GD_OK)
        status = log_before(r, p, error);
    if (status == GD_OK)
        say_no_gpu(r);
    if (status == GD_OK)
        status = say_idle(r, p, error);
    if (status == GD_OK)
        gd_progress_begin(&r->progress, gd_progress_mode_of(o->quiet, stderr), stderr, o->octave_first,
                          o->octave_end, o->steps, total_work(p), gd_progress_clock());
    return status;
}

/* The octave's canvas, from the checkpoint. */
static gd_status restore_canvas(run *r, const gd_render_parameters *p, gd_error *error)
{
    const gd_checkpoint_place *place = &r->decision.place;
    const int64_t rows = gd_octave_extent(p->base_rows, p->octave_scale, p->resume_octave, p->tensorflow);
    const int64_t cols = gd_octave_extent(p->base_cols, p->octave_scale, p->resume_octave, p->tensorflow);
    int32_t ranks = 0;
    gd_status status = GD_OK;
    if (rows != place->rows || cols != place->cols || p->resume_octave < p->octave_first ||
        p->resume_octave >= p->octave_end || p->resume_step < 0 || p->resume_step > p->steps)
        status = gd_fail(error, GD_USAGE,
                         "the checkpoint %s does not fit its own parameters; start anew with --restart",
                         r->decision.resume);
    if (status == GD_OK)
        status = gd_render_ranks(p, r->engine, p->resume_octave, gd_comm_size(r->comm), &ranks, error);
    if (status == GD_OK)
        status = gd_stage_create(r->comm, gd_engine_store(r->engine), rows, cols, ranks, &r->stage, error);
    status = gd_comm_agree(r->comm, status, error);
    if (status == GD_OK)
        status = gd_checkpoint_read(r->comm, r->decision.resume, r->checkpoint, r->stage->canvas, error);
    return status;
}

static gd_status fill_new_canvas(run *r, gd_error *error)
{
    gd_status status = gd_stage_create(r->comm, gd_engine_store(r->engine), r->decision.base_rows,
                                       r->decision.base_cols, gd_comm_size(r->comm), &r->stage, error);
    status = gd_comm_agree(r->comm, status, error);
    if (status != GD_OK)
        return status;
    if (gd_options_noise(&r->decision.options)) {
        status = gd_source_noise(r->engine, r->decision.options.seed, r->stage, error);
        return gd_comm_agree(r->comm, status, error);
    }
    return gd_source_file(r->comm, r->decision.options.input, r->stage, &r->phases.seconds[GD_PHASE_READ],
                          error);
}

static gd_status fill_canvas(run *r, const gd_render_parameters *p, gd_error *error)
{
    double *seconds = r->phases.seconds;
    const double start = gd_clock();
    const gd_status status = p->resumed ? restore_canvas(r, p, error) : fill_new_canvas(r, error);
    seconds[GD_PHASE_SCATTER] = gd_clock() - start - seconds[GD_PHASE_READ];
    return status;
}

static gd_status save(run *r, const char *path, gd_error *error)
{
    gd_writer_options options = gd_prepare_writer(&r->decision);
    options.profile = r->profile;
    options.text = r->text;
    const double start = gd_clock();
    const gd_status status = gd_sink_file(r->comm, r->engine, r->stage, path, &options, error);
    r->phases.seconds[GD_PHASE_WRITE] += gd_clock() - start;
    return status;
}

static gd_status open_keeper(run *r, const atomic_bool *stop, gd_error *error)
{
    const gd_backend *backend = r->engine->backend;
    const gd_keep_facts facts = {.numerics = r->numerics,
                                 .choices = backend->decided ? backend->decided(r->engine->device) : NULL,
                                 .rolls = r->replay ? r->replay->rolls : NULL,
                                 .roll_count = r->replay ? r->replay->count : 0,
                                 .profile = r->profile};
    return gd_keeper_create(r->comm, &r->decision, &facts, stop, &r->keeper, error);
}

/* What stands under the log's name is replaced only when the first canvas is there. */
static gd_status begin(run *r, const gd_render_parameters *p, gd_error *error)
{
    gd_status status = gd_room_take(r->comm, r->engine, &r->decision, p, r->resident, error);
    if (status == GD_OK)
        status = gd_plan_reserve(r->comm, r->engine, p, error);
    if (status == GD_OK)
        status = open_keeper(r, p->hooks.stop, error);
    if (status == GD_OK)
        status = fill_canvas(r, p, error);
    if (status != GD_OK)
        return status;
    status = is_root(r) ? open_records(r, p, error) : GD_OK;
    return gd_comm_agree(r->comm, status, error);
}

/* What the whole of the octaves took beyond their steps. */
static void note_between(run *r, double seconds)
{
    double *of = r->phases.seconds;
    of[GD_PHASE_BETWEEN] = seconds - of[GD_PHASE_COMPUTE] - of[GD_PHASE_UPDATE] - of[GD_PHASE_EXCHANGE];
}

/* Of a render that people have waited for, on the screen too. */
static gd_status tell_phases(const run *r, gd_error *error)
{
    const double worth_telling = 60;
    double all = 0;
    if (!is_root(r))
        return GD_OK;
    for (int i = 0; i < GD_PHASE_COUNT; i++)
        all += r->phases.seconds[i];
    if (all > worth_telling && !r->decision.options.quiet)
        gd_phases_print(&r->phases, stderr);
    const gd_scratch *scratch = gd_engine_store(r->engine)->scratch;
    return gd_runlog_phases(r->log, &r->phases, scratch ? gd_scratch_moved(scratch) : 0, error);
}

static gd_status render(run *r, gd_error *error)
{
    gd_render_parameters p = parameters_of(r);
    p.hooks.stop = gd_stop_watch();
    gd_status status = gd_resume_input(r->comm, &r->decision, error);
    if (status == GD_OK)
        status = begin(r, &p, error);
    if (status == GD_OK && r->decision.input_copy[0])
        status = save(r, r->decision.input_copy, error);
    const double start = gd_clock();
    if (status == GD_OK)
        status = gd_render(r->comm, r->engine, &p, &r->stage, error);
    note_between(r, gd_clock() - start);
    if (status == GD_OK)
        status = save(r, r->decision.output, error);
    if (status == GD_OK)
        gd_keeper_done(r->keeper);
    if (is_root(r))
        gd_progress_end(&r->progress, gd_progress_clock());
    return status == GD_OK ? tell_phases(r, error) : status;
}

/* Nothing is logged, saved on its way or shown in previews. */
static gd_status proof(run *r, gd_error *error)
{
    const gd_render_parameters p = parameters_of(r);
    gd_status status = GD_OK;
    if (is_root(r)) {
        say_no_gpu(r);
        status = write_text(r, error);
    }
    status = gd_comm_agree(r->comm, status, error);
    return status == GD_OK ? gd_proof_make(r->comm, r->engine, &r->decision, &p, r->profile, r->text, error)
                           : status;
}

gd_status gd_run(gd_comm *comm, const gd_decision *decision, const gd_profile *profile,
                 const gd_checkpoint *checkpoint, gd_error *error)
{
    run *r = calloc(1, sizeof *r);
    gd_status status = r ? GD_OK : gd_fail(error, GD_MEMORY, "out of memory for a render");
    status = gd_comm_agree(comm, status, error);
    if (status != GD_OK) {
        free(r);
        return status;
    }
    r->comm = comm;
    r->decision = *decision;
    r->profile = profile;
    r->checkpoint = checkpoint;
    gd_comm_set_deadline(comm, decision->deadline > 0 ? decision->deadline : deadline_seconds);
    r->resident = gd_resident_read().now;
    status = open_engine(r, error);
    if (status == GD_OK)
        status = count_cores(r, error);
    if (status == GD_OK)
        status = share_replay(r, error);
    if (status == GD_OK)
        status = decision->options.proof ? proof(r, error) : render(r, error);
    gd_error late;
    const gd_status closed = gd_runlog_close(&r->log, &late);
    if (status == GD_OK && closed != GD_OK) {
        status = closed;
        *error = late;
    }
    gd_keeper_free(r->keeper);
    gd_replay_free(r->replay);
    gd_stage_free(r->stage);
    gd_engine_free(r->engine);
    gd_net_free(r->net);
    free(r);
    return status;
}
