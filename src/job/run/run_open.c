/* Opens engine and transport, adopts the numerics of a checkpoint, and broadcasts the rolls of a log. */
#include "job/run/run_open.h"

#include "base/apart/apart.h"
#include "job/common_processor.h"
#include "job/memory_check.h"
#include "job/parameters.h"
#include "job/resume.h"
#include "mpi/agree.h"
#include "mpi/distinct.h"
#include "mpi/transport_select.h"
#include "options/enum_names.h"
#include "tiling/halo.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Checks that each rank has its own GPU, unless --share-gpu is given, and selects the transport. */
static gd_status open_transport(gd_run_state *r, gd_error *error)
{
    gd_device_facts facts;
    bool shared = false;
    r->engine->backend->facts(r->engine->device, &facts);
    gd_status status = gd_comm_distinct(r->comm, "GPU", facts.identity,
                                        "start one rank a GPU (Slurm: --ntasks-per-node equal to "
                                        "--gpus-per-node), or allow it with --share-gpu",
                                        r->decision.options.share_gpu ? &shared : NULL, error);
    if (status == GD_OK)
        status = gd_comm_select_transport(
            r->comm, gd_enum_text(gd_transport_names, (int)r->decision.settings.transport),
            gd_engine_memory(r->engine), shared, error);
    return status;
}

static void write_numerics(gd_run_state *r)
{
    const gd_mask *mask = &r->decision.mask;
    char masked[80] = "";
    if (gd_options_masked(&r->decision.options)) /* weights come last: --like looks for them */
        snprintf(masked, sizeof masked, " mask %lldx%lld %08x;", (long long)mask->cols, (long long)mask->rows,
                 (unsigned)mask->crc);
    snprintf(r->numerics, sizeof r->numerics, "gigadream %s; %s; tiling %d;%s weights %s", GD_VERSION,
             r->engine->backend->describe(r->engine->device), GD_TILING_VERSION, masked, r->engine->checksum);
}

/* On rank 0: adopts the checkpoint's convolution algorithms, and checks that all other numerics give the same
 * bits. */
static gd_status adopt_numerics(gd_run_state *r, gd_error *error)
{
    const gd_backend *backend = r->engine->backend;
    if (!gd_run_is_root(r) || !r->checkpoint)
        return GD_OK;
    const char *choices = r->checkpoint->texts[GD_CHECKPOINT_CHOICES];
    gd_status status = GD_OK;
    if (choices[0] && backend->adopt)
        status = backend->adopt(r->engine->device, choices, error);
    if (status != GD_OK)
        return status;
    write_numerics(r);
    return gd_resume_check(r->checkpoint, &r->decision, r->numerics, error);
}

static gd_status settle(gd_run_state *r, gd_error *error)
{
    const gd_enum_name *transport = gd_enum_find(gd_transport_names, gd_comm_transport(r->comm));
    return gd_parameters_settle(r->engine, transport ? (gd_transport_kind)transport->value : GD_TRANSPORT_MPI,
                                &r->decision, error);
}

/* On rank 0, before a device is opened: it may not have what the checkpoint was computed with. */
static gd_status check_processor(const gd_run_state *r, gd_error *error)
{
    const gd_decision *d = &r->decision;
    if (!r->checkpoint)
        return GD_OK;
    return gd_common_processor_check_resume(
        &d->processor, gd_backend_find(gd_enum_text(gd_backend_names, (int)d->settings.backend)),
        r->checkpoint->texts[GD_CHECKPOINT_NUMERICS], d->files.resume, gd_options_restart_hint(&d->options),
        error);
}

gd_status gd_run_open_engine(gd_run_state *r, gd_error *error)
{
    gd_decision *d = &r->decision;
    d->allowance = gd_memory_check_allowance(&d->options, gd_comm_node_size(r->comm));
    gd_status status = gd_comm_agree(r->comm, check_processor(r, error), error);
    if (status == GD_OK)
        status = gd_parameters_engine(d, gd_comm_node_rank(r->comm), d->options.threads, &r->net, &r->engine,
                                      error);
    if (!d->more_follow)
        gd_apart_stop(); /* no other file is read apart */
    if (status == GD_OK)
        status = adopt_numerics(r, error);
    status = gd_comm_agree(r->comm, status, error);
    if (status == GD_OK)
        status = open_transport(r, error);
    if (status == GD_OK)
        status = gd_comm_agree(r->comm, settle(r, error), error);
    if (status == GD_OK)
        status = gd_parameters_choose(r->comm, r->engine, d, r->demoted, error);
    if (status != GD_OK)
        return status;
    write_numerics(r);
    return gd_comm_same(r->comm, "numerics", r->numerics, error);
}

gd_status gd_run_share_replay(gd_run_state *r, gd_error *error)
{
    const gd_settings *s = &r->decision.settings;
    const gd_replay_steps steps = {s->octave_first, s->octave_end, r->decision.options.steps, s->base_rows,
                                   s->base_cols};
    gd_status status = GD_OK;
    if (!r->decision.options.replay[0])
        return GD_OK;
    if (gd_run_is_root(r) && r->checkpoint)
        status = gd_replay_restore(&steps, r->checkpoint->rolls, r->checkpoint->roll_count,
                                   gd_options_restart_hint(&r->decision.options), &r->replay, error);
    else if (gd_run_is_root(r))
        status = gd_replay_open(r->decision.options.replay, &steps, &r->replay, error);
    else if (!(r->replay = calloc(1, sizeof *r->replay)))
        status = gd_no_memory(error, "the rolls of a log");
    status = gd_comm_agree(r->comm, status, error);
    if (status != GD_OK)
        return status;
    int64_t *rolls = r->replay->rolls;
    status = gd_comm_broadcast(r->comm, r->replay, sizeof *r->replay, error);
    const size_t bytes = (size_t)r->replay->count * 2 * sizeof *rolls;
    if (status == GD_OK && !gd_run_is_root(r) && !(rolls = malloc(bytes)))
        status = gd_no_memory(error, "the rolls of a log");
    r->replay->rolls = rolls;
    status = gd_comm_agree(r->comm, status, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(r->comm, rolls, bytes, error);
    return status;
}

gd_status gd_run_count_cores(gd_run_state *r, gd_error *error)
{
    cpu_set_t set;
    uint64_t bits[sizeof set / sizeof(uint64_t)];
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        CPU_SET(0, &set); /* more cores than the set has: count one */
    memcpy(bits, &set, sizeof set);
    gd_status status = gd_comm_node_union(r->comm, bits, sizeof bits / sizeof *bits, error);
    memcpy(&set, bits, sizeof set);
    r->host_cores = CPU_COUNT(&set);
    return status;
}

int32_t gd_run_window_threads(const gd_run_state *r)
{
    int32_t cores = r->host_cores / gd_comm_node_size(r->comm);
    if (r->decision.options.threads > 0 && r->decision.options.threads < cores)
        cores = r->decision.options.threads;
    return r->engine->backend->side_by_side(r->engine->device, cores);
}
