#include "plan/work.h"

#include "dream/octave.h"
#include "tiling/tile_assignment.h"

#include <math.h>

/* As many windows of the mean size one after the other as the rank with most has. */
static gd_status work_of(const gd_engine *engine, const gd_render_parameters *p, int32_t octave, int32_t step,
                         int32_t holding, double *work, gd_error *error)
{
    const gd_extent extent = gd_octave_extent(p, octave);
    const int64_t rows = extent.rows, cols = extent.cols;
    gd_step_parameters s;
    int64_t tiles, area;
    gd_status status = gd_render_step(p, engine, octave, step, &s, error);
    if (status == GD_OK)
        status = gd_step_windows(engine, rows, cols, &s, &tiles, &area, error);
    if (status == GD_OK)
        *work = (double)area / (double)tiles * ceil((double)tiles / ((double)holding * p->threads));
    return status;
}

gd_status gd_work_step(const gd_engine *engine, const gd_render_parameters *p, int32_t octave, int32_t ranks,
                       double *work, gd_error *error)
{
    double first = 0, last = 0;
    int32_t holding = ranks;
    gd_status status = gd_render_ranks(p, engine, octave, ranks, &holding, error);
    if (status == GD_OK)
        status = work_of(engine, p, octave, 0, holding, &first, error);
    if (status == GD_OK)
        status = work_of(engine, p, octave, p->steps - 1, holding, &last, error);
    *work = (first + last) / 2;
    return status;
}

gd_status gd_work_left(const gd_engine *engine, const gd_render_parameters *p, int32_t ranks, double *work,
                       gd_error *error)
{
    gd_status status = GD_OK;
    *work = 0;
    for (int32_t o = p->resumed ? p->resume_octave : p->octave_first; status == GD_OK && o < p->octave_end;
         o++) {
        const int32_t steps = p->steps - (p->resumed && o == p->resume_octave ? p->resume_step : 0);
        double each = 0;
        if (steps > 0)
            status = gd_work_step(engine, p, o, ranks, &each, error);
        *work += steps * each;
    }
    return status;
}
