/* Writes a canvas as tiles for the web by columns: every rank writes its own. */
#include "transfer/web_sink.h"

#include "image/tiff/tiff_columns.h"
#include "mpi/agree.h"
#include "transfer/columns.h"

typedef struct web_sink {
    gd_web_tiles_options options;
    int32_t levels;
    gd_column_cut cut;
    gd_tiff_columns *rest; /* owned; rank 0's, of the smallest levels; NULL: none */
} web_sink;

static void convert(void *context, void *samples, int64_t cols)
{
    const web_sink *s = context;
    gd_icc_convert(s->options.conversion, samples, cols);
}

static gd_status write_tile(void *context, int32_t page, int64_t number, const void *samples, gd_error *error)
{
    const web_sink *s = context;
    return gd_web_tile_write(&s->options, s->levels - 1 - page, number, samples, error);
}

static gd_status take_rows(void *context, int64_t count, const void *samples, gd_error *error)
{
    const web_sink *s = context;
    const uint8_t *row = samples;
    gd_status status = GD_OK;
    for (int64_t i = 0; status == GD_OK && i < count; i++, row += s->cut.rest_cols * 3)
        status = gd_tiff_columns_row(s->rest, row, error);
    return status;
}

static gd_status create_rest(web_sink *s, const char *path, const gd_writer_options *pages, gd_error *error)
{
    const gd_tiff_columns_place place = {
        .first_page = s->cut.pages, .pages = s->cut.rest_pages, .cols = s->cut.rest_cols};
    const gd_tiff_columns_hooks hooks = {.context = s, .samples = write_tile};
    return s->cut.rest_pages > 0 ? gd_tiff_columns_create(path, pages, &place, &hooks, &s->rest, error)
                                 : GD_OK;
}

gd_status gd_web_sink(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                      const gd_web_tiles_options *options, gd_error *error)
{
    web_sink s = {.options = *options};
    s.options.rows = canvas->partition->rows;
    s.options.cols = canvas->partition->cols;
    const gd_writer_options pages = gd_web_tiles_as_pages(s.options.rows, s.options.cols);
    const gd_columns_sink sink = {.context = &s,
                                  .convert = options->conversion ? convert : NULL,
                                  .samples = write_tile,
                                  .rows = take_rows};
    s.levels = gd_web_level_count(s.options.rows, s.options.cols);
    s.cut = gd_column_cut_create(&pages, gd_comm_size(comm));
    gd_status status = gd_comm_rank(comm) == 0 ? create_rest(&s, path, &pages, error) : GD_OK;
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_columns_out(comm, engine, canvas, path, &pages, &s.cut, &sink, error);
    gd_tiff_columns_free(s.rest);
    return status;
}

gd_sink_need gd_web_sink_bytes(gd_memory_kind kind, int64_t rows, int64_t cols, int32_t ranks, int32_t rank)
{
    const gd_writer_options pages = gd_web_tiles_as_pages(rows, cols);
    const gd_column_cut cut = gd_column_cut_create(&pages, ranks);
    return (gd_sink_need){.windows = gd_columns_window_bytes(kind, &cut, rank),
                          .host = gd_columns_host_bytes(kind, &pages, &cut, true, rank)};
}
