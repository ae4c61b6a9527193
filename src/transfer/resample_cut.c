/* Divides a resampling into waves of pieces with small sources. */
#include "transfer/resample_cut.h"

#include "base/minmax.h"
#include "tiling/wave.h"

enum { SMALLEST_SIDE = 16 };

/* The most source samples that `side` adjacent target samples need. */
static int64_t most_read(const gd_resampler *axis, int64_t side)
{
    int64_t most = 0;
    for (int64_t at = 0; at < axis->target; at += side) {
        int64_t begin, end;
        gd_resampler_support(axis, at, gd_min_i64(axis->target - at, side), &begin, &end);
        most = gd_max_i64(most, end - begin);
    }
    return most;
}

static int64_t longest_run(const gd_partition *partition)
{
    int64_t longest = 0;
    for (int32_t rank = 0; rank < partition->ranks; rank++)
        longest = gd_max_i64(longest, partition->run_start[rank + 1] - partition->run_start[rank]);
    return longest;
}

bool gd_resample_cut_copies(const gd_resample_cut *cut)
{
    return !cut->rows && !cut->warp;
}

/* The most source pixels that a piece of that side needs; 0 for blocks that only move. */
static int64_t most_area(const gd_resample_cut *cut, int64_t side)
{
    if (cut->warp)
        return gd_extent_area(gd_warp_most(cut->warp, (gd_extent){side, side}));
    return cut->rows ? most_read(cut->rows, side) * most_read(cut->cols, side) : 0;
}

/* Completes a cut whose sources are known. */
static gd_resample_cut divide(gd_resample_cut cut)
{
    int64_t area = most_area(&cut, cut.side);
    while (area > GD_WAVE_PIXELS && cut.side > SMALLEST_SIDE) {
        cut.side /= 2;
        area = most_area(&cut, cut.side);
    }
    cut.parts = GD_BLOCK / cut.side;
    cut.wave_pieces = area > 0 ? GD_WAVE_PIXELS / area : GD_RESAMPLE_WAVE_PIECES;
    cut.wave_pieces = gd_max_i64(1, gd_min_i64(cut.wave_pieces, GD_RESAMPLE_WAVE_PIECES));
    cut.waves = (longest_run(cut.partition) * cut.parts * cut.parts + cut.wave_pieces - 1) / cut.wave_pieces;
    return cut;
}

gd_resample_cut gd_resample_cut_create(const gd_partition *partition, const gd_resampler *rows,
                                       const gd_resampler *cols)
{
    return divide((gd_resample_cut){.partition = partition, .rows = rows, .cols = cols, .side = GD_BLOCK});
}

gd_resample_cut gd_resample_cut_warp(const gd_partition *partition, const gd_warp *warp)
{
    return divide((gd_resample_cut){.partition = partition, .warp = warp, .side = GD_BLOCK});
}

/* The piece `part` of a block. False: a block at the canvas's edge ends before it. */
static bool piece_at(const gd_resample_cut *cut, int64_t block, int64_t part, gd_resample_piece *piece)
{
    const gd_rect all = gd_partition_block(cut->partition, block);
    const int64_t y = part / cut->parts * cut->side, x = part % cut->parts * cut->side;
    *piece = (gd_resample_piece){
        block,
        {all.y + y, all.x + x, gd_min_i64(cut->side, all.rows - y), gd_min_i64(cut->side, all.cols - x)}};
    return y < all.rows && x < all.cols;
}

gd_rect gd_resample_source(const gd_resample_cut *cut, gd_rect target)
{
    int64_t y0, y1, x0, x1;
    target = gd_rect_move(target, cut->to.y, cut->to.x);
    if (cut->warp)
        return gd_warp_source(cut->warp, target);
    if (!cut->rows)
        return gd_rect_move(target, -cut->from.y, -cut->from.x);
    gd_resampler_support(cut->rows, target.y, target.rows, &y0, &y1);
    gd_resampler_support(cut->cols, target.x, target.cols, &x0, &x1);
    return gd_rect_move((gd_rect){y0, x0, y1 - y0, x1 - x0}, -cut->from.y, -cut->from.x);
}

size_t gd_resample_cut_wave(const gd_resample_cut *cut, int64_t wave, gd_window *windows,
                            gd_resample_piece *pieces)
{
    const gd_partition *partition = cut->partition;
    const int64_t parts = cut->parts * cut->parts;
    size_t count = 0;
    for (int32_t rank = 0; rank < partition->ranks; rank++) {
        const int64_t first = partition->run_start[rank];
        const int64_t all = (partition->run_start[rank + 1] - first) * parts;
        const int64_t end = gd_min_i64(all, (wave + 1) * cut->wave_pieces);
        for (int64_t i = wave * cut->wave_pieces; i < end; i++) {
            if (!piece_at(cut, partition->order[first + i / parts], i % parts, &pieces[count]))
                continue;
            const gd_rect source = gd_resample_source(cut, pieces[count].target);
            windows[count++] = (gd_window){.rect = source, .rank = rank, .stride = source.cols * 3};
        }
    }
    return count;
}

int64_t gd_resample_source_floats(gd_rect source)
{
    return gd_wave_slot_floats(gd_rect_area(source));
}
