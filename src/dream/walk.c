/* The walk over the octaves of a render: calls a visitor for all operations on canvases, in order. */
#include "dream/walk.h"

#include "image/stencil.h"

#include <stdbool.h>

/* The base size, of the picture or the noise. */
static gd_octave base_size(const gd_walk *w)
{
    return (gd_octave){
        .octave = w->p->octave_end, .rows = w->p->base_rows, .cols = w->p->base_cols, .ranks = w->ranks};
}

static bool same_size(const gd_octave *a, const gd_octave *b)
{
    return a->rows == b->rows && a->cols == b->cols;
}

/* Wrappers of the visitor's functions, which may be NULL. */

static gd_status create(const gd_walk *w, gd_canvas_role role, const gd_octave *size, gd_error *error)
{
    return w->visitor->create ? w->visitor->create(w->context, role, size, error) : GD_OK;
}

static void drop(const gd_walk *w, gd_canvas_role role)
{
    if (w->visitor->drop)
        w->visitor->drop(w->context, role);
}

static void move(const gd_walk *w, gd_canvas_role to, gd_canvas_role from)
{
    if (w->visitor->move)
        w->visitor->move(w->context, to, from);
}

static gd_status fill(const gd_walk *w, gd_canvas_role role, gd_origin origin, gd_error *error)
{
    return w->visitor->fill ? w->visitor->fill(w->context, role, origin, error) : GD_OK;
}

static gd_status clear(const gd_walk *w, gd_canvas_role role, gd_error *error)
{
    return w->visitor->clear ? w->visitor->clear(w->context, role, error) : GD_OK;
}

static gd_status add(const gd_walk *w, gd_canvas_role to, gd_canvas_role from, float factor, gd_error *error)
{
    return w->visitor->add ? w->visitor->add(w->context, to, from, factor, error) : GD_OK;
}

static gd_status write(const gd_walk *w, gd_written what, gd_error *error)
{
    return w->visitor->write ? w->visitor->write(w->context, what, error) : GD_OK;
}

typedef gd_status (*octave_event)(void *context, const gd_octave *octave, gd_error *error);

static gd_status tell(const gd_walk *w, octave_event event, const gd_octave *octave, gd_error *error)
{
    return event ? event(w->context, octave, error) : GD_OK;
}

static gd_status tell_all(const gd_walk *w, gd_status (*event)(void *context, gd_error *error),
                          gd_error *error)
{
    return event ? event(w->context, error) : GD_OK;
}

/* Resamples a canvas to another size or number of ranks; does nothing if both are equal. */
static gd_status resample(const gd_walk *w, gd_canvas_role role, const gd_octave *from, const gd_octave *to,
                          gd_error *error)
{
    const bool moves = w->visitor->input && from->octave != to->octave; /* a part */
    if (same_size(from, to) && from->ranks == to->ranks && !moves)
        return GD_OK;
    gd_status status = create(w, GD_ROLE_OTHER, to, error);
    if (status == GD_OK && w->visitor->resample)
        status = w->visitor->resample(w->context, GD_ROLE_OTHER, role, error);
    if (status == GD_OK)
        move(w, role, GD_ROLE_OTHER);
    return status;
}

static gd_status create_filled(const gd_walk *w, gd_canvas_role role, const gd_octave *size, gd_origin origin,
                               gd_error *error)
{
    const gd_status status = create(w, role, size, error);
    return status == GD_OK ? fill(w, role, origin, error) : status;
}

gd_status gd_walk_input(const gd_walk *w, const gd_octave *size, gd_error *error)
{
    const gd_octave base = base_size(w);
    if (w->visitor->input)
        return w->visitor->input(w->context, GD_ROLE_INPUT, size, error);
    if (gd_render_input(w->p) == GD_DETAIL_FILE)
        return create_filled(w, GD_ROLE_INPUT, size, GD_ORIGIN_FILE, error);
    const gd_status status = create_filled(w, GD_ROLE_INPUT, &base, GD_ORIGIN_NOISE, error);
    return status == GD_OK ? resample(w, GD_ROLE_INPUT, &base, size, error) : status;
}

/* Replaces the canvas by half of it. The difference to half of the input is then within [-1, 1] and is not
 * clipped. Since the factors are powers of two, only the sums are rounded, on every device. */
static gd_status halve(const gd_walk *w, const gd_octave *size, gd_error *error)
{
    gd_status status = create(w, GD_ROLE_OTHER, size, error);
    if (status == GD_OK)
        status = clear(w, GD_ROLE_OTHER, error);
    if (status == GD_OK)
        status = add(w, GD_ROLE_OTHER, GD_ROLE_CANVAS, 0.5F, error);
    if (status == GD_OK)
        move(w, GD_ROLE_CANVAS, GD_ROLE_OTHER);
    return status;
}

static gd_status subtract_input(const gd_walk *w, const gd_octave *size, gd_error *error)
{
    gd_status status = gd_walk_input(w, size, error);
    if (status == GD_OK)
        status = add(w, GD_ROLE_CANVAS, GD_ROLE_INPUT, -0.5F, error);
    if (status == GD_OK)
        drop(w, GD_ROLE_INPUT);
    return status;
}

static gd_status add_to_input(const gd_walk *w, const gd_octave *size, gd_error *error)
{
    gd_status status = gd_walk_input(w, size, error);
    if (status == GD_OK)
        status = add(w, GD_ROLE_INPUT, GD_ROLE_CANVAS, 2, error);
    if (status == GD_OK)
        move(w, GD_ROLE_CANVAS, GD_ROLE_INPUT);
    return status;
}

gd_status gd_walk_change(const gd_walk *w, const gd_octave *from, const gd_octave *to, gd_error *error)
{
    const bool detail = w->p->detail != GD_DETAIL_NONE && (to->rows > from->rows || to->cols > from->cols);
    gd_status status = detail ? halve(w, from, error) : GD_OK;
    if (status == GD_OK && detail)
        status = subtract_input(w, from, error);
    if (status == GD_OK)
        status = resample(w, GD_ROLE_CANVAS, from, to, error);
    if (status == GD_OK && detail)
        status = add_to_input(w, to, error);
    return status;
}

/* Changes to the first octave's canvas. If detail comes from the file, the file is read at that size. */
static gd_status change_first(const gd_walk *w, const gd_octave *from, const gd_octave *to, gd_error *error)
{
    if (w->p->detail != GD_DETAIL_FILE || same_size(from, to))
        return gd_walk_change(w, from, to, error);
    drop(w, GD_ROLE_CANVAS);
    const gd_status status = gd_walk_input(w, to, error);
    if (status == GD_OK)
        move(w, GD_ROLE_CANVAS, GD_ROLE_INPUT);
    return status;
}

/* Creates the mask at the canvas's size: it comes as a canvas of three channels, like a picture. */
static gd_status hold_mask(const gd_walk *w, const gd_octave *size, gd_error *error)
{
    gd_status status = create_filled(w, GD_ROLE_OTHER, size, GD_ORIGIN_MASK, error);
    if (status == GD_OK)
        status = create(w, GD_ROLE_MASK, size, error);
    if (status == GD_OK && w->visitor->take_mask)
        status = w->visitor->take_mask(w->context, error);
    if (status == GD_OK)
        drop(w, GD_ROLE_OTHER);
    return status;
}

/* With a mask: it exists afterwards, and the canvas is the input where it is black. */
static gd_status apply_mask(const gd_walk *w, const gd_octave *size, gd_error *error)
{
    if (w->p->masked == GD_DETAIL_NONE)
        return GD_OK;
    gd_status status = hold_mask(w, size, error);
    if (status == GD_OK)
        status = gd_walk_input(w, size, error);
    if (status == GD_OK && w->visitor->keep_input)
        status = w->visitor->keep_input(w->context, error);
    if (status == GD_OK)
        drop(w, GD_ROLE_INPUT);
    return status;
}

static void drop_mask(const gd_walk *w)
{
    if (w->p->masked != GD_DETAIL_NONE)
        drop(w, GD_ROLE_MASK);
}

/* *other: the first step after `step` with another tile size, or steps_end. */
static gd_status find_other_tile(const gd_walk *w, const gd_octave *o, int32_t step, int32_t *other,
                                 gd_error *error)
{
    gd_step_parameters s, next;
    *other = o->steps_end;
    if (w->p->tile.start == w->p->tile.end)
        return GD_OK;
    gd_status status = gd_octave_step(w->p, w->engine, o->octave, step, &s, error);
    for (next = s; status == GD_OK && next.tile == s.tile && step < o->steps_end;)
        if (++step < o->steps_end)
            status = gd_octave_step(w->p, w->engine, o->octave, step, &next, error);
    *other = step;
    return status;
}

static gd_status visit_step(const gd_walk *w, const gd_octave *o, int32_t step, int64_t count,
                            gd_error *error)
{
    gd_step_parameters s;
    const gd_status status = gd_octave_step(w->p, w->engine, o->octave, step, &s, error);
    return status == GD_OK ? w->visitor->step(w->context, o, step, &s, count, error) : status;
}

/* Visits the steps [first, end), which have one tile size; if most_steps limits them, a visited step stands
 * for several. */
static gd_status visit_alike(const gd_walk *w, const gd_octave *o, int32_t first, int32_t end,
                             gd_error *error)
{
    const int64_t steps = end - first, all = o->steps_end - o->step, most = w->visitor->most_steps;
    int64_t visited = most > 0 && all > most ? most * steps / all : steps;
    gd_status status = GD_OK;
    visited = visited > 1 ? visited : 1;
    for (int64_t i = 0; i < visited && status == GD_OK; i++) {
        const int64_t begin = i * steps / visited, next = (i + 1) * steps / visited;
        status = visit_step(w, o, first + (int32_t)begin, next - begin, error);
    }
    return status;
}

static gd_status visit_steps(const gd_walk *w, const gd_octave *o, gd_error *error)
{
    gd_status status = GD_OK;
    for (int32_t step = o->step, next = step; step < o->steps_end && status == GD_OK; step = next) {
        next = step + 1;
        if (w->visitor->most_steps > 0)
            status = find_other_tile(w, o, step, &next, error);
        if (status == GD_OK)
            status = visit_alike(w, o, step, next, error);
    }
    return status;
}

/* Creates what a step shapes gradients with. */
static gd_status hold_shaping(const gd_walk *w, const gd_octave *o, gd_error *error)
{
    gd_status status = gd_render_smooths(w->p) ? create(w, GD_ROLE_SMOOTH, o, error) : GD_OK;
    for (int role = GD_ROLE_HALF; w->p->normalize == GD_NORMALIZE_LAPLACIAN && role < GD_ROLE_COUNT; role++) {
        gd_octave level = *o;
        level.rows = gd_stencil_halved(o->rows, gd_role_halvings((gd_canvas_role)role));
        level.cols = gd_stencil_halved(o->cols, gd_role_halvings((gd_canvas_role)role));
        if (status == GD_OK)
            status = create(w, (gd_canvas_role)role, &level, error);
    }
    return status;
}

static void drop_shaping(const gd_walk *w)
{
    for (int role = GD_ROLE_COUNT - 1; w->p->normalize == GD_NORMALIZE_LAPLACIAN && role >= GD_ROLE_HALF;
         role--)
        drop(w, (gd_canvas_role)role);
    if (gd_render_smooths(w->p))
        drop(w, GD_ROLE_SMOOTH);
}

/* All steps of an octave; the canvas has its size. */
static gd_status dream(const gd_walk *w, const gd_octave *o, gd_error *error)
{
    if (o->step >= o->steps_end)
        return GD_OK;
    gd_status status = create(w, GD_ROLE_OTHER, o, error); /* the gradient */
    if (status == GD_OK)
        status = hold_shaping(w, o, error);
    if (status == GD_OK && w->visitor->step)
        status = visit_steps(w, o, error);
    if (status == GD_OK)
        drop_shaping(w);
    if (status == GD_OK)
        drop(w, GD_ROLE_OTHER);
    return status;
}

/* Size of the canvas that a render begins with: the checkpoint's, if it is resumed; else the base size, or
 * the first octave's size if the input is read at that size anyway and the first canvas is not written. */
static gd_status first_size(const gd_walk *w, gd_octave *size, gd_error *error)
{
    const gd_render_parameters *p = w->p;
    const bool whole = p->detail != GD_DETAIL_FILE || p->output_first;
    *size = base_size(w);
    if (p->resumed)
        return gd_octave_at(p, w->engine, p->resume_octave, w->ranks, size, error);
    if (w->visitor->input)
        return gd_octave_at(p, w->engine, p->octave_first, w->ranks, size, error);
    if (whole)
        return GD_OK;
    const gd_status status = gd_octave_at(p, w->engine, p->octave_first, w->ranks, size, error);
    size->ranks = w->ranks;
    return status;
}

/* Size of the canvas that a render ends with. */
static gd_status last_size(const gd_walk *w, gd_octave *size, gd_error *error)
{
    *size = base_size(w);
    return w->p->final_resize ? GD_OK
                              : gd_octave_at(w->p, w->engine, w->p->octave_end - 1, w->ranks, size, error);
}

static gd_status warp(const gd_walk *w, const gd_octave *size, gd_error *error)
{
    const bool flows = w->p->frame.flow;
    if (!flows && !gd_motion_moves(&w->p->frame.motion))
        return GD_OK;
    gd_status status = flows ? create_filled(w, GD_ROLE_INPUT, size, GD_ORIGIN_FLOW, error) : GD_OK;
    if (status == GD_OK)
        status = create(w, GD_ROLE_OTHER, size, error);
    if (status == GD_OK && w->visitor->warp)
        status = w->visitor->warp(w->context, GD_ROLE_OTHER, GD_ROLE_CANVAS, error);
    if (status == GD_OK)
        move(w, GD_ROLE_CANVAS, GD_ROLE_OTHER);
    if (status == GD_OK && flows)
        drop(w, GD_ROLE_INPUT);
    return status;
}

static gd_status blend_frame(const gd_walk *w, const gd_octave *size, gd_error *error)
{
    gd_status status = create_filled(w, GD_ROLE_INPUT, size, GD_ORIGIN_FILE, error);
    if (status == GD_OK)
        status = tell_all(w, w->visitor->blend_frame, error);
    if (status == GD_OK)
        drop(w, GD_ROLE_INPUT);
    return status;
}

/* Creates the first canvas of a frame from the last one of the frame before. */
static gd_status start_frame(const gd_walk *w, gd_octave *size, gd_error *error)
{
    gd_status status = last_size(w, size, error);
    if (status == GD_OK && w->p->frame.saved)
        status = create_filled(w, GD_ROLE_CANVAS, size, GD_ORIGIN_CHECKPOINT, error);
    if (status == GD_OK)
        status = warp(w, size, error);
    if (status == GD_OK && w->p->frame.inputs)
        status = blend_frame(w, size, error);
    return status == GD_OK ? tell_all(w, w->visitor->keep_tone, error) : status;
}

/* Creates and fills the first canvas, from the input or a checkpoint. */
static gd_status start(const gd_walk *w, gd_octave *size, gd_error *error)
{
    const gd_origin origin = w->p->resumed ? GD_ORIGIN_CHECKPOINT
                             : w->p->input ? GD_ORIGIN_FILE
                                           : GD_ORIGIN_NOISE;
    if (w->p->frame.follows)
        return start_frame(w, size, error);
    gd_status status = first_size(w, size, error);
    if (status != GD_OK)
        return status;
    if (w->visitor->input && !w->p->resumed)
        status = w->visitor->input(w->context, GD_ROLE_CANVAS, size, error);
    else
        status = create_filled(w, GD_ROLE_CANVAS, size, origin, error);
    if (status == GD_OK && w->p->frame.count > 0 && !w->p->resumed)
        status = tell_all(w, w->visitor->note_tone, error);
    return status == GD_OK && w->p->output_first ? write(w, GD_WRITTEN_INPUT, error) : status;
}

/* Visits an octave. *size: the size of the canvas, before and after. */
static gd_status visit_octave(const gd_walk *w, int32_t octave, gd_octave *size, gd_error *error)
{
    const bool first = octave == w->p->octave_first && !w->p->resumed && !w->p->frame.follows;
    gd_octave o;
    gd_status status = gd_octave_at(w->p, w->engine, octave, w->ranks, &o, error);
    if (status == GD_OK)
        status = tell(w, w->visitor->enter, &o, error);
    if (status == GD_OK)
        status = first ? change_first(w, size, &o, error) : gd_walk_change(w, size, &o, error);
    if (status == GD_OK)
        status = apply_mask(w, &o, error);
    if (status == GD_OK)
        status = tell(w, w->visitor->reach, &o, error);
    if (status == GD_OK)
        status = dream(w, &o, error);
    if (status == GD_OK)
        drop_mask(w);
    *size = o;
    return status == GD_OK ? tell(w, w->visitor->leave, &o, error) : status;
}

/* *size: the size of the canvas, before and after. */
static gd_status resize(const gd_walk *w, gd_octave *size, gd_error *error)
{
    const gd_octave base = base_size(w);
    gd_status status = tell(w, w->visitor->enter, &base, error);
    if (status == GD_OK)
        status = gd_walk_change(w, size, &base, error);
    if (status == GD_OK)
        status = apply_mask(w, &base, error);
    if (status == GD_OK)
        drop_mask(w);
    *size = base;
    return status == GD_OK ? tell(w, w->visitor->reach, &base, error) : status;
}

/* The end of a render with --keep-colors or --strength. */
static gd_status blend(const gd_walk *w, const gd_octave *size, gd_error *error)
{
    if (w->p->blended == GD_DETAIL_NONE)
        return GD_OK;
    gd_status status = gd_walk_input(w, size, error);
    if (status == GD_OK && w->visitor->blend)
        status = w->visitor->blend(w->context, error);
    if (status == GD_OK)
        drop(w, GD_ROLE_INPUT);
    return status;
}

/* The input at the size of the result, which stays meanwhile. */
static gd_status write_beside(const gd_walk *w, const gd_octave *size, gd_error *error)
{
    if (w->p->beside == GD_DETAIL_NONE)
        return GD_OK;
    gd_status status = gd_walk_input(w, size, error);
    if (status == GD_OK)
        status = write(w, GD_WRITTEN_BESIDE, error);
    if (status == GD_OK)
        drop(w, GD_ROLE_INPUT);
    return status;
}

/* Visits the octaves before `end`. *size: the size of the canvas afterwards. */
static gd_status visit_octaves(const gd_walk *w, int32_t end, gd_octave *size, gd_error *error)
{
    gd_status status = start(w, size, error);
    if (status == GD_OK)
        status = tell_all(w, w->visitor->begin_steps, error);
    const int32_t first = w->p->resumed ? w->p->resume_octave : w->p->octave_first;
    for (int32_t octave = first; octave < end && status == GD_OK; octave++)
        status = visit_octave(w, octave, size, error);
    return status;
}

static void end_steps(const gd_walk *w)
{
    if (w->visitor->end_steps && gd_render_last(w->p))
        w->visitor->end_steps(w->context);
}

gd_status gd_walk_until(const gd_walk *w, int32_t end, gd_error *error)
{
    gd_octave size;
    const gd_status status = visit_octaves(w, end, &size, error);
    if (status == GD_OK)
        end_steps(w);
    return status;
}

gd_status gd_walk_render(const gd_walk *w, gd_error *error)
{
    gd_octave size;
    gd_status status = visit_octaves(w, w->p->octave_end, &size, error);
    if (status == GD_OK)
        status = tell_all(w, w->visitor->steps_done, error);
    if (status == GD_OK && w->p->final_resize)
        status = resize(w, &size, error);
    if (status == GD_OK)
        status = blend(w, &size, error);
    if (status != GD_OK)
        return status;
    end_steps(w);
    status = write(w, GD_WRITTEN_RESULT, error);
    return status == GD_OK ? write_beside(w, &size, error) : status;
}
