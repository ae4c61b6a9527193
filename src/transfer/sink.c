/* Writes a canvas: a TIFF by columns on all ranks, other formats by bands through rank 0. */
#include "transfer/sink.h"

#include "image/writer.h"
#include "mpi/agree.h"
#include "transfer/bands.h"
#include "transfer/columns.h"

static gd_status write_band(void *context, int64_t count, const float *rgb, const void *samples,
                            gd_error *error)
{
    return samples ? gd_writer_samples(context, count, samples, error)
                   : gd_writer_rows(context, count, rgb, error);
}

static gd_status write_tile(void *context, int32_t page, int64_t number, const void *data, size_t bytes,
                            gd_error *error)
{
    return gd_writer_tile(context, page, number, data, bytes, error);
}

static gd_status write_rows(void *context, int64_t count, const void *samples, gd_error *error)
{
    return gd_writer_samples(context, count, samples, error);
}

gd_status gd_sink_file(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                       const gd_writer_options *options, gd_error *error)
{
    gd_writer_options sized = *options;
    gd_writer *writer = NULL;
    gd_column_cut cut = {0};
    gd_status status = GD_OK;
    sized.rows = canvas->partition->rows;
    sized.cols = canvas->partition->cols;
    if (options->kind == GD_FILE_TIFF) {
        cut = gd_column_cut_create(&sized, gd_comm_size(comm));
        sized.tiled_pages = cut.pages;
    }
    if (gd_comm_rank(comm) == 0)
        status = gd_writer_open(path, &sized, &writer, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK && options->kind == GD_FILE_TIFF)
        status = gd_columns_out(comm, engine, canvas, path, &sized, &cut,
                                &(gd_columns_sink){.context = writer, .tile = write_tile, .rows = write_rows},
                                error);
    else if (status == GD_OK)
        status = gd_bands_out(comm, engine, canvas, options->bits, write_band, writer, error);
    if (status != GD_OK) {
        gd_writer_abandon(writer);
        return status;
    }
    if (writer)
        status = gd_writer_finish(writer, error);
    return gd_comm_agree(comm, status, error);
}

gd_sink_need gd_sink_bytes(gd_memory_kind kind, const gd_writer_options *options, int32_t ranks, int32_t rank)
{
    if (options->kind == GD_FILE_TIFF) {
        const gd_column_cut cut = gd_column_cut_create(options, ranks);
        return (gd_sink_need){.windows = gd_columns_window_bytes(kind, &cut, rank),
                              .host = gd_columns_host_bytes(kind, options, &cut, false, rank)};
    }
    if (rank > 0)
        return (gd_sink_need){0};
    const size_t staging = (size_t)options->cols * GD_BLOCK * 3 * sizeof(float);
    return (gd_sink_need){.windows = gd_bands_bytes(kind, options->cols),
                          .host = (size_t)options->cols * 3 * (size_t)(options->bits / 8) +
                                  (kind == GD_MEMORY_DEVICE ? staging : 0)};
}
