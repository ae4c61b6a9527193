/* Writes a canvas of a running render into a picture, and takes the time. */
#include "job/run/run_save.h"

#include "base/clock.h"
#include "job/prepare.h"
#include "transfer/sink.h"

gd_status gd_run_save(gd_run_state *r, const gd_canvas *canvas, gd_target *target, const char *path,
                      gd_error *error)
{
    gd_writer_options options = gd_prepare_writer(&r->decision);
    options.target = target;
    options.profile = r->profile;
    options.text = r->text;
    const double start = gd_clock();
    const gd_status status = gd_sink_file(r->comm, r->engine, canvas, path, &options, error);
    r->phases.seconds[GD_PHASE_WRITE] += gd_clock() - start;
    return status;
}
