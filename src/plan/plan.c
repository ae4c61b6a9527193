#include "plan/plan.h"

#include "dream/octave.h"
#include "image/resample.h"
#include "plan/plan_planes.h"
#include "plan/plan_tape.h"
#include "plan/traffic.h"
#include "tiling/tile_assignment.h"
#include "transfer/bands.h"
#include "transfer/columns.h"
#include "transfer/resample_cut.h"

#include <stdlib.h>

typedef struct walk {
    const gd_engine *engine;
    const gd_render_parameters *p;
    gd_plan *plan;
    gd_traffic traffic;        /* owned */
    gd_partition *partition;   /* owned; of the canvas as it is */
    gd_plan_planes planes;     /* owned */
    gd_window *windows;        /* owned; [window_room] */
    gd_resample_piece *pieces; /* owned; [window_room] */
    size_t window_room;
    gd_wave_buffers room; /* of the waves' windows, as the render holds them */
    int32_t wave_ranks;   /* the first so many ranks have them */
} walk;

static gd_status hold_windows(walk *w, size_t tiles, gd_error *error)
{
    const size_t count = tiles * (size_t)w->plan->ranks;
    if (count <= w->window_room)
        return GD_OK;
    free(w->windows);
    free(w->pieces);
    w->windows = calloc(count, sizeof *w->windows);
    w->pieces = calloc(count, sizeof *w->pieces);
    w->window_room = count;
    if (w->windows && w->pieces)
        return GD_OK;
    return gd_fail(error, GD_MEMORY, "out of memory for the plan of %zu windows", count);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The sources of a wave beside the windows that a rank holds still. */
static uint64_t source_bytes(const walk *w, size_t count)
{
    uint64_t sum = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        const int32_t rank = w->windows[i].rank;
        if (i > 0 && rank != w->windows[i - 1].rank)
            sum = 0;
        sum += (uint64_t)gd_resample_source_floats(w->windows[i].rect) * sizeof(float);
        most = larger(most, sum + (rank < w->wave_ranks ? gd_wave_buffers_bytes(&w->room) : 0));
    }
    return most;
}

/* What is held of windows while some messages travel, the largest of which have been counted since
 * begin_moving. */
static uint64_t begin_moving(walk *w)
{
    const uint64_t most = w->traffic.most;
    w->traffic.most = 0;
    return most;
}

static void end_moving(walk *w, uint64_t windows, uint64_t most_before)
{
    gd_plan *plan = w->plan;
    plan->bytes[GD_FOR_WINDOWS] = larger(plan->bytes[GD_FOR_WINDOWS], windows);
    plan->moving_bytes = larger(plan->moving_bytes, windows + w->traffic.most);
    w->traffic.most = larger(w->traffic.most, most_before);
}

static uint64_t held_bytes(const walk *w)
{
    return w->wave_ranks > 0 ? gd_wave_buffers_bytes(&w->room) : 0;
}

static gd_status walk_waves(walk *w, const gd_partition *from, const gd_partition *to,
                            const gd_resampler *rows, const gd_resampler *cols, gd_error *error)
{
    const gd_resample_cut cut = gd_resample_cut_create(to, rows, cols);
    const uint64_t most = begin_moving(w);
    uint64_t windows = held_bytes(w);
    gd_status status = hold_windows(w, (size_t)cut.wave_pieces, error);
    for (int64_t wave = 0; wave < cut.waves && status == GD_OK; wave++) {
        const size_t count = gd_resample_cut_wave(&cut, wave, w->windows, w->pieces);
        if (rows)
            windows = larger(windows, source_bytes(w, count));
        status = gd_traffic_add(&w->traffic, from, w->windows, count, true, error);
    }
    end_moving(w, windows, most);
    return status;
}

/* As gd_canvas_resample, for the plane `from`, by way of `spare`. */
static gd_status walk_resample(walk *w, gd_plane_role from, const gd_partition *old, gd_plane_role spare,
                               const gd_partition *to, gd_error *error)
{
    const bool same = old->rows == to->rows && old->cols == to->cols;
    const gd_resample_kind kind = w->p->rules->resample;
    gd_resampler *row_taps = NULL, *col_taps = NULL;
    gd_status status = GD_OK;
    if (same && old->ranks == to->ranks)
        return GD_OK;
    if (!same)
        status = gd_resampler_create(kind, old->rows, to->rows, &row_taps, error);
    if (status == GD_OK && !same)
        status = gd_resampler_create(kind, old->cols, to->cols, &col_taps, error);
    if (status == GD_OK)
        status = walk_waves(w, old, to, row_taps, col_taps, error);
    gd_plan_planes_place(&w->planes, spare, to);
    gd_plan_planes_become(&w->planes, from, spare);
    gd_resampler_free(row_taps);
    gd_resampler_free(col_taps);
    return status;
}

/* As the stepper holds its buffers. */
static void hold_waves(walk *w, const gd_tile_assignment *assignment)
{
    const gd_wave_buffers room = gd_wave_buffers_of(assignment, w->p->threads);
    if (!gd_wave_buffers_serve(&w->room, &room)) {
        w->room = room;
        w->wave_ranks = 0;
    }
    w->wave_ranks = assignment->ranks > w->wave_ranks ? assignment->ranks : w->wave_ranks;
}

static void note_step(gd_plan_octave *o, const gd_step_parameters *s, const gd_tile_assignment *assignment,
                      int32_t wave_tiles)
{
    o->tile = s->tile > o->tile ? s->tile : o->tile;
    o->smallest_tile = o->smallest_tile == 0 || s->tile < o->smallest_tile ? s->tile : o->smallest_tile;
    o->halo = s->halo > o->halo ? s->halo : o->halo;
    o->tiles = assignment->tile_count > o->tiles ? assignment->tile_count : o->tiles;
    o->wave_tiles = wave_tiles > o->wave_tiles ? wave_tiles : o->wave_tiles;
}

/* A step that stands for `count` steps, of which another may have larger messages. */
static gd_status walk_step(walk *w, gd_plan_octave *o, int32_t step, int64_t count, gd_error *error)
{
    gd_step_parameters s;
    gd_tile_assignment assignment = {0};
    gd_status status = gd_render_step(w->p, w->engine, o->octave, step, &s, error);
    if (status == GD_OK)
        status = gd_tile_assignment_create(w->engine, o->rows, o->cols, o->ranks, &s, &assignment, error);
    if (status != GD_OK)
        return status;
    hold_waves(w, &assignment);
    const int32_t tiles = w->room.tiles[0];
    note_step(o, &s, &assignment, tiles);
    for (int64_t i = 0; i < assignment.tile_count && status == GD_OK; i++) {
        const gd_rect window = assignment.tiles[i].window;
        status = gd_plan_count(&o->shapes, (int32_t)window.rows, (int32_t)window.cols, count, error);
    }
    const uint64_t most = begin_moving(w), sent = w->traffic.sent;
    if (status == GD_OK)
        status = gd_traffic_add_gathers(&w->traffic, w->partition, &assignment, &s, tiles, error);
    if (status == GD_OK)
        status = gd_traffic_add_scatters(&w->traffic, w->partition, &assignment, &s, tiles, error);
    w->traffic.sent += (uint64_t)(count - 1) * (w->traffic.sent - sent);
    w->traffic.most += count > 1 ? w->traffic.most / 8 : 0;
    end_moving(w, held_bytes(w), most);
    gd_tile_assignment_free(&assignment);
    return status;
}

/* The first step after `step` whose tiles are of another size. */
static gd_status find_other_tile(const walk *w, const gd_plan_octave *o, int32_t step, int32_t *other,
                                 gd_error *error)
{
    const gd_render_parameters *p = w->p;
    gd_step_parameters s, next;
    *other = p->steps;
    if (p->tile.start == p->tile.end)
        return GD_OK;
    gd_status status = gd_render_step(p, w->engine, o->octave, step, &s, error);
    for (next = s; status == GD_OK && next.tile == s.tile && step < p->steps;)
        if (++step < p->steps)
            status = gd_render_step(p, w->engine, o->octave, step, &next, error);
    *other = step;
    return status;
}

/* Steps with tiles of one size differ in their rolls, and so in what ranks send each other. One rank sends
 * nothing; of many steps some stand for all. */
static gd_status walk_alike(walk *w, gd_plan_octave *o, int32_t first, int32_t end, gd_error *error)
{
    const int64_t steps = end - first;
    int64_t walked = steps;
    gd_status status = GD_OK;
    if (w->plan->ranks == 1)
        walked = 1;
    else if (o->steps > GD_PLAN_STEPS_WALKED)
        walked = GD_PLAN_STEPS_WALKED * steps / o->steps;
    walked = walked > 1 ? walked : 1;
    for (int64_t i = 0; i < walked && status == GD_OK; i++) {
        const int64_t begin = i * steps / walked, next = (i + 1) * steps / walked;
        status = walk_step(w, o, first + (int32_t)begin, next - begin, error);
    }
    return status;
}

static gd_status walk_steps(walk *w, gd_plan_octave *o, int32_t first, gd_error *error)
{
    gd_status status = GD_OK;
    for (int32_t step = first, other = first; step < w->p->steps && status == GD_OK; step = other) {
        status = find_other_tile(w, o, step, &other, error);
        if (status == GD_OK)
            status = walk_alike(w, o, step, other, error);
    }
    return status;
}

/* A picture on its way into a TIFF. */
static gd_status add_strips(walk *w, const gd_partition *partition, gd_error *error)
{
    gd_writer_options output = w->p->output;
    output.rows = partition->rows;
    output.cols = partition->cols;
    const gd_column_cut cut = gd_column_cut_create(&output, w->plan->ranks);
    gd_status status = hold_windows(w, 1, error);
    for (int64_t y = 0; y < cut.rows && status == GD_OK; y += cut.band)
        status = gd_traffic_add(&w->traffic, partition, w->windows, gd_strips_list(&cut, y, w->windows), true,
                                error);
    return status;
}

static gd_status add_bands(walk *w, const gd_partition *partition, bool in, gd_error *error)
{
    gd_status status = GD_OK;
    for (int64_t y = 0; y < partition->rows && status == GD_OK; y += GD_BLOCK) {
        const int64_t rows = partition->rows - y < GD_BLOCK ? partition->rows - y : GD_BLOCK;
        const gd_window band = {.rect = {y, 0, rows, partition->cols}, .rank = 0};
        status = gd_traffic_add(&w->traffic, partition, &band, 1, !in, error);
    }
    return status;
}

static gd_status add_picture(walk *w, const gd_partition *partition, bool in, gd_error *error)
{
    const bool strips = !in && w->p->output.bits > 0 && w->p->output.kind == GD_FILE_TIFF;
    return strips ? add_strips(w, partition, error) : add_bands(w, partition, in, error);
}

/* A picture on its way between rank 0 and a plane, beside the windows that rank 0 holds. In the host's memory
 * it is counted apart where no windows are held: then there are no tensors either. */
static gd_status walk_bands(walk *w, const gd_partition *partition, bool in, gd_error *error)
{
    const bool host = w->plan->device.total_bytes == 0, apart = host && w->wave_ranks == 0;
    const uint64_t bytes = gd_bands_bytes(host ? GD_MEMORY_HOST : GD_MEMORY_DEVICE, partition->cols);
    const uint64_t most = begin_moving(w);
    gd_plan_pass *pass = in ? &w->plan->read : &w->plan->write;
    gd_status status = add_picture(w, partition, in, error);
    if (!apart) {
        if (status == GD_OK && !in) /* previews go in bands */
            status = add_bands(w, partition, in, error);
        end_moving(w, bytes + held_bytes(w) + (host ? w->p->outside.reader : 0), most);
        return status;
    }
    pass->planes = larger(pass->planes, gd_plan_planes_now(&w->planes, 0));
    const uint64_t windows = in ? 0 : w->p->outside.writer_windows;
    pass->band = larger(pass->band, windows > 0 ? windows : bytes);
    pass->messages = larger(pass->messages, w->traffic.most);
    w->traffic.most = most;
    return status;
}

/* As gd_detail_input, which makes the plane GD_ROLE_INPUT, by way of GD_ROLE_OTHER. */
static gd_status walk_input(walk *w, const gd_partition *to, gd_error *error)
{
    const gd_render_parameters *p = w->p;
    gd_partition *base = NULL;
    if (p->detail == GD_DETAIL_FILE) {
        gd_plan_planes_place(&w->planes, GD_ROLE_INPUT, to);
        return walk_bands(w, to, true, error);
    }
    gd_status status = gd_partition_create(p->base_rows, p->base_cols, w->plan->ranks, &base, error);
    if (status != GD_OK)
        return status;
    gd_plan_planes_place(&w->planes, GD_ROLE_INPUT, base);
    status = walk_resample(w, GD_ROLE_INPUT, base, GD_ROLE_OTHER, to, error);
    gd_partition_free(base);
    return status;
}

/* As gd_detail_enlarge. */
static gd_status walk_enlarge(walk *w, const gd_partition *to, gd_error *error)
{
    gd_plan_planes_place(&w->planes, GD_ROLE_OTHER, w->partition); /* half of the canvas */
    gd_plan_planes_become(&w->planes, GD_ROLE_CANVAS, GD_ROLE_OTHER);
    gd_status status = walk_input(w, w->partition, error);
    gd_plan_planes_drop(&w->planes, GD_ROLE_INPUT);
    if (status == GD_OK)
        status = walk_resample(w, GD_ROLE_CANVAS, w->partition, GD_ROLE_OTHER, to, error);
    if (status == GD_OK)
        status = walk_input(w, to, error);
    gd_plan_planes_become(&w->planes, GD_ROLE_CANVAS, GD_ROLE_INPUT);
    return status;
}

static gd_status walk_begin(walk *w, const gd_partition *to, gd_error *error)
{
    gd_plan_planes_drop(&w->planes, GD_ROLE_CANVAS);
    const gd_status status = walk_input(w, to, error);
    gd_plan_planes_become(&w->planes, GD_ROLE_CANVAS, GD_ROLE_INPUT);
    return status;
}

/* From one canvas to the next; *sent: bytes of all ranks. */
static gd_status walk_change(walk *w, int64_t rows, int64_t cols, int32_t ranks, bool first, uint64_t *sent,
                             gd_error *error)
{
    const bool larger = rows > w->partition->rows || cols > w->partition->cols;
    const bool same = rows == w->partition->rows && cols == w->partition->cols;
    const gd_detail_kind detail = w->p->detail;
    const uint64_t before = w->traffic.sent;
    gd_partition *to = NULL;
    gd_status status = gd_partition_create(rows, cols, ranks, &to, error);
    if (status != GD_OK)
        return status;
    if (first && detail == GD_DETAIL_FILE && !same)
        status = walk_begin(w, to, error);
    else if (larger && detail != GD_DETAIL_NONE)
        status = walk_enlarge(w, to, error);
    else
        status = walk_resample(w, GD_ROLE_CANVAS, w->partition, GD_ROLE_OTHER, to, error);
    *sent = w->traffic.sent - before;
    gd_partition_free(w->partition);
    w->partition = to;
    return status;
}

static gd_status walk_octave(walk *w, gd_plan_octave *o, gd_error *error)
{
    const gd_render_parameters *p = w->p;
    gd_status status = gd_render_ranks(p, w->engine, o->octave, w->plan->ranks, &o->ranks, error);
    const gd_extent extent = gd_octave_extent(p, o->octave);
    o->rows = extent.rows;
    o->cols = extent.cols;
    if (status == GD_OK)
        status = walk_change(w, o->rows, o->cols, o->ranks, o->octave == p->octave_first && !p->resumed,
                             &o->change_bytes, error);
    if (status != GD_OK)
        return status;
    if (p->steps > 0)
        gd_plan_planes_place(&w->planes, GD_ROLE_OTHER, w->partition); /* the gradient */
    gd_plan_planes_drop(&w->planes, GD_ROLE_OTHER);
    const uint64_t before = w->traffic.sent;
    const int32_t first = p->resumed && o->octave == p->resume_octave ? p->resume_step : 0;
    o->parts = 1;
    o->steps = p->steps - first;
    status = walk_steps(w, o, first, error);
    o->sent_bytes = w->traffic.sent - before;
    for (int32_t i = 0; i < o->shapes.count && status == GD_OK; i++) {
        const gd_plan_shape *s = &o->shapes.shapes[i];
        status = gd_plan_count(&w->plan->shapes, s->rows, s->cols, s->windows, error);
    }
    w->plan->sent_bytes += o->change_bytes + o->sent_bytes;
    return status;
}

/* The first canvas: the picture's, or the octave's of a checkpoint. */
static gd_status walk_start(walk *w, gd_error *error)
{
    const gd_render_parameters *p = w->p;
    const int32_t octave = p->resume_octave;
    int64_t rows, cols;
    int32_t ranks = w->plan->ranks;
    gd_status status = GD_OK;
    gd_render_first_size(p, &rows, &cols);
    if (p->resumed) {
        const gd_extent extent = gd_octave_extent(p, octave);
        rows = extent.rows;
        cols = extent.cols;
        status = gd_render_ranks(p, w->engine, octave, ranks, &ranks, error);
    }
    if (status == GD_OK)
        status = gd_partition_create(rows, cols, ranks, &w->partition, error);
    if (status != GD_OK)
        return status;
    gd_plan_planes_place(&w->planes, GD_ROLE_CANVAS, w->partition);
    status = p->resumed ? GD_OK : walk_bands(w, w->partition, true, error);
    return status == GD_OK && p->output_first ? walk_bands(w, w->partition, false, error) : status;
}

static gd_status walk_render(walk *w, gd_error *error)
{
    const gd_render_parameters *p = w->p;
    gd_plan *plan = w->plan;
    gd_status status = walk_start(w, error);
    for (int32_t i = 0; i < plan->octave_count && status == GD_OK; i++) {
        plan->octaves[i].octave = (p->resumed ? p->resume_octave : p->octave_first) + i;
        status = walk_octave(w, &plan->octaves[i], error);
    }
    if (status == GD_OK && p->final_resize)
        status = walk_change(w, p->base_rows, p->base_cols, plan->ranks, false, &plan->final_bytes, error);
    w->wave_ranks = 0; /* the stepper is gone */
    if (status == GD_OK)
        status = walk_bands(w, w->partition, false, error);
    return status;
}

/* In the host's memory tensors and windows come and go between the two passes of the picture. */
static void sum_host(gd_plan *plan, const gd_outside *outside)
{
    const uint64_t *bytes = plan->bytes, always = outside->base + plan->filter_bytes;
    const uint64_t steps = bytes[GD_FOR_TENSORS] + plan->moving_bytes + outside->preview;
    const uint64_t in = plan->read.band + plan->read.messages + outside->reader;
    const uint64_t out = plan->write.band + plan->write.messages + outside->writer;
    plan->need.beside_bytes = always + larger(steps, larger(in, out));
    plan->need.total_bytes = always + larger(bytes[GD_FOR_PLANES] + steps,
                                             larger(plan->read.planes + in, plan->write.planes + out));
}

static void sum_up(walk *w)
{
    gd_plan *plan = w->plan;
    const bool own = plan->device.total_bytes > 0;
    uint64_t slots = 0;
    for (int32_t r = 0; r < plan->ranks; r++) {
        plan->bytes[GD_FOR_PLANES] =
            larger(plan->bytes[GD_FOR_PLANES], own ? w->planes.bytes[r].end : w->planes.bytes[r].sum);
        slots = larger(slots, w->planes.slots[r].end);
    }
    plan->need.plane_slots = (int64_t)slots;
    plan->bytes[GD_FOR_MESSAGES] = w->traffic.most;
    plan->sent_bytes += plan->final_bytes;
    plan->need.total_bytes = plan->filter_bytes + plan->device.fixed_bytes;
    for (int i = 0; i < GD_PURPOSE_COUNT; i++)
        plan->need.total_bytes += plan->bytes[i];
    if (!own)
        sum_host(plan, &w->p->outside);
}

static void walk_free(walk *w)
{
    gd_traffic_free(&w->traffic);
    gd_partition_free(w->partition);
    gd_plan_planes_free(&w->planes);
    free(w->windows);
    free(w->pieces);
}

static gd_status make(gd_plan *plan, const gd_engine *engine, const gd_render_parameters *p, gd_error *error)
{
    walk w = {.engine = engine, .p = p, .plan = plan};
    plan->octaves = calloc((size_t)plan->octave_count + 1, sizeof *plan->octaves);
    gd_status status = GD_OK;
    if (!plan->octaves)
        status = gd_fail(error, GD_MEMORY, "out of memory for the plan of %d ranks", plan->ranks);
    if (status == GD_OK)
        status = gd_plan_planes_create(plan->ranks, &w.planes, error);
    if (status == GD_OK)
        status = gd_traffic_create(plan->ranks, &w.traffic, error);
    engine->backend->facts(engine->device, &plan->device);
    if (status == GD_OK)
        status = walk_render(&w, error);
    if (status == GD_OK)
        status = gd_plan_tapes(plan, engine, error);
    if (status == GD_OK)
        sum_up(&w);
    walk_free(&w);
    return status;
}

gd_status gd_plan_create(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                         gd_plan **plan, gd_error *error)
{
    *plan = NULL;
    gd_plan *made = calloc(1, sizeof *made);
    if (!made)
        return gd_fail(error, GD_MEMORY, "out of memory for a plan");
    made->ranks = ranks;
    made->threads = parameters->threads;
    made->octave_count =
        parameters->octave_end - (parameters->resumed ? parameters->resume_octave : parameters->octave_first);
    const gd_status status = make(made, engine, parameters, error);
    if (status != GD_OK) {
        gd_plan_free(made);
        return status;
    }
    *plan = made;
    return GD_OK;
}

void gd_plan_free(gd_plan *plan)
{
    if (!plan)
        return;
    for (int32_t i = 0; plan->octaves && i < plan->octave_count; i++)
        free(plan->octaves[i].shapes.shapes);
    free(plan->octaves);
    free(plan->shapes.shapes);
    free(plan);
}
