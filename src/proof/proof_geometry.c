/* Computes the octaves of a proof and the part of each canvas that its crops depend on. */
#include "proof/proof_geometry.h"

#include "base/minmax.h"
#include "dream/octave.h"

#include <math.h>
#include <stdlib.h>

/* One axis of two consecutive levels. */
typedef struct axis {
    int64_t before, after; /* extents of the canvases */
} axis;

/* Reach of the resampling kernel in source pixels, to each side: the lobes of Lanczos-3, doubled because the
 * support is shifted inward at an edge. */
static int64_t reach(axis a)
{
    const double widen = fmax(1, (double)a.before / (double)a.after);
    if (a.before == a.after)
        return 0;
    return 2 * (int64_t)ceil(3 * widen) + 1;
}

/* Maps [*first, *end) of the later canvas to its source range, with some margin. */
static void go_back(axis a, int64_t *first, int64_t *end)
{
    const double scale = (double)a.before / (double)a.after;
    *first = gd_max_i64(0, (int64_t)floor((double)*first * scale) - reach(a));
    *end = gd_min_i64(a.before, (int64_t)ceil((double)*end * scale) + reach(a));
}

/* The extent of a part, at any position, that contains the source range of `after` pixels of the later
 * canvas. */
static int64_t part_extent(axis a, int64_t after, int64_t at_least)
{
    const double scale = (double)a.before / (double)a.after;
    const int64_t needed = (int64_t)ceil((double)after * scale) + 1 + 2 * reach(a);
    if (a.before == a.after)
        return gd_min_i64(a.before, gd_max_i64(after, at_least));
    return gd_min_i64(a.before, gd_max_i64(needed, at_least));
}

/* Start of a part of `extent` pixels with [first, end) at its center, moved inside the canvas where needed.
 */
static int64_t place_part(int64_t canvas, int64_t extent, int64_t first, int64_t end)
{
    return gd_max_i64(0, gd_min_i64(canvas - extent, first - (extent - (end - first)) / 2));
}

/* Margin around a crop that hides the seam at the part's edges: the halo of the poster's largest tiles in its
 * last octave, within bounds. */
static gd_status find_margin(const gd_engine *engine, const gd_render_parameters *p, int64_t *margin,
                             gd_error *error)
{
    enum { LEAST = 64, MOST = 256 };
    const int64_t tile = (int64_t)fmax(p->tile.start, p->tile.end);
    int64_t halo = 0;
    const gd_status status = gd_octave_halo(p, engine, p->octave_end - 1, tile, &halo, error);
    *margin = gd_max_i64(LEAST, gd_min_i64(MOST, halo));
    return status;
}

static int64_t crop_extent(int64_t canvas, int64_t side)
{
    return gd_min_i64(side, gd_max_i64(1, canvas / GD_PROOF_CELLS));
}

/* Computes the part sizes from the final picture back to the first octave. */
static void size_parts(gd_proof_geometry *w, int64_t margin, int64_t smallest)
{
    gd_proof_level *last = &w->levels[w->octaves];
    last->part_rows = crop_extent(last->rows, w->side);
    last->part_cols = crop_extent(last->cols, w->side);
    const int64_t rows = gd_max_i64(smallest, last->part_rows + 2 * margin);
    const int64_t cols = gd_max_i64(smallest, last->part_cols + 2 * margin);
    for (int32_t i = w->octaves - 1; i >= 0; i--) {
        gd_proof_level *l = &w->levels[i], *next = l + 1;
        const bool whole = i < w->shared;
        const int64_t around = next == last ? 2 * margin : 0;
        l->part_rows =
            whole ? l->rows : part_extent((axis){l->rows, next->rows}, next->part_rows + around, rows);
        l->part_cols =
            whole ? l->cols : part_extent((axis){l->cols, next->cols}, next->part_cols + around, cols);
    }
}

/* Size of the overview. If even the first octave is too large, its canvas is reduced to the display size, but
 * not below the network's smallest input. */
static void size_whole(gd_proof_geometry *w, int64_t smallest)
{
    const gd_proof_level *l = &w->levels[w->shared > 0 ? w->shared - 1 : 0];
    const double shorter = (double)gd_min_i64(l->rows, l->cols),
                 longer = (double)gd_max_i64(l->rows, l->cols);
    const double scale = fmin(1, fmax(GD_PROOF_SIDE / longer, (double)smallest / shorter));
    w->whole_rows = (int64_t)round((double)l->rows * scale);
    w->whole_cols = (int64_t)round((double)l->cols * scale);
}

double gd_proof_pixels(const gd_proof_geometry *geometry)
{
    double sum = geometry->shared == 0 ? (double)geometry->whole_rows * (double)geometry->whole_cols : 0;
    for (int32_t i = 0; i < geometry->octaves; i++) {
        const gd_proof_level *l = &geometry->levels[i];
        sum += (double)l->part_rows * (double)l->part_cols * (i < geometry->shared ? 1 : GD_PROOF_CROPS);
    }
    return sum;
}

/* The same, of the whole picture. */
static double picture_pixels(const gd_proof_geometry *geometry)
{
    double sum = 0;
    for (int32_t i = 0; i < geometry->octaves; i++)
        sum += (double)geometry->levels[i].rows * (double)geometry->levels[i].cols;
    return sum;
}

double gd_proof_share(const gd_proof_geometry *geometry)
{
    return gd_proof_pixels(geometry) / picture_pixels(geometry);
}

static void size_crops(gd_proof_geometry *w, int64_t margin, int64_t smallest)
{
    enum { STEP = 64 };
    const double most_share = 1.0 / 3;
    w->side = GD_PROOF_SIDE;
    size_parts(w, margin, smallest);
    while (gd_proof_share(w) > most_share && w->side > GD_PROOF_LEAST) {
        w->side -= STEP;
        size_parts(w, margin, smallest);
    }
}

gd_status gd_proof_geometry_create(const gd_engine *engine, const gd_render_parameters *p,
                                   gd_proof_geometry *geometry, gd_error *error)
{
    const int32_t octaves = p->octave_end - p->octave_first;
    *geometry = (gd_proof_geometry){.octaves = octaves};
    int64_t margin = 0;
    const gd_status status = find_margin(engine, p, &margin, error);
    if (status != GD_OK)
        return status;
    geometry->levels = calloc((size_t)octaves + 1, sizeof *geometry->levels);
    if (!geometry->levels)
        return gd_no_memory(error, "the octaves of a proof");
    for (int32_t i = 0; i < octaves; i++) {
        gd_proof_level *l = &geometry->levels[i];
        l->octave = p->octave_first + i;
        const gd_extent extent = gd_octave_extent(p, l->octave);
        l->rows = extent.rows;
        l->cols = extent.cols;
        if (gd_max_i64(l->rows, l->cols) <= GD_PROOF_SIDE)
            geometry->shared = i + 1;
    }
    geometry->levels[octaves] = geometry->levels[octaves - 1];
    if (p->final_resize) {
        geometry->levels[octaves].rows = p->base_rows;
        geometry->levels[octaves].cols = p->base_cols;
    }
    size_whole(geometry, engine->net->smallest_input);
    size_crops(geometry, margin, engine->net->smallest_input);
    return GD_OK;
}

void gd_proof_geometry_free(gd_proof_geometry *geometry)
{
    free(geometry->levels);
    geometry->levels = NULL;
}

int32_t gd_proof_whole_end(const gd_render_parameters *p, const gd_proof_geometry *geometry)
{
    return p->octave_first + (geometry->shared > 0 ? geometry->shared : 1);
}

gd_render_parameters gd_proof_crop_parameters(const gd_render_parameters *p,
                                              const gd_proof_geometry *geometry)
{
    gd_render_parameters crop = *p;
    crop.resumed = geometry->shared > 0;
    crop.resume_octave = p->octave_first + geometry->shared - 1;
    crop.resume_step = p->steps;
    return crop;
}

gd_rect gd_proof_crop(const gd_proof_geometry *geometry, int32_t cell)
{
    const gd_proof_level *l = &geometry->levels[geometry->octaves];
    const int64_t y = cell / GD_PROOF_CELLS, x = cell % GD_PROOF_CELLS, all = 2 * GD_PROOF_CELLS;
    const int64_t middle_y = (2 * y + 1) * l->rows / all, middle_x = (2 * x + 1) * l->cols / all;
    return (gd_rect){.y = place_part(l->rows, l->part_rows, middle_y, middle_y),
                     .x = place_part(l->cols, l->part_cols, middle_x, middle_x),
                     .rows = l->part_rows,
                     .cols = l->part_cols};
}

void gd_proof_parts(const gd_proof_geometry *geometry, gd_rect crop, gd_rect *parts)
{
    parts[geometry->octaves] = crop;
    for (int32_t i = geometry->octaves - 1; i >= 0; i--) {
        const gd_proof_level *l = &geometry->levels[i], *next = l + 1;
        const gd_rect after = parts[i + 1];
        int64_t top = after.y, bottom = after.y + after.rows, left = after.x, right = after.x + after.cols;
        go_back((axis){l->rows, next->rows}, &top, &bottom);
        go_back((axis){l->cols, next->cols}, &left, &right);
        parts[i] = (gd_rect){.y = place_part(l->rows, l->part_rows, top, bottom),
                             .x = place_part(l->cols, l->part_cols, left, right),
                             .rows = l->part_rows,
                             .cols = l->part_cols};
    }
}
