/* Lists the passes that shape a gradient, and cuts them into pieces. */
#include "dream/shape_passes.h"

#include <math.h>

gd_stencil gd_shape_gaussian(double sigma, int index)
{
    /* beyond 8 of its own sigma a weight is below 2e-14 of the first one */
    const double own = ldexp(sigma, index - 1);
    return (gd_stencil){(int32_t)ceil(8 * fmin(own, sigma)), own};
}

gd_step_parameters gd_shape_widest(const gd_render_parameters *p, const gd_step_parameters *step)
{
    gd_step_parameters widest = *step;
    widest.smooth = fmax(p->smooth.start, p->smooth.end);
    return widest;
}

int gd_shape_passes(const gd_step_parameters *step, gd_shape_pass passes[GD_SHAPE_PASSES])
{
    static const gd_stencil neighbours = {1, 0};
    const gd_canvas_role gradient = step->smooth > 0 ? GD_ROLE_SMOOTH : GD_ROLE_OTHER;
    int count = 0;
    if (step->smooth > 0)
        passes[count++] = (gd_shape_pass){GD_SHAPE_SMOOTH, GD_ROLE_OTHER, GD_ROLE_SMOOTH,
                                          gd_shape_gaussian(step->smooth, GD_SHAPE_GAUSSIANS - 1)};
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
    const int64_t side = cut->side;
    return gd_resample_source_floats((gd_rect){0, 0, side + 2 * pass->stencil.radius, side}) +
           gd_resample_source_floats((gd_rect){0, 0, side, side});
}

int64_t gd_shape_most_floats(const gd_shape_pass *pass, const gd_resample_cut *cut)
{
    const int64_t side = cut->side + 2 * pass->stencil.radius;
    return cut->wave_pieces * gd_resample_source_floats((gd_rect){0, 0, side, side}) +
           gd_shape_scratch(pass, cut);
}
