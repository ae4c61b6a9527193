/* Resamples a canvas to another size, or deals its blocks out anew, in waves that stay small. */
#include "transfer/canvas_resample.h"

#include "transfer/pieces.h"

typedef struct change {
    const gd_engine *engine;
    const gd_canvas *from, *to;
    gd_resampler *rows, *cols; /* owned; NULL: of the same size, blocks only change their rank */
} change;

static gd_status resample_piece(void *context, const gd_piece *piece, gd_error *error)
{
    const change *c = context;
    const gd_rect from = gd_rect_move(piece->source_at, c->from->at.y, c->from->at.x);
    const gd_rect to = gd_rect_move(piece->at, c->to->at.y, c->to->at.x);
    return c->engine->backend->resample(c->engine->device, c->rows, c->cols, piece->source, from,
                                        piece->values, to, piece->stride, error);
}

static gd_status check_source(const change *c, const gd_resample_cut *cut, gd_error *error)
{
    const gd_rect all = {0, 0, c->to->at.rows, c->to->at.cols},
                  had = {0, 0, c->from->at.rows, c->from->at.cols};
    const gd_rect source = gd_resample_source(cut, all);
    if (gd_rect_area(gd_rect_intersect(source, had)) == gd_rect_area(source))
        return GD_OK;
    return gd_fail(error, GD_INTERNAL, "a part of the canvas does not hold what the next one needs");
}

static gd_status run(change *c, gd_comm *comm, gd_error *error)
{
    gd_resample_cut cut = gd_resample_cut_create(c->to->partition, c->rows, c->cols);
    const gd_pieces pieces = {.comm = comm,
                              .engine = c->engine,
                              .from = c->from->pixels,
                              .to = c->to->pixels,
                              .cut = &cut,
                              .access = GD_ACCESS_REPLACE,
                              .work = resample_piece,
                              .context = c};
    cut.from = c->from->at;
    cut.to = c->to->at;
    const gd_status status = check_source(c, &cut, error);
    return status == GD_OK ? gd_pieces_run(&pieces, error) : status;
}

gd_status gd_canvas_resample(gd_comm *comm, const gd_engine *engine, gd_resample_kind kind,
                             const gd_canvas *from, gd_canvas *to, gd_error *error)
{
    const bool same = gd_extent_same(from->full, to->full);
    change c = {.engine = engine, .from = from, .to = to};
    gd_status status = GD_OK;
    if (!same)
        status = gd_resampler_create(kind, from->full.rows, to->full.rows, &c.rows, error);
    if (status == GD_OK && !same)
        status = gd_resampler_create(kind, from->full.cols, to->full.cols, &c.cols, error);
    if (status == GD_OK)
        status = run(&c, comm, error);
    gd_resampler_free(c.rows);
    gd_resampler_free(c.cols);
    return status;
}
