/* Executes the canvas operations of the walk on pixels: create, free, fill, resample, add. */
#include "dream/execute.h"

#include "dream/mask.h"
#include "dream/tone.h"
#include "dream/update.h"
#include "mpi/agree.h"
#include "transfer/canvas_resample.h"
#include "transfer/canvas_warp.h"
#include "transfer/source.h"
#include "transfer/source_flow.h"
#include "transfer/source_mask.h"

#include <string.h>

void gd_execution_end(gd_execution *x)
{
    for (int i = 0; i < GD_ROLE_COUNT; i++)
        gd_execute_drop(x, i);
}

gd_status gd_execute_create(void *context, gd_canvas_role role, const gd_octave *size, gd_error *error)
{
    return gd_execute_create_part(context, role, 0, (gd_extent){size->rows, size->cols},
                                  (gd_rect){0, 0, size->rows, size->cols}, size->ranks, error);
}

gd_status gd_execute_create_part(gd_execution *x, gd_canvas_role role, int32_t part, gd_extent full,
                                 gd_rect at, int32_t ranks, gd_error *error)
{
    const gd_store *store = gd_engine_store(x->engine);
    gd_canvas **canvas = &x->canvases[role][part];
    const int32_t rank = gd_comm_rank(x->comm);
    const gd_status status = role == GD_ROLE_MASK
                                 ? gd_canvas_create_mask(store, full, at, ranks, rank, canvas, error)
                                 : gd_canvas_create_part(store, full, at, ranks, rank, canvas, error);
    return gd_comm_agree(x->comm, status, error);
}

void gd_execute_drop(void *context, gd_canvas_role role)
{
    gd_execution *x = context;
    for (int32_t i = 0; i < x->parts; i++) {
        gd_canvas_free(x->canvases[role][i]);
        x->canvases[role][i] = NULL;
    }
}

void gd_execute_move(void *context, gd_canvas_role to, gd_canvas_role from)
{
    gd_execution *x = context;
    gd_execute_drop(x, to);
    memcpy(x->canvases[to], x->canvases[from], sizeof x->canvases[to]);
    memset(x->canvases[from], 0, sizeof x->canvases[from]);
}

gd_status gd_execute_fill(void *context, gd_canvas_role role, gd_origin origin, gd_error *error)
{
    gd_execution *x = context;
    const gd_render_parameters *p = x->p;
    gd_canvas *canvas = x->canvases[role][0];
    if (role == GD_ROLE_CANVAS && p->hooks.first)
        return p->hooks.first(p->hooks.context, canvas, origin, error);
    switch (origin) {
    case GD_ORIGIN_FILE:
        return gd_source_file(x->comm, p->input, p->input_folder, p->input_file, canvas, NULL, error);
    case GD_ORIGIN_NOISE:
        return gd_comm_agree(x->comm, gd_source_noise(x->engine, p->seed, canvas, error), error);
    case GD_ORIGIN_MASK:
        return gd_execute_read_mask(x, error);
    case GD_ORIGIN_FLOW:
        return gd_source_flow(x->comm, p->frame.flow, p->frame.picture, canvas, &x->offsets, error);
    case GD_ORIGIN_CHECKPOINT:
        break;
    }
    return gd_fail(error, GD_INTERNAL, "a resumed render has no hook for its first canvas");
}

gd_status gd_execute_resample(void *context, gd_canvas_role to, gd_canvas_role from, gd_error *error)
{
    const gd_execution *x = context;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < x->parts; i++)
        status = gd_canvas_resample(x->comm, x->engine, x->p->rules->resample, x->canvases[from][i],
                                    x->canvases[to][i], error);
    return status;
}

gd_status gd_execute_warp(void *context, gd_canvas_role to, gd_canvas_role from, gd_error *error)
{
    const gd_execution *x = context;
    const gd_frame *frame = &x->p->frame;
    const gd_canvas *old = x->canvases[from][0], *flow = frame->flow ? x->canvases[GD_ROLE_INPUT][0] : NULL;
    gd_warp warp = gd_warp_of(&frame->motion, old->full);
    if (flow)
        warp.offsets = x->offsets;
    return gd_canvas_warp(x->comm, x->engine, &warp, flow, old, x->canvases[to][0], error);
}

gd_status gd_execute_blend_frame(void *context, gd_error *error)
{
    gd_execution *x = context;
    const gd_plane *input = x->canvases[GD_ROLE_INPUT][0]->pixels;
    gd_status status = gd_tone_measure(x->comm, x->engine, input, &x->tone, error);
    if (status != GD_OK)
        return status;
    status =
        gd_mix_planes(x->engine, x->canvases[GD_ROLE_CANVAS][0]->pixels, input, x->p->frame.blend, error);
    return gd_comm_agree(x->comm, status, error);
}

gd_status gd_execute_note_tone(void *context, gd_error *error)
{
    gd_execution *x = context;
    const gd_render_hooks *hooks = &x->p->hooks;
    const gd_status status =
        gd_tone_measure(x->comm, x->engine, x->canvases[GD_ROLE_CANVAS][0]->pixels, &x->tone, error);
    if (status == GD_OK && hooks->toned)
        hooks->toned(hooks->context, &x->tone);
    return status;
}

gd_status gd_execute_keep_tone(void *context, gd_error *error)
{
    const gd_execution *x = context;
    return gd_tone_keep(x->comm, x->engine, x->canvases[GD_ROLE_CANVAS][0]->pixels, &x->tone, error);
}

gd_status gd_execute_clear(void *context, gd_canvas_role role, gd_error *error)
{
    const gd_execution *x = context;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < x->parts; i++)
        status = gd_plane_clear(x->canvases[role][i]->pixels, error);
    return status;
}

gd_status gd_execute_add(void *context, gd_canvas_role to, gd_canvas_role from, float factor, gd_error *error)
{
    const gd_execution *x = context;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < x->parts; i++)
        status =
            gd_update(x->engine, x->canvases[to][i]->pixels, x->canvases[from][i]->pixels, factor, error);
    return status;
}

gd_status gd_execute_read_mask(void *context, gd_error *error)
{
    gd_execution *x = context;
    const gd_render_parameters *p = x->p;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < x->parts; i++)
        status = gd_source_mask(x->comm, p->mask_path, p->input_folder, p->mask,
                                x->canvases[GD_ROLE_OTHER][i], &x->mask_sums[i], error);
    return status;
}

gd_status gd_execute_take_mask(void *context, gd_error *error)
{
    const gd_execution *x = context;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < x->parts; i++)
        status = gd_plane_take_channel(x->canvases[GD_ROLE_MASK][i]->pixels,
                                       x->canvases[GD_ROLE_OTHER][i]->pixels, error);
    return gd_comm_agree(x->comm, status, error);
}

gd_status gd_execute_keep_input(void *context, gd_error *error)
{
    const gd_execution *x = context;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < x->parts; i++)
        status =
            gd_mask_keep(x->engine, x->canvases[GD_ROLE_CANVAS][i]->pixels,
                         x->canvases[GD_ROLE_INPUT][i]->pixels, x->canvases[GD_ROLE_MASK][i]->pixels, error);
    return gd_comm_agree(x->comm, status, error);
}

gd_status gd_execute_blend(void *context, gd_error *error)
{
    const gd_execution *x = context;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < x->parts; i++)
        status = gd_blend_planes(x->engine, x->canvases[GD_ROLE_CANVAS][i]->pixels,
                                 x->canvases[GD_ROLE_INPUT][i]->pixels, &x->p->blend, error);
    return gd_comm_agree(x->comm, status, error);
}

const gd_visitor gd_execute_visitor = {.create = gd_execute_create,
                                       .drop = gd_execute_drop,
                                       .move = gd_execute_move,
                                       .fill = gd_execute_fill,
                                       .resample = gd_execute_resample,
                                       .warp = gd_execute_warp,
                                       .blend_frame = gd_execute_blend_frame,
                                       .note_tone = gd_execute_note_tone,
                                       .keep_tone = gd_execute_keep_tone,
                                       .clear = gd_execute_clear,
                                       .add = gd_execute_add,
                                       .take_mask = gd_execute_take_mask,
                                       .keep_input = gd_execute_keep_input,
                                       .blend = gd_execute_blend};
