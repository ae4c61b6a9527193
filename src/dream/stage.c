#include "dream/stage.h"

#include "base/round.h"

#include <stdlib.h>

gd_status gd_stage_create(const gd_comm *comm, const gd_store *store, int64_t rows, int64_t cols,
                          int32_t ranks, gd_stage **stage, gd_error *error)
{
    *stage = NULL;
    gd_stage *made = calloc(1, sizeof *made);
    if (!made)
        return gd_fail(error, GD_MEMORY, "out of memory for an octave");
    gd_status status = gd_layout_create(rows, cols, ranks, &made->layout, error);
    if (status == GD_OK)
        status = gd_plane_create(store, made->layout, gd_comm_rank(comm), &made->canvas, error);
    if (status != GD_OK) {
        gd_stage_free(made);
        return status;
    }
    *stage = made;
    return GD_OK;
}

void gd_stage_free(gd_stage *stage)
{
    if (!stage)
        return;
    gd_plane_free(stage->canvas);
    gd_layout_free(stage->layout);
    free(stage);
}

typedef struct change {
    gd_comm *comm;
    const gd_engine *engine;
    const gd_stage *from;
    gd_stage *to;
    gd_resampler *rows, *cols; /* owned; NULL: of the same size, blocks only change their rank */
    gd_window *windows;        /* owned; all ranks' windows of a wave */
    int64_t *blocks;           /* owned; the block that each is for */
    size_t count;
    float *sources; /* owned; the pixels of this rank's windows of a wave */
} change;

/* What a block is resampled from. */
static gd_rect support(const gd_layout *layout, const gd_resampler *rows, const gd_resampler *cols,
                       int64_t block)
{
    const gd_rect target = gd_layout_block(layout, block);
    if (!rows)
        return target;
    int64_t y0, y1, x0, x1;
    gd_resampler_support(rows, target.y, target.rows, &y0, &y1);
    gd_resampler_support(cols, target.x, target.cols, &x0, &x1);
    return (gd_rect){y0, x0, y1 - y0, x1 - x0};
}

size_t gd_stage_list_wave(const gd_layout *layout, const gd_resampler *rows, const gd_resampler *cols,
                          int64_t wave, gd_window *windows, int64_t *blocks)
{
    size_t count = 0;
    for (int32_t rank = 0; rank < layout->ranks; rank++) {
        const int64_t end = layout->run_start[rank + 1];
        int64_t i = layout->run_start[rank] + wave * GD_STAGE_WAVE_BLOCKS;
        for (int64_t last = i + GD_STAGE_WAVE_BLOCKS; i < end && i < last; i++) {
            const gd_rect rect = support(layout, rows, cols, layout->order[i]);
            blocks[count] = layout->order[i];
            windows[count++] = (gd_window){.rect = rect, .rank = rank, .stride = rect.cols * 3};
        }
    }
    return count;
}

int64_t gd_stage_source_floats(gd_rect source)
{
    return gd_round_up(gd_rect_area(source) * 3, 64); /* each starts at a multiple of 256 bytes */
}

/* Of this rank's sources in the wave that has most. */
static int64_t most_floats(const change *c)
{
    const gd_layout *layout = c->to->layout;
    int64_t first, end, most = 0, sum = 0;
    gd_layout_run(layout, c->to->canvas->rank, &first, &end);
    for (int64_t i = first; i < end; i++) {
        if ((i - first) % GD_STAGE_WAVE_BLOCKS == 0)
            sum = 0;
        sum += gd_stage_source_floats(support(layout, c->rows, c->cols, layout->order[i]));
        most = sum > most ? sum : most;
    }
    return most;
}

static gd_status hold_sources(change *c, gd_error *error)
{
    gd_memory *memory = c->to->canvas->memory;
    const int64_t floats = most_floats(c);
    if (floats == 0 || !c->rows)
        return GD_OK;
    void *values = NULL;
    const gd_status status =
        memory->class->allocate(memory, GD_FOR_WINDOWS, (size_t)floats * sizeof(float), &values, error);
    c->sources = values;
    return status;
}

/* Places for this rank's windows of the wave; without resamplers they are the blocks themselves, pinned. */
static gd_status list_wave(change *c, int64_t wave, gd_error *error)
{
    const int32_t me = gd_comm_rank(c->comm);
    float *next = c->sources;
    gd_status status = GD_OK;
    c->count = gd_stage_list_wave(c->to->layout, c->rows, c->cols, wave, c->windows, c->blocks);
    for (size_t i = 0; status == GD_OK && i < c->count; i++) {
        gd_window *w = &c->windows[i];
        if (w->rank != me)
            continue;
        if (!c->rows) {
            status = gd_plane_pin(c->to->canvas, c->blocks[i], GD_ACCESS_REPLACE, &w->pixels, error);
        } else {
            w->pixels = next;
            next += gd_stage_source_floats(w->rect);
        }
    }
    return status;
}

static gd_status resample_block(const change *c, const gd_window *w, int64_t block, gd_error *error)
{
    const gd_rect target = gd_layout_block(c->to->layout, block);
    float *values = NULL;
    gd_status status = gd_plane_pin(c->to->canvas, block, GD_ACCESS_REPLACE, &values, error);
    if (status != GD_OK)
        return status;
    status = c->engine->backend->resample(c->engine->device, c->rows, c->cols, w->pixels, w->rect, values,
                                          target, target.cols * 3, error);
    gd_plane_unpin(c->to->canvas, block);
    return status;
}

static gd_status run_wave(change *c, int64_t wave, gd_error *error)
{
    gd_exchange *exchange = NULL;
    gd_status status = list_wave(c, wave, error);
    if (status == GD_OK)
        status = gd_gather_begin(c->comm, c->from->canvas, c->windows, c->count, &exchange, error);
    if (status == GD_OK)
        status = gd_exchange_end(&exchange, error);
    for (size_t i = 0; status == GD_OK && i < c->count; i++) {
        if (c->windows[i].pixels && c->rows)
            status = resample_block(c, &c->windows[i], c->blocks[i], error);
        else if (c->windows[i].pixels)
            gd_plane_unpin(c->to->canvas, c->blocks[i]);
    }
    /* The next wave's sources, or another octave's exchange, must find this one done. */
    return status == GD_OK ? gd_engine_finish(c->engine, error) : status;
}

int64_t gd_stage_wave_count(const gd_layout *layout)
{
    int64_t longest = 0;
    for (int32_t rank = 0; rank < layout->ranks; rank++) {
        const int64_t run = layout->run_start[rank + 1] - layout->run_start[rank];
        longest = run > longest ? run : longest;
    }
    return (longest + GD_STAGE_WAVE_BLOCKS - 1) / GD_STAGE_WAVE_BLOCKS;
}

gd_status gd_stage_resample(gd_comm *comm, const gd_engine *engine, gd_resample_kind kind, int64_t rows,
                            int64_t cols, int32_t ranks, gd_stage **stage, gd_error *error)
{
    const gd_layout *old = (*stage)->layout;
    const bool same = old->rows == rows && old->cols == cols;
    if (same && old->ranks == ranks)
        return GD_OK;
    change c = {.comm = comm, .engine = engine, .from = *stage};
    gd_status status = gd_stage_create(comm, (*stage)->canvas->store, rows, cols, ranks, &c.to, error);
    if (status == GD_OK && !same)
        status = gd_resampler_create(kind, old->rows, rows, &c.rows, error);
    if (status == GD_OK && !same)
        status = gd_resampler_create(kind, old->cols, cols, &c.cols, error);
    if (status != GD_OK)
        goto cleanup;
    const size_t most = (size_t)ranks * GD_STAGE_WAVE_BLOCKS;
    c.windows = calloc(most, sizeof *c.windows);
    c.blocks = calloc(most, sizeof *c.blocks);
    if (!c.windows || !c.blocks) {
        status = gd_fail(error, GD_MEMORY, "out of memory for resampling the canvas; use more ranks");
        goto cleanup;
    }
    status = hold_sources(&c, error);
    const int64_t waves = gd_stage_wave_count(c.to->layout);
    for (int64_t wave = 0; status == GD_OK && wave < waves; wave++)
        status = run_wave(&c, wave, error);
    if (status == GD_OK) {
        gd_stage *done = *stage;
        *stage = c.to;
        c.to = done;
    }
cleanup:
    if (c.sources)
        gd_memory_release((*stage)->canvas->memory, GD_FOR_WINDOWS, &c.sources);
    gd_stage_free(c.to);
    gd_resampler_free(c.rows);
    gd_resampler_free(c.cols);
    free(c.windows);
    free(c.blocks);
    return status;
}
