/* Lists the passes that shape a gradient, and cuts them into pieces. */
#include "dream/shape_passes.h"

#include <math.h>

gd_stencil gd_shape_gaussian(double sigma, int index)
{
    /* beyond 8 of its own sigma a weight is below 2e-14 of the first one */
    const double own = ldexp(sigma, index - 1);
    return (gd_stencil){GD_STENCIL_SAME, (int32_t)ceil(8 * fmin(own, sigma)), own};
}

gd_step_parameters gd_shape_widest(const gd_render_parameters *p, const gd_step_parameters *step)
{
    gd_step_parameters widest = *step;
    widest.smooth = fmax(p->smooth.start, p->smooth.end);
    return widest;
}

/* What holds level `i` of a gradient, 0 its own size. */
static gd_canvas_role level_of(gd_canvas_role gradient, int i)
{
    return i == 0 ? gradient : (gd_canvas_role)(GD_ROLE_HALF + i - 1);
}

/* The passes by which each band of the gradient is divided. Levels are halved and measured from the finest to
 * the coarsest, and added up the other way. */
static int list_bands(gd_canvas_role gradient, gd_shape_pass *passes)
{
    static const gd_stencil halving = {GD_STENCIL_HALVE, 2, 0}, doubling = {GD_STENCIL_DOUBLE, 1, 0};
    int count = 0;
    for (int i = 0; i < GD_BANDS; i++) {
        const gd_canvas_role high = level_of(gradient, i), low = level_of(gradient, i + 1);
        passes[count++] = (gd_shape_pass){GD_SHAPE_HALVE, high, low, halving};
        passes[count++] = (gd_shape_pass){GD_SHAPE_MEASURE_BAND, low, high, doubling};
    }
    for (int i = GD_BANDS; i > 0; i--)
        passes[count++] =
            (gd_shape_pass){GD_SHAPE_ADD_LEVEL, level_of(gradient, i), level_of(gradient, i - 1), doubling};
    return count;
}

int gd_shape_passes(const gd_step_parameters *step, gd_shape_pass passes[GD_SHAPE_PASSES])
{
    static const gd_stencil neighbours = {GD_STENCIL_SAME, 1, 0};
    const gd_canvas_role gradient = step->smooth > 0 ? GD_ROLE_SMOOTH : GD_ROLE_OTHER;
    int count = 0;
    if (step->smooth > 0)
        passes[count++] = (gd_shape_pass){GD_SHAPE_SMOOTH, GD_ROLE_OTHER, GD_ROLE_SMOOTH,
                                          gd_shape_gaussian(step->smooth, GD_SHAPE_GAUSSIANS - 1)};
    if (step->normalize == GD_NORMALIZE_LAPLACIAN)
        count += list_bands(gradient, passes + count);
    for (int i = GD_SHAPE_MEASURE_ROUGHNESS; step->tv > 0 && i <= GD_SHAPE_ADD_ROUGHNESS; i++)
        passes[count++] = (gd_shape_pass){(gd_shape_task)i, GD_ROLE_CANVAS, gradient, neighbours};
    return count;
}

gd_status gd_shape_cut(const gd_shape_pass *pass, const gd_partition *from, const gd_partition *to,
                       gd_resampler *axes[2], gd_resample_cut *cut, gd_error *error)
{
    axes[0] = axes[1] = NULL;
    gd_status status = gd_stencil_axis(&pass->stencil, from->rows, 0, to->rows, false, &axes[0], error);
    if (status == GD_OK)
        status = gd_stencil_axis(&pass->stencil, from->cols, 0, to->cols, false, &axes[1], error);
    if (status == GD_OK)
        *cut = gd_resample_cut_create(to, axes[0], axes[1]);
    return status;
}

int64_t gd_shape_scratch(const gd_shape_pass *pass, const gd_resample_cut *cut)
{
    const int64_t side = cut->side, one = gd_resample_source_floats((gd_rect){0, 0, side, side});
    if (pass->task == GD_SHAPE_HALVE)
        return 0;
    if (pass->task != GD_SHAPE_SMOOTH)
        return one;
    return gd_resample_source_floats((gd_rect){0, 0, gd_stencil_reach(&pass->stencil, side), side}) + one;
}

int64_t gd_shape_most_floats(const gd_shape_pass *pass, const gd_resample_cut *cut)
{
    const int64_t side = gd_stencil_reach(&pass->stencil, cut->side);
    return cut->wave_pieces * gd_resample_source_floats((gd_rect){0, 0, side, side}) +
           gd_shape_scratch(pass, cut);
}
