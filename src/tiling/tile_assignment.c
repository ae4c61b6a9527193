/* Assigns tiles to ranks, and divides each rank's run of tiles into waves. */
#include "tiling/tile_assignment.h"

#include "base/minmax.h"
#include "tiling/cut_work.h"
#include "tiling/wave.h"

#include <stdlib.h>

gd_status gd_step_cut(const gd_engine *engine, int64_t extent, const gd_step_parameters *p, gd_cuts *cuts,
                      gd_error *error)
{
    if (p->cuts == GD_CUTS_CORNERS)
        return gd_cuts_create_corners(extent, p->tile, cuts, error);
    return gd_cuts_create(extent, p->tile, p->halo, engine->stride, engine->net->smallest_input, cuts, error);
}

static gd_status cut_both(const gd_engine *engine, int64_t rows, int64_t cols, const gd_step_parameters *p,
                          gd_cuts cuts[2], gd_error *error)
{
    cuts[1] = (gd_cuts){0};
    gd_status status = gd_step_cut(engine, rows, p, &cuts[0], error);
    if (status == GD_OK)
        status = gd_step_cut(engine, cols, p, &cuts[1], error);
    if (status != GD_OK)
        gd_cuts_free(&cuts[0]);
    return status;
}

gd_window_shape gd_tile_shape(const gd_tile *tile)
{
    return (gd_window_shape){(int32_t)tile->window.rows, (int32_t)tile->window.cols, tile->focus};
}

/* Whether a mask is black all over a core, which may wrap around the canvas. */
static bool core_is_black(const gd_step_mask *mask, gd_rect core)
{
    const gd_rect at = mask->at;
    const int64_t rows[2] = {gd_min_i64(core.rows, at.rows - core.y), core.rows};
    const int64_t cols[2] = {gd_min_i64(core.cols, at.cols - core.x), core.cols};
    for (int i = 0; i < 4; i++) {
        const int64_t y = i / 2 ? 0 : core.y, x = i % 2 ? 0 : core.x;
        const gd_rect piece = {at.y + y, at.x + x, i / 2 ? rows[1] - rows[0] : rows[0],
                               i % 2 ? cols[1] - cols[0] : cols[0]};
        if (piece.rows > 0 && piece.cols > 0 && !gd_mask_is_black(mask->cells, mask->full, piece))
            return false;
    }
    return true;
}

/* Whether a mask leaves out tile `index`, row by row. */
static bool is_left_out(const gd_cuts cuts[2], const gd_step_parameters *p, int64_t rows, int64_t cols,
                        int64_t index)
{
    const gd_cut *row = &cuts[0].cuts[index / cuts[1].count], *col = &cuts[1].cuts[index % cuts[1].count];
    const gd_rect core = {row->core, col->core, row->core_extent, col->core_extent};
    return p->mask.cells && core_is_black(&p->mask, gd_unroll(core, rows, cols, p->dy, p->dx));
}

gd_status gd_step_windows(const gd_engine *engine, int64_t rows, int64_t cols,
                          const gd_step_parameters *parameters, int64_t *count, int64_t *area,
                          gd_error *error)
{
    gd_cuts cuts[2];
    const gd_status status = cut_both(engine, rows, cols, parameters, cuts, error);
    *count = *area = 0;
    if (status != GD_OK)
        return status;
    for (int64_t i = 0; i < (int64_t)cuts[0].count * cuts[1].count; i++) {
        if (is_left_out(cuts, parameters, rows, cols, i))
            continue;
        *area +=
            cuts[0].cuts[i / cuts[1].count].window_extent * cuts[1].cuts[i % cuts[1].count].window_extent;
        ++*count;
    }
    gd_cuts_free(&cuts[0]);
    gd_cuts_free(&cuts[1]);
    return GD_OK;
}

gd_status gd_step_tile_count(const gd_engine *engine, int64_t rows, int64_t cols,
                             const gd_step_parameters *parameters, int64_t *count, gd_error *error)
{
    int64_t area;
    return gd_step_windows(engine, rows, cols, parameters, count, &area, error);
}

static void count_runs(gd_tile_assignment *assignment)
{
    for (int64_t i = 0; i < assignment->tile_count; i++) {
        const int64_t area = gd_rect_area(assignment->tiles[i].window);
        assignment->area = gd_max_i64(area, assignment->area);
        assignment->focus_area = gd_max_i64(gd_rect_area(assignment->tiles[i].focus), assignment->focus_area);
        assignment->first[assignment->tiles[i].rank + 1]++;
    }
    for (int32_t r = 0; r < assignment->ranks; r++) {
        assignment->longest = gd_max_i64(assignment->first[r + 1], assignment->longest);
        assignment->first[r + 1] += assignment->first[r];
    }
}

static gd_status area_of(const gd_engine *engine, const gd_window_shape *shape, double *area, gd_error *error)
{
    (void)engine;
    (void)error;
    *area = (double)shape->rows * shape->cols;
    return GD_OK;
}

static gd_status macs_of(const gd_engine *engine, const gd_window_shape *shape, double *macs, gd_error *error)
{
    gd_window_work work = {0};
    const gd_status status = gd_engine_weigh(engine, shape, &work, error);
    *macs = work.macs;
    return status;
}

/* costs: [cuts[0].count, cuts[1].count]. */
static gd_status weigh_all(const gd_engine *engine, const gd_cuts cuts[2], int64_t *costs, gd_error *error)
{
    const double unit = 1024; /* of multiply-adds: the sum over all tiles stays below 2^63 */
    const bool all_alike = engine->objective.count == 0;
    const size_t count = (size_t)cuts[0].count * (size_t)cuts[1].count;
    double *each = calloc(count, sizeof *each);
    if (!each)
        return gd_no_memory(error, "a list of %zu tiles; use a larger -ts", count);
    const gd_status status =
        gd_cut_macs(engine, &cuts[0], &cuts[1], all_alike ? area_of : macs_of, each, error);
    for (size_t i = 0; i < count; i++)
        costs[i] = gd_max_i64(1, (int64_t)(all_alike ? each[i] : each[i] / unit));
    free(each);
    return status;
}

/* Sets the costs of tiles whose cores are black to 0. */
static void leave_out(const gd_cuts cuts[2], const gd_step_parameters *p, gd_tile_assignment *a,
                      int64_t *costs)
{
    for (int64_t i = 0; i < a->tile_count; i++) {
        if (is_left_out(cuts, p, a->rows, a->cols, i)) {
            costs[i] = 0;
            a->left_out++;
        }
    }
}

/* Fills the lists, whose lengths are known. */
static gd_status assign(const gd_engine *engine, const gd_cuts cuts[2], const gd_step_parameters *p,
                        gd_tile_assignment *a, gd_error *error)
{
    a->tiles = calloc((size_t)a->tile_count, sizeof *a->tiles);
    a->first = calloc((size_t)a->ranks + 1, sizeof *a->first);
    int64_t *costs = calloc((size_t)a->tile_count, sizeof *costs);
    gd_status status = GD_OK;
    if (!a->tiles || !a->first || !costs)
        status = gd_no_memory(error, "a list of %lld tiles; use a larger -ts", (long long)a->tile_count);
    if (status == GD_OK)
        status = weigh_all(engine, cuts, costs, error);
    if (status == GD_OK)
        leave_out(cuts, p, a, costs);
    if (status == GD_OK)
        status = gd_tiles_assign(&cuts[0], &cuts[1], costs, a->rows, a->cols, p->dy, p->dx, a->ranks,
                                 a->tiles, error);
    a->tile_count -= a->left_out;
    free(costs);
    return status;
}

gd_status gd_tile_assignment_create(const gd_engine *engine, int64_t rows, int64_t cols, int32_t ranks,
                                    const gd_step_parameters *p, gd_tile_assignment *assignment,
                                    gd_error *error)
{
    gd_cuts cuts[2];
    *assignment = (gd_tile_assignment){.rows = rows, .cols = cols, .ranks = ranks};
    gd_status status = cut_both(engine, rows, cols, p, cuts, error);
    if (status != GD_OK)
        return status;
    assignment->tile_count = (int64_t)cuts[0].count * cuts[1].count;
    status = assign(engine, cuts, p, assignment, error);
    if (status == GD_OK)
        count_runs(assignment);
    else
        gd_tile_assignment_free(assignment);
    gd_cuts_free(&cuts[0]);
    gd_cuts_free(&cuts[1]);
    return status;
}

double gd_tile_assignment_uneven(const gd_tile_assignment *assignment)
{
    double total = 0, most = 0;
    for (int32_t rank = 0; rank < assignment->ranks; rank++) {
        double own = 0;
        for (int64_t i = assignment->first[rank]; i < assignment->first[rank + 1]; i++)
            own += (double)assignment->tiles[i].cost;
        total += own;
        most = own > most ? own : most;
    }
    return total > 0 ? most * assignment->ranks / total : 1;
}

void gd_tile_assignment_free(gd_tile_assignment *assignment)
{
    free(assignment->tiles);
    free(assignment->first);
    *assignment = (gd_tile_assignment){0};
}

int32_t gd_tile_assignment_wave_tiles(const gd_tile_assignment *assignment, int32_t threads)
{
    enum { TILES_MAX = 64 };
    const int64_t tiles = gd_min_i64(TILES_MAX, GD_WAVE_PIXELS / gd_max_i64(1, assignment->area));
    return (int32_t)gd_min_i64(assignment->longest, gd_max_i64(tiles, threads));
}

gd_wave_buffers gd_wave_buffers_of(const gd_tile_assignment *assignment, int32_t threads)
{
    const int32_t tiles = gd_tile_assignment_wave_tiles(assignment, threads);
    const int64_t left = assignment->longest - tiles;
    return (gd_wave_buffers){.window_floats = gd_wave_slot_floats(assignment->area),
                             .gradient_floats = gd_wave_slot_floats(assignment->focus_area),
                             .tiles = {tiles, (int32_t)gd_min_i64(left, tiles)}};
}

bool gd_wave_buffers_serve(const gd_wave_buffers *held, const gd_wave_buffers *wanted)
{
    return held->window_floats >= wanted->window_floats && held->gradient_floats >= wanted->gradient_floats &&
           held->tiles[0] == wanted->tiles[0] && held->tiles[1] >= wanted->tiles[1];
}

uint64_t gd_wave_buffers_bytes(const gd_wave_buffers *buffers)
{
    return (uint64_t)(buffers->window_floats + buffers->gradient_floats) *
           (uint64_t)(buffers->tiles[0] + buffers->tiles[1]) * sizeof(float);
}

void gd_tile_assignment_wave(const gd_tile_assignment *assignment, int32_t rank, int64_t wave,
                             int32_t wave_tiles, int64_t *begin, int64_t *end)
{
    const int64_t last = assignment->first[rank + 1];
    *begin = gd_min_i64(last, assignment->first[rank] + wave * wave_tiles);
    *end = gd_min_i64(last, *begin + wave_tiles);
}

size_t gd_tile_assignment_list(const gd_tile_assignment *assignment, const gd_step_parameters *p,
                               int64_t wave, int32_t wave_tiles, gd_window *windows, gd_window *cores)
{
    size_t count = 0;
    for (int32_t rank = 0; rank < assignment->ranks; rank++) {
        int64_t i, end;
        for (gd_tile_assignment_wave(assignment, rank, wave, wave_tiles, &i, &end); i < end; i++, count++) {
            const gd_tile *tile = &assignment->tiles[i];
            windows[count] =
                (gd_window){.rect = gd_unroll(tile->window, assignment->rows, assignment->cols, p->dy, p->dx),
                            .rank = rank};
            cores[count] =
                (gd_window){.rect = gd_unroll(tile->core, assignment->rows, assignment->cols, p->dy, p->dx),
                            .rank = rank};
        }
    }
    return count;
}
