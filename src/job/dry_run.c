/* Plans a render, measures or predicts its time, and prints both, or prints the tape of its largest window.
 */
#include "job/dry_run.h"

#include "base/minmax.h"
#include "dream/octave.h"
#include "job/disks.h"
#include "job/memory_check.h"
#include "job/parameters.h"
#include "job/plan_text.h"
#include "mpi/transport_select.h"
#include "net/tape.h"
#include "tiling/halo_cost.h"

#include <sched.h>
#include <stdio.h>

/* State of a dry run. */
typedef struct dry_run {
    gd_decision *d;
    gd_net *net;           /* owned */
    gd_engine *engine;     /* owned */
    gd_plan *plan;         /* owned */
    gd_proof_geometry way; /* owned; with --proof */
    gd_tape *tape;         /* owned; of the largest window; NULL without steps */
    gd_program *program;   /* owned */
    gd_plan_report report;
    uint64_t resident; /* resident memory at the start, in bytes */
} dry_run;

static gd_status compile_largest(dry_run *p, gd_error *error)
{
    const gd_plan_shape *largest = NULL;
    for (int32_t i = 0; i < p->plan->shapes.count; i++) {
        const gd_plan_shape *s = &p->plan->shapes.shapes[i];
        if (!largest || s->flop > largest->flop)
            largest = s;
    }
    if (!largest)
        return GD_OK;
    gd_status status = gd_engine_lower(p->engine, &largest->window, &p->tape, error);
    if (status == GD_OK)
        status = p->engine->backend->compile(p->engine->device, p->tape, &p->program, error);
    return status;
}

static gd_status note_demoted(dry_run *p, gd_error *error)
{
    const gd_backend *backend = p->engine->backend;
    gd_demotion demotion = {0};
    gd_status status = GD_OK;
    if (backend->demotion)
        status = backend->demotion(p->engine->device, p->tape, &demotion, error);
    (void)gd_demotion_text(&demotion, p->tape->rows, p->tape->cols, p->report.demoted);
    return status;
}

/* Cores of a rank, as in a run: an equal share of the host's, or --threads. */
static int32_t cores_of_rank(const gd_options *o, int32_t node_ranks)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    int32_t cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    cores = cores / node_ranks > 1 ? cores / node_ranks : 1;
    return o->threads > 0 && o->threads < cores ? o->threads : cores;
}

/* The transport that --transport auto would choose. */
static gd_transport_kind transport_of(const dry_run *p, int32_t ranks)
{
    gd_device_facts facts;
    p->engine->backend->facts(p->engine->device, &facts);
    const bool nccl = gd_transport_auto_is_nccl(ranks, facts.total_bytes > 0, p->d->options.share_gpu);
    return nccl ? GD_TRANSPORT_NCCL : GD_TRANSPORT_MPI;
}

/* With several ranks on a host, the measurement uses one rank's share of the cores. */
static gd_status open_engine(dry_run *p, int32_t ranks, int32_t node_ranks, gd_error *error)
{
    const gd_options *o = &p->d->options;
    const int32_t cores = node_ranks > 1 ? cores_of_rank(o, node_ranks) : o->threads;
    const gd_status status = gd_parameters_engine(p->d, 0, cores, &p->net, &p->engine, error);
    return status == GD_OK ? gd_parameters_settle(p->engine, transport_of(p, ranks), p->d, error) : status;
}

/* Checks memory and disks of this host as a run would. */
static gd_status judge(dry_run *p, const gd_render_parameters *parameters, int32_t ranks, int32_t node_ranks,
                       gd_error *error)
{
    gd_plan_report *r = &p->report;
    const gd_need *need = &p->plan->need;
    const gd_budget budget = gd_memory_check_budget(&p->d->options, node_ranks);
    const gd_status status =
        gd_memory_check_find(p->engine, &p->d->options, need, &budget, &r->memory, error);
    if (status == GD_OK &&
        gd_memory_check_refuse(p->engine, parameters, ranks, need, &r->memory, &r->refusal) == GD_OK &&
        gd_disks_check(p->d, &r->memory.fit, r->memory.folder, node_ranks, true, &r->refusal) == GD_OK)
        r->refusal.message[0] = '\0';
    return status;
}

/* The largest octave that is larger than a tile; without one there is no halo. */
static gd_status weigh_halo(dry_run *p, const gd_render_parameters *parameters, gd_error *error)
{
    const gd_engine *engine = p->engine;
    const gd_plan_octave *cut = NULL;
    gd_halo_report *h = &p->report.halo;
    for (int32_t i = 0; i < p->plan->octave_count; i++) {
        const gd_plan_octave *o = &p->plan->octaves[i];
        if (o->tile > 0 && gd_max_i64(o->rows, o->cols) > o->tile)
            cut = o;
    }
    if (!cut || !parameters->rules->halo)
        return GD_OK;
    h->rows = cut->rows;
    h->cols = cut->cols;
    h->halo = cut->halo;
    h->exact = gd_halo(GD_HALO_EXACT, 0, engine->reach, engine->stride, cut->tile, true);
    gd_status status = gd_halo_cost(engine, h->rows, h->cols, cut->tile, h->halo, &h->ratio, error);
    if (status == GD_OK)
        status = gd_halo_cost(engine, h->rows, h->cols, cut->tile, h->exact, &h->exact_ratio, error);
    if (status == GD_USAGE)
        h->exact_ratio = 0;
    return status == GD_USAGE ? GD_OK : status;
}

/* A proof is small: neither memory nor disks are checked. */
static gd_status measure_proof(dry_run *p, const gd_render_parameters *parameters, int32_t node_ranks,
                               gd_error *error)
{
    gd_plan_report *r = &p->report;
    r->way = &p->way;
    r->memory.budget = gd_memory_check_budget(&p->d->options, node_ranks);
    r->memory.fit = (gd_fit){.fits = true, .memory_bytes = p->plan->need.total_bytes};
    return gd_proof_geometry_create(p->engine, parameters, &p->way, error);
}

static gd_status prepare(dry_run *p, int32_t ranks, int32_t node_ranks, gd_error *error)
{
    gd_status status = open_engine(p, ranks, node_ranks, error);
    if (status != GD_OK)
        return status;
    const gd_options *o = &p->d->options;
    gd_render_parameters parameters = gd_parameters_of(p->d);
    gd_parameters_resume(p->d, &parameters);
    parameters.threads = p->engine->backend->side_by_side(p->engine->device, cores_of_rank(o, node_ranks));
    parameters.outside = gd_memory_check_outside(p->d, ranks, p->resident);
    status = gd_parameters_plan(p->engine, p->d, &parameters, ranks, &p->plan, error);
    if (status != GD_OK)
        return status;
    p->report = (gd_plan_report){
        .plan = p->plan, .engine = p->engine, .decision = p->d, .outside = parameters.outside};
    status = o->proof ? measure_proof(p, &parameters, node_ranks, error)
                      : judge(p, &parameters, ranks, node_ranks, error);
    if (status == GD_OK)
        status = weigh_halo(p, &parameters, error);
    if (status == GD_OK)
        status = compile_largest(p, error);
    return status == GD_OK && p->tape ? note_demoted(p, error) : status;
}

static gd_status print(dry_run *p, gd_error *error)
{
    const gd_backend *backend = p->engine->backend;
    if (p->d->options.action == GD_ACTION_DUMP_TAPE) {
        if (!p->program)
            return gd_fail(error, GD_USAGE, "--dump-tape: there is no tape without steps; give a larger -os");
        backend->dump(p->program, p->net, stdout);
        return GD_OK;
    }
    p->report.workspace = p->program ? backend->workspace_bytes(p->program) : 0;
    if (!p->engine->options.described) {
        const gd_status status = gd_estimate_measure(p->engine, p->plan, &p->report.estimate, error);
        if (status != GD_OK)
            return status;
    }
    gd_plan_print(&p->report, stdout);
    return GD_OK;
}

gd_status gd_dry_run(gd_decision *decision, int32_t ranks, int32_t node_ranks, gd_error *error)
{
    dry_run p = {.d = decision, .resident = gd_resident_read().now};
    const bool others = decision->options.ranks > 0;
    gd_status status = prepare(&p, others ? decision->options.ranks : ranks, others ? 1 : node_ranks, error);
    if (status == GD_OK)
        status = print(&p, error);
    if (p.program)
        p.engine->backend->free(p.program);
    gd_tape_free(p.tape);
    gd_plan_free(p.plan);
    gd_proof_geometry_free(&p.way);
    gd_engine_free(p.engine);
    gd_net_free(p.net);
    return status;
}
