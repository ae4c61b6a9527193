/* Derives a render's parameters, engine and plan from a decision. */
#include "job/parameters.h"

#include "job/prepare.h"
#include "mpi/agree.h"
#include "net/tape.h"
#include "options/enum_names.h"
#include "plan/plan_search.h"
#include "proof/proof_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gd_render_parameters gd_parameters_of(const gd_decision *decision)
{
    const gd_options *o = &decision->options;
    const gd_settings *s = &decision->settings;
    const gd_detail_kind input = gd_options_noise(o) ? GD_DETAIL_NOISE : GD_DETAIL_FILE;
    return (gd_render_parameters){
        .base_rows = s->base_rows,
        .base_cols = s->base_cols,
        .octave_scale = o->octave_scale,
        .octave_first = s->octave_first,
        .octave_end = s->octave_end,
        .steps = o->steps,
        .tile = s->tile,
        .step_size = o->step_size,
        .smooth = o->smooth,
        .tv = o->tv,
        .normalize = o->normalize,
        .halo_kind = o->halo_kind,
        .halo = o->halo,
        .rules = gd_options_rules(o),
        .seed = o->seed,
        .detail = o->keep_detail ? input : GD_DETAIL_NONE,
        .blended = gd_options_blend(o) ? input : GD_DETAIL_NONE,
        .blend = {o->strength, o->keep_colors},
        .masked = gd_options_masked(o) ? input : GD_DETAIL_NONE,
        .beside = *o->web && !o->proof && !gd_options_noise(o) ? GD_DETAIL_FILE : GD_DETAIL_NONE,
        .mask = gd_options_masked(o) ? &decision->mask : NULL,
        .mask_path = o->mask,
        .input = gd_options_noise(o) ? NULL : decision->files.input,
        .input_folder = decision->input_folder,
        .input_file = &decision->input_file,
        .final_resize = o->final_resize,
        .frame = {.count = o->proof ? 0 : o->frames,
                  .seed_each = o->seed_per_frame,
                  .inputs = gd_options_inputs(o),
                  .blend = o->blend,
                  .flow = gd_options_flow(o) ? o->flow : NULL,
                  .motion = gd_options_motion(o)},
        .threads = 1,
        .output = gd_prepare_writer(decision),
        .output_first = decision->files.input_copy[0] != '\0',
        .web = *o->web && !o->proof,
        .web_only = gd_options_tiles_only(o),
    };
}

void gd_parameters_resume(const gd_decision *decision, gd_render_parameters *parameters)
{
    const gd_checkpoint_place *place = &decision->place;
    gd_frame *frame = &parameters->frame;
    if (!*decision->files.resume)
        return;
    const bool written =
        frame->count > 0 && place->octave == parameters->octave_end; /* the frame; the next one begins */
    parameters->resumed = !written;
    parameters->resume_octave = (int32_t)place->octave;
    parameters->resume_step = (int32_t)place->step;
    frame->index = (int32_t)place->frame + written;
    frame->follows = frame->saved = written;
    frame->tone.known = frame->count > 0;
    memcpy(frame->tone.mean, place->mean, sizeof place->mean);
    memcpy(frame->tone.deviation, place->deviation, sizeof place->deviation);
    parameters->seed += frame->seed_each ? (uint64_t)frame->index : 0;
}

gd_status gd_parameters_engine(const gd_decision *decision, int32_t node_rank, int32_t cores, gd_net **net,
                               gd_engine **engine, gd_error *error)
{
    const gd_options *o = &decision->options;
    const bool plans = gd_action_plans(o->action);
    const gd_device_options options = {.precision = decision->settings.precision,
                                       .kind = decision->processor.kind,
                                       .cores = cores,
                                       .place = node_rank,
                                       .loading = &decision->allowance,
                                       .patience = decision->deadline,
                                       .described = o->device[0] ? o->device : NULL};
    *engine = NULL;
    *net = gd_net_create_as(o->architecture, &decision->traits);
    if (!*net)
        return gd_no_memory(error, "the network's table");
    return gd_engine_create(gd_backend_find(gd_enum_text(gd_backend_names, (int)decision->settings.backend)),
                            &options, *net, &decision->objective, plans ? NULL : decision->files.weights,
                            engine, error);
}

gd_status gd_parameters_settle(const gd_engine *engine, gd_transport_kind transport, gd_decision *decision,
                               gd_error *error)
{
    const gd_backend *backend = engine->backend;
    gd_settings_facts facts = {.device = true,
                               .device_precision = backend->precision(engine->device),
                               .device_advice = backend->advice ? backend->advice(engine->device) : NULL,
                               .device_transport = transport};
    gd_status status = GD_OK;
    if (decision->settings.tile.start == 0) {
        const gd_render_parameters parameters = gd_parameters_of(decision);
        status = gd_plan_auto_tile(engine, &parameters, &facts.device_tile, error);
    }
    return status == GD_OK ? gd_settings_resolve(&decision->options, &facts, &decision->settings, error)
                           : status;
}

/* *demotion: what the decision leaves off tensor cores. */
static gd_status decide_shape(const gd_engine *engine, const gd_window_shape *window, bool tune,
                              gd_demotion *demotion, gd_error *error)
{
    const gd_backend *backend = engine->backend;
    gd_tape *tape = NULL;
    *demotion = (gd_demotion){0};
    gd_status status = gd_engine_lower(engine, window, &tape, error);
    if (status == GD_OK)
        status = backend->decide(engine->device, tape, tune, error);
    if (status == GD_OK && backend->demotion)
        status = backend->demotion(engine->device, tape, demotion, error);
    gd_tape_free(tape);
    return status;
}

gd_status gd_parameters_plan(const gd_engine *engine, const gd_decision *decision,
                             const gd_render_parameters *parameters, int32_t ranks, gd_plan **plan,
                             gd_error *error)
{
    gd_proof_geometry way;
    *plan = NULL;
    if (!decision->options.proof)
        return gd_plan_create(engine, parameters, ranks, plan, error);
    gd_status status = gd_proof_geometry_create(engine, parameters, &way, error);
    if (status == GD_OK)
        status = gd_proof_plan_create(engine, parameters, &way, ranks, plan, error);
    gd_proof_geometry_free(&way);
    return status;
}

/* `demoted`: the sentence about the worst window. */
static gd_status decide_all(const gd_engine *engine, const gd_decision *decision, int32_t ranks,
                            char demoted[GD_DEMOTION_WORDS], gd_error *error)
{
    gd_plan *plan = NULL;
    gd_demotion own, worst = {0};
    const gd_render_parameters parameters = gd_parameters_of(decision);
    gd_status status = gd_parameters_plan(engine, decision, &parameters, ranks, &plan, error);
    for (int32_t i = 0; status == GD_OK && i < plan->shapes.count; i++) {
        const gd_window_shape *window = &plan->shapes.shapes[i].window;
        error->message[0] = '\0';
        status = decide_shape(engine, window, decision->options.autotune, &own, error);
        if (status == GD_OK && error->message[0] && !decision->options.quiet)
            fprintf(stderr, "gigadream: %s\n", error->message);
        if (status == GD_OK && gd_demotion_worse(&worst, &own))
            (void)gd_demotion_text(&worst, window->rows, window->cols, demoted);
    }
    gd_plan_free(plan);
    return status;
}

/* Broadcasts rank 0's choices of algorithms to all ranks. */
static gd_status share_record(gd_comm *comm, const gd_engine *engine, gd_error *error)
{
    char *record = NULL;
    gd_status status = gd_comm_share_text(comm, engine->backend->decided(engine->device), &record, error);
    if (status == GD_OK && gd_comm_rank(comm) != 0)
        status = engine->backend->adopt(engine->device, record, error);
    free(record);
    return gd_comm_agree(comm, status, error);
}

gd_status gd_parameters_choose(gd_comm *comm, const gd_engine *engine, const gd_decision *decision,
                               char demoted[GD_DEMOTION_WORDS], gd_error *error)
{
    demoted[0] = '\0';
    if (!engine->backend->decide || decision->options.steps == 0)
        return GD_OK;
    gd_status status = GD_OK;
    if (gd_comm_rank(comm) == 0)
        status = decide_all(engine, decision, gd_comm_size(comm), demoted, error);
    status = gd_comm_agree(comm, status, error);
    return status == GD_OK ? share_record(comm, engine, error) : status;
}
