/* Relative work of steps from the sizes of their windows: a visitor of the render's walk. */
#include "plan/work.h"

#include "dream/walk.h"
#include "tiling/tile_assignment.h"

#include <math.h>

typedef struct work {
    const gd_engine *engine;
    const gd_render_parameters *p;
    double sum;
} work;

/* Adds the mean window area times the number of windows that the rank with the most computes in sequence. */
static gd_status add_step(const work *w, const gd_octave *o, int32_t step, double *sum, gd_error *error)
{
    gd_step_parameters s;
    int64_t tiles, area;
    gd_status status = gd_octave_step(w->p, w->engine, o->octave, step, &s, error);
    if (status == GD_OK)
        status = gd_step_windows(w->engine, o->rows, o->cols, &s, &tiles, &area, error);
    if (status == GD_OK && tiles > 0) /* else a mask leaves out all of them */
        *sum += (double)area / (double)tiles * ceil((double)tiles / ((double)o->ranks * w->p->threads));
    return status;
}

/* Mean work of an octave's steps. */
static gd_status mean_step(const work *w, const gd_octave *o, double *mean, gd_error *error)
{
    double both = 0;
    gd_status status = add_step(w, o, 0, &both, error);
    if (status == GD_OK)
        status = add_step(w, o, w->p->steps - 1, &both, error);
    *mean = both / 2;
    return status;
}

gd_status gd_work_step(const gd_engine *engine, const gd_render_parameters *p, const gd_octave *octave,
                       double *mean, gd_error *error)
{
    return mean_step(&(work){.engine = engine, .p = p}, octave, mean, error);
}

static gd_status enter(void *context, const gd_octave *octave, gd_error *error)
{
    work *w = context;
    const int32_t steps = octave->steps_end - octave->step;
    double each = 0;
    if (steps == 0)
        return GD_OK;
    const gd_status status = mean_step(w, octave, &each, error);
    w->sum += steps * each;
    return status;
}

gd_status gd_work_left(const gd_engine *engine, const gd_render_parameters *p, int32_t ranks, double *left,
                       gd_error *error)
{
    static const gd_visitor visitor = {.enter = enter};
    work w = {.engine = engine, .p = p};
    const gd_walk walk = {engine, p, ranks, &visitor, &w};
    const gd_status status = gd_walk_render(&walk, error);
    *left = w.sum;
    return status;
}
