/* Makes compressed tiles of all pages of a pyramid from the rows of a run of columns. */
#include "image/tiff/tiff_columns.h"

#include "image/tiff/tiff_encode.h"
#include "image/tiff/tiff_level.h"

#include <stdlib.h>

struct gd_tiff_columns {
    const char *path; /* borrowed */
    gd_tiff_columns_hooks hooks;
    gd_tiff_encoder *encoder; /* owned */
    int32_t first_page, count;
    gd_tiff_level levels[GD_TIFF_PAGES_MAX]; /* owned; [count] */
};

static bool create_levels(gd_tiff_columns *columns, const gd_writer_options *options,
                          const gd_tiff_columns_place *place)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    const int32_t all = gd_tiff_pages(options, pages);
    int64_t first = place->first, cols = place->cols;
    for (int32_t i = 0; i < place->pages; i++) {
        const int32_t page = place->first_page + i;
        columns->count++;
        if (!gd_tiff_level_create(&columns->levels[i], &pages[page], first, cols, page == all - 1))
            return false;
        first /= 2;
        cols = (cols + 1) / 2;
    }
    return true;
}

gd_status gd_tiff_columns_create(const char *path, const gd_writer_options *options,
                                 const gd_tiff_columns_place *place, const gd_tiff_columns_hooks *hooks,
                                 gd_tiff_columns **out, gd_error *error)
{
    *out = NULL;
    gd_tiff_columns *columns = calloc(1, sizeof *columns);
    if (columns) {
        columns->path = path;
        columns->hooks = *hooks;
        columns->first_page = place->first_page;
        columns->encoder = gd_tiff_encoder_create(options->bits);
    }
    if (!columns || !columns->encoder || !create_levels(columns, options, place)) {
        gd_tiff_columns_free(columns);
        return gd_no_memory(error, "%s: rows of tiles of %lld pixels", path, (long long)place->cols);
    }
    *out = columns;
    return GD_OK;
}

void gd_tiff_columns_free(gd_tiff_columns *columns)
{
    if (!columns)
        return;
    for (int32_t i = 0; i < columns->count; i++)
        gd_tiff_level_free(&columns->levels[i]);
    gd_tiff_encoder_free(columns->encoder);
    free(columns);
}

static gd_status compress_tile(gd_tiff_columns *columns, int32_t i, int64_t number, const void *samples,
                               gd_error *error)
{
    const gd_tiff_level *level = &columns->levels[i];
    const void *data = NULL;
    size_t bytes = 0;
    if (!gd_tiff_encode(columns->encoder, &level->page, samples, &data, &bytes))
        return gd_fail(error, GD_IO, "%s: a tile at row %lld of %lld cannot be compressed: %s", columns->path,
                       (long long)level->next, (long long)level->page.rows,
                       gd_tiff_encoder_cause(columns->encoder));
    return columns->hooks.tile(columns->hooks.context, columns->first_page + i, number, data, bytes, error);
}

static gd_status take_tiles(gd_tiff_columns *columns, int32_t i, gd_error *error)
{
    const gd_tiff_level *level = &columns->levels[i];
    const gd_tiff_columns_hooks *hooks = &columns->hooks;
    gd_status status = GD_OK;
    for (int64_t k = 0; k < level->across && status == GD_OK; k++) {
        int64_t number = 0;
        const void *samples = gd_tiff_level_tile(level, k, &number);
        status = hooks->samples
                     ? hooks->samples(hooks->context, columns->first_page + i, number, samples, error)
                     : compress_tile(columns, i, number, samples, error);
    }
    return status;
}

gd_status gd_tiff_columns_row(gd_tiff_columns *columns, const void *samples, gd_error *error)
{
    gd_status status = GD_OK;
    for (int32_t i = 0; i < columns->count && samples && status == GD_OK; i++) {
        if (gd_tiff_level_row(&columns->levels[i], samples))
            status = take_tiles(columns, i, error);
        samples = gd_tiff_level_half(&columns->levels[i], samples);
    }
    if (status == GD_OK && samples)
        status = columns->hooks.row(columns->hooks.context, samples, error);
    return status;
}

size_t gd_tiff_columns_tile_most(int32_t bits)
{
    return gd_tiff_encoded_most(bits);
}

size_t gd_tiff_columns_bytes(const gd_writer_options *options, const gd_tiff_columns_place *place)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    const int32_t all = gd_tiff_pages(options, pages);
    size_t bytes = gd_tiff_encoded_most(options->bits);
    int64_t cols = place->cols;
    for (int32_t i = place->first_page; i < place->first_page + place->pages; i++) {
        bytes += gd_tiff_level_bytes(&pages[i], cols, i == all - 1);
        cols = (cols + 1) / 2;
    }
    return bytes;
}
