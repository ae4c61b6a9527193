/* Executes the passes that shape a gradient: each over all parts, piece by piece; then what it measures is
 * joined.
 *
 * A piece's values depend on its place in the canvas alone, and its moments have a place in the order of all
 * pieces. So nothing depends on which rank computes it. */
#include "dream/shape.h"

#include "dream/mask.h"
#include "dream/moments.h"
#include "dream/shape_passes.h"
#include "dream/update.h"
#include "transfer/pieces.h"

#include <math.h>
#include <stdlib.h>

/* A pass over one part. */
typedef struct passing {
    const gd_execution *x;
    const gd_shape_pass *pass;
    const gd_step_parameters *step;
    gd_canvas *from, *to;
    float keep, factor; /* by which values and what is added to them are multiplied */
    gd_resample_cut cut;
    double *sums; /* owned; [pieces, 2] of all ranks; this rank's are set */
} passing;

double gd_shape_together(const double *deviations, int32_t parts)
{
    double squares = 0;
    for (int32_t i = 0; i < parts; i++)
        squares += deviations[i] * deviations[i];
    return sqrt(squares / parts);
}

/* Axes of a stencil for the pixels [first, first + count) of an axis. */
static gd_status filter(const passing *p, const gd_resampler *rows, const gd_resampler *cols,
                        const float *source, gd_rect source_at, float *values, int64_t stride,
                        gd_error *error)
{
    const gd_rect all = {0, 0, rows->target, cols->target};
    return p->x->engine->backend->resample(p->x->engine->device, rows, cols, source, source_at, values, all,
                                           stride, error);
}

/* values = the piece's pixels under one Gaussian; `scratch` holds its rows, filtered across. */
static gd_status blur(const passing *p, const gd_piece *piece, const gd_stencil *gaussian, float *values,
                      int64_t stride, gd_error *error)
{
    static const gd_stencil itself = {GD_STENCIL_SAME, 0, 0};
    const gd_partition *of = p->from->partition;
    const gd_rect from = piece->source_at, at = piece->at, across = {from.y, at.x, from.rows, at.cols};
    gd_resampler *axes[4] = {0};
    gd_status status = gd_stencil_axis(&itself, of->rows, from.y, from.rows, true, &axes[0], error);
    if (status == GD_OK)
        status = gd_stencil_axis(gaussian, of->cols, at.x, at.cols, true, &axes[1], error);
    if (status == GD_OK)
        status = gd_stencil_axis(gaussian, of->rows, at.y, at.rows, true, &axes[2], error);
    if (status == GD_OK)
        status = gd_stencil_axis(&itself, of->cols, at.x, at.cols, true, &axes[3], error);
    if (status == GD_OK)
        status = filter(p, axes[0], axes[1], piece->source, from, piece->scratch, at.cols * 3, error);
    if (status == GD_OK)
        status = filter(p, axes[2], axes[3], piece->scratch, across, values, stride, error);
    for (int i = 0; i < 4; i++)
        gd_resampler_free(axes[i]);
    return status;
}

static gd_status measure(const passing *p, int64_t index, gd_rect at, const float *values, int64_t stride,
                         gd_error *error)
{
    return p->x->engine->backend->moments(p->x->engine->device, values, at.rows, at.cols, stride,
                                          p->sums + 2 * index, error);
}

static gd_status smooth(void *context, const gd_piece *piece, gd_error *error)
{
    const passing *p = context;
    const gd_backend *backend = p->x->engine->backend;
    const gd_rect at = piece->at;
    const int64_t wide = gd_resample_source_floats((gd_rect){0, 0, piece->source_at.rows, at.cols});
    float *other = piece->scratch + wide;
    const float third = 1.0F / GD_SHAPE_GAUSSIANS;
    gd_stencil gaussian = gd_shape_gaussian(p->step->smooth, 0);
    gd_status status = blur(p, piece, &gaussian, piece->values, piece->stride, error);
    for (int i = 1; status == GD_OK && i < GD_SHAPE_GAUSSIANS; i++) {
        gaussian = gd_shape_gaussian(p->step->smooth, i);
        status = blur(p, piece, &gaussian, other, at.cols * 3, error);
        if (status == GD_OK)
            status = backend->mix(p->x->engine->device, piece->values, piece->stride, other, at.cols * 3,
                                  at.rows, at.cols * 3, i == 1 ? third : 1, third, error);
    }
    return status == GD_OK ? measure(p, piece->index, at, piece->values, piece->stride, error) : status;
}

/* scratch = the gradient of the total variation of the canvas, by this piece's pixels. */
static gd_status roughness(const passing *p, const gd_piece *piece, gd_error *error)
{
    const gd_extent canvas = {p->from->partition->rows, p->from->partition->cols};
    return p->x->engine->backend->roughness(p->x->engine->device, piece->source, piece->source_at, canvas,
                                            piece->scratch, piece->at, error);
}

static gd_status measure_roughness(void *context, const gd_piece *piece, gd_error *error)
{
    const passing *p = context;
    const gd_status status = roughness(p, piece, error);
    return status == GD_OK ? measure(p, piece->index, piece->at, piece->scratch, piece->at.cols * 3, error)
                           : status;
}

/* values = keep * values + factor * scratch. */
static gd_status add_scratch(const passing *p, const gd_piece *piece, gd_error *error)
{
    const int64_t floats = piece->at.cols * 3;
    return p->x->engine->backend->mix(p->x->engine->device, piece->values, piece->stride, piece->scratch,
                                      floats, piece->at.rows, floats, p->keep, p->factor, error);
}

static gd_status add_roughness(void *context, const gd_piece *piece, gd_error *error)
{
    const gd_status status = roughness(context, piece, error);
    return status == GD_OK ? add_scratch(context, piece, error) : status;
}

/* values = the source under a stencil of both axes. */
static gd_status scale(const passing *p, const gd_piece *piece, float *values, int64_t stride,
                       gd_error *error)
{
    const gd_stencil *stencil = &p->pass->stencil;
    const gd_partition *of = p->from->partition;
    const gd_rect at = piece->at;
    gd_resampler *rows = NULL, *cols = NULL;
    gd_status status = gd_stencil_axis(stencil, of->rows, at.y, at.rows, true, &rows, error);
    if (status == GD_OK)
        status = gd_stencil_axis(stencil, of->cols, at.x, at.cols, true, &cols, error);
    if (status == GD_OK)
        status = filter(p, rows, cols, piece->source, piece->source_at, values, stride, error);
    gd_resampler_free(rows);
    gd_resampler_free(cols);
    return status;
}

static gd_status halve(void *context, const gd_piece *piece, gd_error *error)
{
    const passing *p = context;
    const gd_status status = scale(p, piece, piece->values, piece->stride, error);
    return status == GD_OK ? measure(p, piece->index, piece->at, piece->values, piece->stride, error)
                           : status;
}

static gd_status measure_band(void *context, const gd_piece *piece, gd_error *error)
{
    const passing *p = context;
    const int64_t floats = piece->at.cols * 3;
    gd_status status = scale(p, piece, piece->scratch, floats, error);
    if (status == GD_OK)
        status = p->x->engine->backend->mix(p->x->engine->device, piece->scratch, floats, piece->values,
                                            piece->stride, piece->at.rows, floats, -1, 1, error);
    return status == GD_OK ? measure(p, piece->index, piece->at, piece->scratch, floats, error) : status;
}

static gd_status add_level(void *context, const gd_piece *piece, gd_error *error)
{
    const gd_status status = scale(context, piece, piece->scratch, piece->at.cols * 3, error);
    return status == GD_OK ? add_scratch(context, piece, error) : status;
}

typedef struct doing {
    gd_piece_work *work;
    gd_access access;
    bool measures;
} doing;

static const doing tasks[] = {
    [GD_SHAPE_SMOOTH] = {smooth, GD_ACCESS_REPLACE, true},
    [GD_SHAPE_MEASURE_ROUGHNESS] = {measure_roughness, GD_ACCESS_READ, true},
    [GD_SHAPE_ADD_ROUGHNESS] = {add_roughness, GD_ACCESS_CHANGE, false},
    [GD_SHAPE_HALVE] = {halve, GD_ACCESS_REPLACE, true},
    [GD_SHAPE_MEASURE_BAND] = {measure_band, GD_ACCESS_READ, true},
    [GD_SHAPE_ADD_LEVEL] = {add_level, GD_ACCESS_CHANGE, false},
};

static gd_status run_pieces(passing *p, gd_error *error)
{
    const gd_pieces pieces = {.comm = p->x->comm,
                              .engine = p->x->engine,
                              .from = p->from->pixels,
                              .to = p->to->pixels,
                              .cut = &p->cut,
                              .access = tasks[p->pass->task].access,
                              .scratch_floats = gd_shape_scratch(p->pass, &p->cut),
                              .work = tasks[p->pass->task].work,
                              .context = p};
    return gd_pieces_run(&pieces, error);
}

/* Joins the moments of all pieces. */
static gd_status join(const passing *p, double total[2], gd_error *error)
{
    const gd_partition *partition = p->to->partition;
    int64_t *first = calloc((size_t)partition->ranks + 1, sizeof *first);
    gd_status status = GD_OK;
    if (!first)
        return gd_no_memory(error, "the moments of %d ranks", partition->ranks);
    for (int32_t r = 0; r < partition->ranks; r++)
        gd_pieces_of(&p->cut, r, &first[r], &first[r + 1]);
    if (gd_comm_rank(p->x->comm) < partition->ranks)
        status = gd_moments_join(p->x->comm, partition->ranks, first, p->sums, total, error);
    free(first);
    return status;
}

/* total: of what the pass measures; 0 if it measures nothing, and on ranks that hold nothing. */
static gd_status run_part(passing *p, double total[2], gd_error *error)
{
    gd_resampler *axes[2];
    gd_status status = gd_shape_cut(p->pass, p->from->partition, p->to->partition, axes, &p->cut, error);
    if (status == GD_OK) {
        const int64_t blocks = p->to->partition->block_rows * p->to->partition->block_cols;
        p->sums = calloc((size_t)(blocks * p->cut.parts * p->cut.parts), 2 * sizeof *p->sums);
        if (!p->sums)
            status = gd_no_memory(error, "the moments of %lld blocks", (long long)blocks);
    }
    if (status == GD_OK)
        status = run_pieces(p, error);
    total[0] = total[1] = 0;
    if (status == GD_OK && tasks[p->pass->task].measures)
        status = join(p, total, error);
    free(p->sums);
    gd_resampler_free(axes[0]);
    gd_resampler_free(axes[1]);
    return status;
}

static bool masked(const gd_execution *x)
{
    return x->canvases[GD_ROLE_MASK][0] != NULL;
}

/* Takes gradients for 0 where masks are black: what is computed there depends on the tiles. */
static gd_status clear_black(const gd_execution *x, gd_error *error)
{
    gd_status status = GD_OK;
    for (int32_t part = 0; status == GD_OK && masked(x) && part < x->parts; part++)
        status = gd_mask_clear(x->engine, x->canvases[GD_ROLE_OTHER][part]->pixels,
                               x->canvases[GD_ROLE_MASK][part]->pixels, error);
    return status;
}

/* The deviation of all parts together where masks are not black; parts that are black all over do not count.
 */
static gd_status measure_masked(const gd_execution *x, gd_canvas_role role, double *deviation,
                                gd_error *error)
{
    double deviations[GD_EXECUTE_PARTS];
    int32_t count = 0;
    gd_status status = GD_OK;
    for (int32_t part = 0; status == GD_OK && part < x->parts; part++) {
        status = gd_mask_deviation(x->comm, x->engine, x->canvases[role][part]->pixels,
                                   x->canvases[GD_ROLE_MASK][part]->pixels, x->mask_sums[part],
                                   &deviations[count], error);
        count += x->mask_sums[part] > 0;
    }
    if (status == GD_OK)
        *deviation = count > 0 ? gd_shape_together(deviations, count) : 0;
    return status;
}

/* Of what a pass measures, of all parts together. */
typedef struct measured {
    double deviation, root; /* of the mean square; with a mask, of parts that are not black all over, as if
                               all of it were where they are white */
} measured;

/* The share of a part that is white. */
static double white_share(const gd_execution *x, int32_t part)
{
    const gd_canvas *mask = x->canvases[GD_ROLE_MASK][part];
    return mask ? x->mask_sums[part] / ((double)mask->partition->rows * (double)mask->partition->cols) : 1;
}

static gd_status run_pass(passing *p, measured *m, gd_error *error)
{
    double deviations[GD_EXECUTE_PARTS], roots[GD_EXECUTE_PARTS], total[2];
    int32_t count = 0;
    gd_status status = GD_OK;
    for (int32_t part = 0; status == GD_OK && part < p->x->parts; part++) {
        p->from = p->x->canvases[p->pass->from][part];
        p->to = p->x->canvases[p->pass->to][part];
        status = run_part(p, total, error);
        const double values = 3.0 * (double)p->to->partition->rows * (double)p->to->partition->cols;
        const double white = white_share(p->x, part);
        deviations[part] = gd_moments_deviation(total, values);
        if (white > 0)
            roots[count++] = sqrt(total[1] / values / white);
    }
    *m = (measured){0};
    if (status == GD_OK) {
        m->deviation = gd_shape_together(deviations, p->x->parts);
        m->root = count > 0 ? gd_shape_together(roots, count) : 0;
    }
    return status;
}

/* The gradient is in `role` now. `deviation`: over whole canvases. */
static gd_status take(const gd_execution *x, const gd_step_parameters *step, gd_canvas_role role,
                      double deviation, gd_shaped *shaped, gd_error *error)
{
    const gd_status status = masked(x) ? measure_masked(x, role, &deviation, error) : GD_OK;
    const bool whole = step->normalize == GD_NORMALIZE_DEVIATION;
    *shaped = (gd_shaped){role, deviation, whole ? deviation + 1e-8 : 1};
    return status;
}

/* What level `i` of a gradient is multiplied by, 0 its own size, so that its bands, and what is left of it,
 * are divided by `roots`. */
static double share_of_level(const double roots[GD_BANDS + 1], int i)
{
    const double least = 1e-10;
    return 1 / fmax(roots[i], least) - (i > 0 ? 1 / fmax(roots[i - 1], least) : 0);
}

/* Sets the multiples of a pass that adds. */
static void weigh(passing *p, const double roots[GD_BANDS + 1], double roughness, gd_shaped *shaped)
{
    if (p->pass->task == GD_SHAPE_ADD_ROUGHNESS) {
        p->keep = (float)(1 / shaped->divisor);
        p->factor = (float)(-p->step->tv / (roughness + 1e-8));
        shaped->divisor = 1;
    } else if (p->pass->task == GD_SHAPE_ADD_LEVEL) {
        const int from = gd_role_halvings(p->pass->from);
        p->keep = (float)share_of_level(roots, from - 1);
        p->factor = from == GD_BANDS ? (float)share_of_level(roots, from) : 1;
    }
}

gd_status gd_shape_gradients(const gd_execution *x, const gd_step_parameters *step, double deviation,
                             gd_shaped *shaped, gd_error *error)
{
    gd_shape_pass passes[GD_SHAPE_PASSES];
    const int count = gd_shape_passes(step, passes);
    const bool smooths = step->smooth > 0;
    double roots[GD_BANDS + 1] = {0};
    measured m = {0};
    gd_status status = smooths || step->normalize != GD_NORMALIZE_DEVIATION ? clear_black(x, error) : GD_OK;
    if (status == GD_OK && !smooths)
        status = take(x, step, GD_ROLE_OTHER, deviation, shaped, error);
    for (int i = 0; status == GD_OK && i < count; i++) {
        const gd_shape_pass *pass = &passes[i];
        passing p = {.x = x, .pass = pass, .step = step};
        weigh(&p, roots, m.deviation, shaped);
        status = run_pass(&p, &m, error);
        if (status == GD_OK && pass->task == GD_SHAPE_SMOOTH)
            status = take(x, step, GD_ROLE_SMOOTH, m.deviation, shaped, error);
        if (pass->task == GD_SHAPE_MEASURE_BAND || pass->task == GD_SHAPE_HALVE)
            roots[gd_role_halvings(pass->to)] = m.root; /* of a level first, then of the band in it */
    }
    return status;
}

gd_status gd_shape_update(const gd_execution *x, int32_t part, const gd_shaped *shaped, double step_size,
                          gd_error *error)
{
    gd_plane *canvas = x->canvases[GD_ROLE_CANVAS][part]->pixels;
    const gd_plane *gradient = x->canvases[shaped->role][part]->pixels;
    if (!masked(x))
        return gd_update(x->engine, canvas, gradient, (float)(step_size / shaped->divisor), error);
    return gd_mask_update(x->engine, canvas, gradient, x->canvases[GD_ROLE_MASK][part]->pixels,
                          shaped->divisor, step_size, error);
}
