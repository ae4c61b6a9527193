/* Takes the compressed tiles of all ranks in order and passes them on, on rank 0. */
#include "transfer/append.h"

#include "image/tiff/tiff_columns.h"
#include "transfer/bundle.h"

#include <stdlib.h>

static size_t pixel_bytes(int32_t bits)
{
    return (size_t)(3 * bits / 8);
}

int64_t gd_append_rows(const gd_column_cut *cut)
{
    return cut->rest_pages > 0 ? (cut->band >> cut->pages) + 2 : 0;
}

size_t gd_append_bytes(const gd_column_cut *cut, int32_t bits)
{
    return gd_tiff_columns_tile_most(bits) +
           (size_t)(gd_append_rows(cut) * cut->rest_cols) * pixel_bytes(bits);
}

gd_status gd_append_create(const gd_column_cut *cut, int32_t bits, const gd_columns_sink *sink, gd_pull *pull,
                           gd_append *append, gd_error *error)
{
    *append = (gd_append){
        .cut = cut, .bits = bits, .sink = sink, .pull = pull, .row_capacity = gd_append_rows(cut)};
    append->tile = malloc(gd_tiff_columns_tile_most(bits));
    if (append->row_capacity > 0)
        append->rows = malloc((size_t)(append->row_capacity * cut->rest_cols) * pixel_bytes(bits));
    if (!append->tile || (append->row_capacity > 0 && !append->rows))
        return gd_no_memory(error, "compressed tiles on rank 0");
    return GD_OK;
}

void gd_append_free(gd_append *append)
{
    free(append->tile);
    free(append->rows);
    *append = (gd_append){0};
}

static gd_status refuse(int32_t rank, const gd_bundle_heading *heading, gd_error *error)
{
    return gd_fail(error, GD_INTERNAL, "rank %d sent number %lld of page %lld in %lld bytes", rank,
                   (long long)heading->number, (long long)heading->page, (long long)heading->bytes);
}

static gd_status take_tile(gd_append *append, int32_t rank, const gd_bundle_heading *heading, gd_error *error)
{
    if (heading->page < 0 || heading->page >= append->cut->pages || heading->bytes < 1 ||
        (size_t)heading->bytes > gd_tiff_columns_tile_most(append->bits))
        return refuse(rank, heading, error);
    gd_status status = gd_pull_read(append->pull, append->tile, (size_t)heading->bytes, error);
    if (status == GD_OK)
        status = append->sink->tile(append->sink->context, (int32_t)heading->page, heading->number,
                                    append->tile, (size_t)heading->bytes, error);
    return status;
}

/* Reads a rank's columns of a row into the row. */
static gd_status take_row(gd_append *append, int32_t rank, const gd_bundle_heading *heading, gd_error *error)
{
    const gd_tiff_columns_run run = gd_column_cut_part(append->cut, rank);
    const size_t pixel = pixel_bytes(append->bits);
    const int64_t y = heading->number - append->row_next;
    if (y < 0 || y >= append->row_capacity || heading->bytes != run.rest_cols * (int64_t)pixel)
        return refuse(rank, heading, error);
    uint8_t *to = append->rows + (size_t)(y * append->cut->rest_cols + run.rest_first) * pixel;
    return gd_pull_read(append->pull, to, (size_t)heading->bytes, error);
}

/* *row_end: one after the last row read. */
static gd_status take_bundle(gd_append *append, int32_t rank, int64_t *row_end, gd_error *error)
{
    size_t left = 0;
    gd_status status = gd_pull_turn(append->pull, rank, &left, error);
    while (status == GD_OK && left > 0) {
        gd_bundle_heading heading;
        status = gd_pull_read(append->pull, &heading, sizeof heading, error);
        if (status != GD_OK)
            break;
        if (heading.page == GD_BUNDLE_ROW) {
            status = take_row(append, rank, &heading, error);
            *row_end = heading.number + 1;
        } else {
            status = take_tile(append, rank, &heading, error);
        }
        left -= status == GD_OK ? sizeof heading + (size_t)heading.bytes : 0;
    }
    return status;
}

gd_status gd_append_band(gd_append *append, gd_error *error)
{
    int64_t row_end = append->row_next;
    gd_status status = GD_OK;
    for (int32_t rank = 0; rank < append->cut->parts && status == GD_OK; rank++)
        status = take_bundle(append, rank, &row_end, error);
    if (status == GD_OK && row_end > append->row_next)
        status = append->sink->rows(append->sink->context, row_end - append->row_next, append->rows, error);
    append->row_next = row_end;
    return status;
}
