#include "dream/sink.h"

#include "dream/bands.h"

static gd_status write_band(void *context, int64_t count, const float *rgb, const void *samples,
                            gd_error *error)
{
    return samples ? gd_writer_samples(context, count, samples, error)
                   : gd_writer_rows(context, count, rgb, error);
}

gd_status gd_sink_file(gd_comm *comm, const gd_engine *engine, gd_stage *stage, const char *path,
                       const gd_writer_options *options, gd_error *error)
{
    gd_writer *writer = NULL;
    gd_status status = GD_OK;
    if (gd_comm_rank(comm) == 0) {
        gd_writer_options sized = *options;
        sized.rows = stage->layout->rows;
        sized.cols = stage->layout->cols;
        status = gd_writer_open(path, &sized, &writer, error);
    }
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_bands_out(comm, engine, stage, options->bits, write_band, writer, error);
    if (status != GD_OK) {
        gd_writer_abandon(writer);
        return status;
    }
    if (writer)
        status = gd_writer_finish(writer, error);
    return gd_comm_agree(comm, status, error);
}
