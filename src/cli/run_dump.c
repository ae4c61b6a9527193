#include "cli/run.h"

#include "dream/render.h"
#include "dream/tiles.h"
#include "net/tape.h"

#include <stdio.h>

/* The largest window extent of an axis at the last step of the largest octave. */
static gd_status widest(const gd_decision *d, const gd_net *net, int64_t base, int64_t *extent,
                        gd_error *error)
{
    const gd_options *o = &d->options;
    const int64_t stride = gd_objective_stride(net, &d->objective), tile = (int64_t)o->tile.end;
    const int64_t halo = gd_halo(o->halo_kind, o->halo, gd_objective_reach(net, &d->objective), stride, tile);
    const int64_t canvas = gd_octave_extent(base, o->octave_scale, o->octave_end - 1, o->compat_tensorflow);
    gd_cuts cuts;
    gd_status status = o->compat_tensorflow
                           ? gd_cuts_create_tensorflow(canvas, tile, &cuts, error)
                           : gd_cuts_create(canvas, tile, halo, stride, net->smallest_input, &cuts, error);
    if (status != GD_OK)
        return status;
    *extent = 0;
    for (int32_t i = 0; i < cuts.count; i++)
        *extent = cuts.cuts[i].window_extent > *extent ? cuts.cuts[i].window_extent : *extent;
    gd_cuts_free(&cuts);
    return GD_OK;
}

gd_status gd_run_dump(const gd_decision *decision, gd_error *error)
{
    const gd_options *o = &decision->options;
    const gd_backend *backend = gd_backend_find(o->backend);
    const gd_device_options device_options = {.precision = o->precision, .cores = o->threads};
    const gd_lower_options lower_options = {0};
    gd_device *device = NULL;
    gd_tape *tape = NULL;
    gd_program *program = NULL;
    int64_t rows = 0, cols = 0;
    gd_net *net = gd_net_create(o->architecture);
    if (!net)
        return gd_fail(error, GD_MEMORY, "out of memory for the network's table");
    gd_status status = widest(decision, net, decision->base_rows, &rows, error);
    if (status == GD_OK)
        status = widest(decision, net, decision->base_cols, &cols, error);
    if (status == GD_OK)
        status = backend->open(&device_options, &device, error);
    if (status == GD_OK)
        status = gd_tape_lower(net, &decision->objective, (int32_t)rows, (int32_t)cols, &lower_options, &tape,
                               error);
    if (status == GD_OK)
        status = backend->compile(device, tape, &program, error);
    if (status == GD_OK)
        backend->dump(program, net, stdout);
    if (program)
        backend->free(program);
    gd_tape_free(tape);
    backend->close(device);
    gd_net_free(net);
    return status;
}
