/* Adds up the memory, traffic and work of a render on any number of ranks: a visitor of its walk. */
#include "plan/plan_visit.h"

#include "base/minmax.h"
#include "dream/shape_passes.h"
#include "dream/tone.h"
#include "image/resample.h"
#include "plan/plan_tape.h"
#include "tiling/tile_assignment.h"
#include "transfer/bands.h"
#include "transfer/canvas_warp.h"
#include "transfer/columns.h"
#include "transfer/resample_cut.h"
#include "transfer/web_sink.h"

#include <stdlib.h>

gd_status gd_plan_visit_begin(gd_plan_visit *v, gd_error *error)
{
    gd_status status = gd_plan_planes_create(v->plan->ranks, &v->planes, error);
    if (status == GD_OK)
        status = gd_traffic_create(v->plan->ranks, &v->traffic, error);
    return status;
}

void gd_plan_visit_end(gd_plan_visit *v)
{
    for (int i = 0; i < GD_ROLE_COUNT; i++)
        gd_partition_free(v->partitions[i]);
    gd_traffic_free(&v->traffic);
    gd_plan_planes_free(&v->planes);
    free(v->windows);
    free(v->pieces);
}

static gd_status hold_windows(gd_plan_visit *v, size_t tiles, gd_error *error)
{
    const size_t count = tiles * (size_t)v->plan->ranks;
    if (count <= v->window_capacity)
        return GD_OK;
    free(v->windows);
    free(v->pieces);
    v->windows = calloc(count, sizeof *v->windows);
    v->pieces = calloc(count, sizeof *v->pieces);
    v->window_capacity = count;
    if (v->windows && v->pieces)
        return GD_OK;
    return gd_no_memory(error, "the plan of %zu windows", count);
}

/* Peak of a wave's source windows with `beside` them, plus the wave buffers that a rank still holds. */
static uint64_t source_bytes(const gd_plan_visit *v, size_t count, uint64_t beside)
{
    uint64_t sum = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        const int32_t rank = v->windows[i].rank;
        if (i > 0 && rank != v->windows[i - 1].rank)
            sum = 0;
        sum += (uint64_t)gd_resample_source_floats(v->windows[i].rect) * sizeof(float);
        most =
            gd_max_u64(most, sum + beside + (rank < v->wave_ranks ? gd_wave_buffers_bytes(&v->buffers) : 0));
    }
    return most;
}

/* Begins to measure the peak of messages; returns the previous one for end_moving. */
static uint64_t begin_moving(gd_plan_visit *v)
{
    const uint64_t most = v->traffic.most;
    v->traffic.most = 0;
    return most;
}

static void end_moving(gd_plan_visit *v, uint64_t windows, uint64_t most_before)
{
    gd_plan *plan = v->plan;
    plan->bytes[GD_FOR_WINDOWS] = gd_max_u64(plan->bytes[GD_FOR_WINDOWS], windows);
    plan->moving_bytes = gd_max_u64(plan->moving_bytes, windows + v->traffic.most);
    v->traffic.most = gd_max_u64(v->traffic.most, most_before);
}

static uint64_t held_bytes(const gd_plan_visit *v)
{
    return v->wave_ranks > 0 ? gd_wave_buffers_bytes(&v->buffers) : 0;
}

/* `beside`: bytes that a rank needs beside its source windows. */
static gd_status add_waves(gd_plan_visit *v, const gd_partition *from, const gd_resample_cut *cut,
                           uint64_t beside, gd_error *error)
{
    const uint64_t most = begin_moving(v);
    uint64_t windows = held_bytes(v);
    gd_status status = hold_windows(v, (size_t)cut->wave_pieces, error);
    for (int64_t wave = 0; wave < cut->waves && status == GD_OK; wave++) {
        const size_t count = gd_resample_cut_wave(cut, wave, v->windows, v->pieces);
        if (!gd_resample_cut_copies(cut))
            windows = gd_max_u64(windows, source_bytes(v, count, beside));
        status = gd_traffic_add(&v->traffic, from, v->windows, count, true, error);
    }
    end_moving(v, windows, most);
    return status;
}

static gd_status create(void *context, gd_canvas_role role, const gd_octave *size, gd_error *error)
{
    gd_plan_visit *v = context;
    const gd_status status =
        gd_partition_create(size->rows, size->cols, size->ranks, &v->partitions[role], error);
    if (status == GD_OK)
        gd_plan_planes_place(&v->planes, role, v->partitions[role]);
    return status;
}

static void drop(void *context, gd_canvas_role role)
{
    gd_plan_visit *v = context;
    gd_partition_free(v->partitions[role]);
    v->partitions[role] = NULL;
    gd_plan_planes_drop(&v->planes, role);
}

static void move(void *context, gd_canvas_role to, gd_canvas_role from)
{
    gd_plan_visit *v = context;
    gd_partition_free(v->partitions[to]);
    v->partitions[to] = v->partitions[from];
    v->partitions[from] = NULL;
    gd_plan_planes_become(&v->planes, to, from);
}

static gd_status resample(void *context, gd_canvas_role to, gd_canvas_role from, gd_error *error)
{
    gd_plan_visit *v = context;
    const gd_partition *old = v->partitions[from], *new = v->partitions[to];
    const gd_resample_kind kind = v->p->rules->resample;
    const bool same = old->rows == new->rows && old->cols == new->cols;
    gd_resampler *row_taps = NULL, *col_taps = NULL;
    gd_status status = GD_OK;
    if (!same)
        status = gd_resampler_create_places(kind, old->rows, new->rows, &row_taps, error);
    if (status == GD_OK && !same)
        status = gd_resampler_create_places(kind, old->cols, new->cols, &col_taps, error);
    if (status == GD_OK) {
        const gd_resample_cut cut = gd_resample_cut_create(new, row_taps, col_taps);
        status = add_waves(v, old, &cut, 0, error);
    }
    gd_resampler_free(row_taps);
    gd_resampler_free(col_taps);
    return status;
}

/* Keeps wave buffers like the stepper: replaces them only if they are too small. */
static void hold_waves(gd_plan_visit *v, const gd_tile_assignment *assignment)
{
    const gd_wave_buffers buffers = gd_wave_buffers_of(assignment, v->p->threads);
    if (!gd_wave_buffers_serve(&v->buffers, &buffers)) {
        v->buffers = buffers;
        v->wave_ranks = 0;
    }
    v->wave_ranks = assignment->ranks > v->wave_ranks ? assignment->ranks : v->wave_ranks;
}

/* What shapes the gradient of a step, where it takes most. */
static gd_status add_shaping(gd_plan_visit *v, const gd_step_parameters *s, gd_error *error)
{
    gd_shape_pass passes[GD_SHAPE_PASSES];
    const gd_step_parameters widest = gd_shape_widest(v->p, s);
    const int count = gd_shape_passes(&widest, passes);
    gd_status status = GD_OK;
    for (int i = 0; status == GD_OK && i < count; i++) {
        const gd_partition *from = v->partitions[passes[i].from], *to = v->partitions[passes[i].to];
        gd_resampler *axes[2];
        gd_resample_cut cut;
        status = gd_shape_cut(&passes[i], from, to, axes, &cut, error);
        if (status == GD_OK)
            status =
                add_waves(v, from, &cut, (uint64_t)gd_shape_scratch(&passes[i], &cut) * sizeof(float), error);
        gd_resampler_free(axes[0]);
        gd_resampler_free(axes[1]);
    }
    return status;
}

/* The step represents `count` steps. */
static void note_step(gd_plan_octave *o, const gd_step_parameters *s, const gd_tile_assignment *assignment,
                      int64_t count, int32_t wave_tiles)
{
    o->uneven += gd_tile_assignment_uneven(assignment) * (double)count / o->steps;
    o->tile = s->tile > o->tile ? s->tile : o->tile;
    o->smallest_tile = o->smallest_tile == 0 || s->tile < o->smallest_tile ? s->tile : o->smallest_tile;
    o->halo = s->halo > o->halo ? s->halo : o->halo;
    o->tiles = assignment->tile_count > o->tiles ? assignment->tile_count : o->tiles;
    o->wave_tiles = wave_tiles > o->wave_tiles ? wave_tiles : o->wave_tiles;
}

/* The eighth allows for larger messages in the other steps that this one represents. */
static gd_status step(void *context, const gd_octave *octave, int32_t index, const gd_step_parameters *s,
                      int64_t count, gd_error *error)
{
    gd_plan_visit *v = context;
    const gd_partition *partition = v->partitions[GD_ROLE_CANVAS];
    gd_plan_octave *o = v->octave;
    gd_tile_assignment assignment = {0};
    (void)index;
    gd_status status = gd_tile_assignment_create(v->engine, octave->rows, octave->cols, octave->ranks, s,
                                                 &assignment, error);
    if (status != GD_OK)
        return status;
    hold_waves(v, &assignment);
    const int32_t tiles = v->buffers.tiles[0];
    note_step(o, s, &assignment, count, tiles);
    status = gd_plan_count_tiles(&o->shapes, &assignment, count, error);
    const uint64_t most = begin_moving(v), sent = v->traffic.sent;
    if (status == GD_OK)
        status = gd_traffic_add_gathers(&v->traffic, partition, &assignment, s, tiles, error);
    if (status == GD_OK)
        status = gd_traffic_add_scatters(&v->traffic, partition, &assignment, s, tiles, error);
    v->traffic.most += count > 1 ? v->traffic.most / 8 : 0;
    end_moving(v, held_bytes(v), most);
    if (status == GD_OK)
        status = add_shaping(v, s, error);
    v->traffic.sent += (uint64_t)(count - 1) * (v->traffic.sent - sent);
    gd_tile_assignment_free(&assignment);
    return status;
}

/* Of planes and windows. */
static gd_memory_kind kind_of(const gd_plan_visit *v)
{
    return v->plan->device.total_bytes > 0 ? GD_MEMORY_DEVICE : GD_MEMORY_HOST;
}

/* Traffic while a picture is written by columns: into a TIFF, or as tiles for the web. */
static gd_status add_strips(gd_plan_visit *v, const gd_partition *partition, const gd_writer_options *as,
                            gd_error *error)
{
    gd_writer_options output = *as;
    output.rows = partition->rows;
    output.cols = partition->cols;
    const gd_column_cut cut = gd_column_cut_create(&output, v->plan->ranks);
    gd_status status = hold_windows(v, 1, error);
    for (int64_t y = 0; y < cut.rows && status == GD_OK; y += cut.band)
        status = gd_traffic_add(&v->traffic, partition, v->windows, gd_columns_list(&cut, y, v->windows),
                                true, error);
    return status;
}

static gd_status add_bands(gd_plan_visit *v, const gd_partition *partition, bool in, gd_error *error)
{
    gd_status status = GD_OK;
    for (int64_t y = 0; y < partition->rows && status == GD_OK; y += GD_BLOCK) {
        const int64_t rows = partition->rows - y < GD_BLOCK ? partition->rows - y : GD_BLOCK;
        const gd_window band = {.rect = {y, 0, rows, partition->cols}, .rank = 0};
        status = gd_traffic_add(&v->traffic, partition, &band, 1, !in, error);
    }
    return status;
}

static gd_status add_picture(gd_plan_visit *v, const gd_partition *partition, bool in, gd_error *error)
{
    const bool strips = !in && v->p->output.bits > 0 && v->p->output.kind == GD_FILE_TIFF;
    return strips ? add_strips(v, partition, &v->p->output, error) : add_bands(v, partition, in, error);
}

static gd_status add_web(gd_plan_visit *v, const gd_partition *partition, gd_error *error)
{
    const gd_writer_options pages = gd_web_tiles_as_pages(partition->rows, partition->cols);
    return v->p->web ? add_strips(v, partition, &pages, error) : GD_OK;
}

/* Transfer of a picture between rank 0 and a plane, besides the windows that rank 0 holds. In host memory it
 * is counted separately if no windows are held, because there are no tensors then. */
static gd_status pass_picture(gd_plan_visit *v, const gd_partition *partition, bool in, gd_error *error)
{
    const bool host = kind_of(v) == GD_MEMORY_HOST, apart = host && v->wave_ranks == 0;
    const uint64_t bytes = gd_bands_bytes(kind_of(v), partition->cols);
    const uint64_t most = begin_moving(v);
    gd_plan_pass *pass = in ? &v->plan->read : &v->plan->write;
    gd_status status = in || !v->p->web_only ? add_picture(v, partition, in, error) : GD_OK;
    if (status == GD_OK && !in)
        status = add_web(v, partition, error);
    const uint64_t windows = in ? 0 : v->p->outside.writer_windows;
    if (!apart) {
        const uint64_t outside = in ? v->p->outside.reader : v->p->outside.writer;
        if (status == GD_OK && !in) /* previews are transferred in bands */
            status = add_bands(v, partition, in, error);
        end_moving(v, held_bytes(v) + (host ? gd_max_u64(bytes, windows) + outside : bytes), most);
        return status;
    }
    pass->planes = gd_max_u64(pass->planes, gd_plan_planes_now(&v->planes, 0));
    pass->band = gd_max_u64(pass->band, windows > 0 ? windows : bytes);
    pass->messages = gd_max_u64(pass->messages, v->traffic.most);
    v->traffic.most = most;
    return status;
}

static gd_status fill(void *context, gd_canvas_role role, gd_origin origin, gd_error *error)
{
    gd_plan_visit *v = context;
    if (origin == GD_ORIGIN_CHECKPOINT || (origin == GD_ORIGIN_NOISE && role != GD_ROLE_CANVAS))
        return GD_OK;
    return pass_picture(v, v->partitions[role], true, error);
}

static gd_status warp(void *context, gd_canvas_role to, gd_canvas_role from, gd_error *error)
{
    gd_plan_visit *v = context;
    const gd_partition *old = v->partitions[from];
    const bool flows = v->p->frame.flow;
    gd_warp map = gd_warp_of(&v->p->frame.motion, (gd_extent){old->rows, old->cols});
    if (flows)
        map.offsets = gd_offsets_largest();
    const gd_resample_cut cut = gd_canvas_warp_cut(v->partitions[to], &map, flows);
    return add_waves(v, old, &cut, 0, error);
}

/* What it takes to begin a frame with the one before. */
static gd_status begin_steps(void *context, gd_error *error)
{
    gd_plan_visit *v = context;
    (void)error;
    if (v->p->frame.follows)
        v->plan->sent_bytes += v->traffic.sent - v->sent_before;
    return GD_OK;
}

static gd_status tone(void *context, gd_error *error)
{
    gd_plan_visit *v = context;
    (void)error;
    const uint64_t most = begin_moving(v);
    end_moving(v, held_bytes(v) + gd_tone_bytes(kind_of(v)), most);
    return GD_OK;
}

static gd_status write(void *context, gd_written what, gd_error *error)
{
    gd_plan_visit *v = context;
    (void)what;
    return pass_picture(v, v->partitions[GD_ROLE_CANVAS], false, error);
}

static void end_steps(void *context)
{
    gd_plan_visit *v = context;
    v->wave_ranks = 0; /* the wave buffers are freed */
}

static gd_status enter(void *context, const gd_octave *octave, gd_error *error)
{
    gd_plan_visit *v = context;
    (void)error;
    v->sent_before = v->traffic.sent;
    if (octave->octave == v->p->octave_end)
        return GD_OK;
    v->octave = &v->plan->octaves[v->plan->octave_count++];
    *v->octave = (gd_plan_octave){.octave = octave->octave,
                                  .rows = octave->rows,
                                  .cols = octave->cols,
                                  .parts = 1,
                                  .steps = octave->steps_end - octave->step,
                                  .ranks = octave->ranks};
    return GD_OK;
}

static gd_status reach(void *context, const gd_octave *octave, gd_error *error)
{
    gd_plan_visit *v = context;
    const uint64_t sent = v->traffic.sent - v->sent_before;
    (void)error;
    if (octave->octave == v->p->octave_end)
        v->plan->final_bytes = sent;
    else
        v->octave->change_bytes = sent;
    v->plan->sent_bytes += sent;
    v->sent_before = v->traffic.sent;
    return GD_OK;
}

/* The tiles of the canvas that are written after an octave. */
static gd_status show(gd_plan_visit *v, const gd_octave *octave, gd_error *error)
{
    const gd_memory_kind kind = kind_of(v);
    uint64_t windows = 0;
    if (!v->p->web || octave->octave == v->p->octave_end - 1)
        return GD_OK;
    for (int32_t rank = 0; rank < v->plan->ranks; rank++)
        windows = gd_max_u64(
            windows, gd_web_sink_bytes(kind, octave->rows, octave->cols, v->plan->ranks, rank).windows);
    const uint64_t most = begin_moving(v);
    const gd_status status = add_web(v, v->partitions[GD_ROLE_CANVAS], error);
    end_moving(v, windows + held_bytes(v), most);
    return status;
}

static gd_status leave(void *context, const gd_octave *octave, gd_error *error)
{
    gd_plan_visit *v = context;
    v->octave->sent_bytes = v->traffic.sent - v->sent_before;
    v->plan->sent_bytes += v->octave->sent_bytes;
    const gd_status status = show(v, octave, error);
    return status == GD_OK ? gd_plan_count_all(&v->plan->shapes, &v->octave->shapes, error) : status;
}

/* A single rank sends nothing, so one step represents all steps with the same tiles. */
gd_visitor gd_plan_visitor(int32_t ranks)
{
    return (gd_visitor){.create = create,
                        .drop = drop,
                        .move = move,
                        .fill = fill,
                        .resample = resample,
                        .warp = warp,
                        .begin_steps = begin_steps,
                        .blend_frame = tone,
                        .note_tone = tone,
                        .keep_tone = tone,
                        .write = write,
                        .end_steps = end_steps,
                        .enter = enter,
                        .reach = reach,
                        .leave = leave,
                        .step = step,
                        .most_steps = ranks == 1 ? 1 : GD_PLAN_STEPS_WALKED};
}
