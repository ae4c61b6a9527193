/* Makes the levels of a picture row by row, as those of a TIFF's pyramid, and their tiles as JPEGs. */
#include "web/tiles.h"

#include "image/jpeg/jpeg_tile.h"
#include "image/tiff/tiff_level.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(GD_WEB_LEVELS_MAX == (int)GD_TIFF_PAGES_MAX, "a level for each page of a pyramid");

struct gd_web_tiles {
    gd_web_tiles_options options;
    gd_tiff_level levels[GD_WEB_LEVELS_MAX]; /* the largest first */
    int32_t count;
    int64_t written;
};

gd_writer_options gd_web_tiles_as_pages(int64_t rows, int64_t cols)
{
    return (gd_writer_options){.rows = rows,
                               .cols = cols,
                               .kind = GD_FILE_TIFF,
                               .bits = 8,
                               .compression = GD_COMPRESSION_NONE,
                               .pyramid = true};
}

static int32_t list_pages(int64_t rows, int64_t cols, gd_tiff_page pages[GD_TIFF_PAGES_MAX])
{
    const gd_writer_options options = gd_web_tiles_as_pages(rows, cols);
    return gd_tiff_pages(&options, pages);
}

int32_t gd_web_level_count(int64_t rows, int64_t cols)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    return list_pages(rows, cols, pages);
}

uint64_t gd_web_tiles_bytes(int64_t rows, int64_t cols)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    const int32_t count = list_pages(rows, cols, pages);
    uint64_t bytes = sizeof(gd_web_tiles);
    for (int32_t i = 0; i < count; i++)
        bytes += gd_tiff_level_bytes(&pages[i], pages[i].cols, i == count - 1);
    return bytes;
}

static int64_t tiles_of(int64_t side)
{
    return (side + GD_TIFF_TILE - 1) / GD_TIFF_TILE;
}

/* A number as a part of a name, divided where there are more than GD_WEB_SHARD. */
static void write_part(int64_t number, int64_t count, char part[48])
{
    if (count > GD_WEB_SHARD)
        snprintf(part, 48, "%" PRId64 "/%" PRId64, number / GD_WEB_SHARD, number % GD_WEB_SHARD);
    else
        snprintf(part, 48, "%" PRId64, number);
}

void gd_web_tile_name(const gd_web_tiles_options *options, int32_t level, int64_t row, int64_t col,
                      char name[GD_WEB_NAME])
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    char y[48], x[48];
    const int32_t count = list_pages(options->rows, options->cols, pages);
    const gd_tiff_page *page = &pages[count - 1 - level];
    write_part(row, tiles_of(page->rows), y);
    write_part(col, tiles_of(page->cols), x);
    snprintf(name, GD_WEB_NAME, "%s/%d/%s/%s.jpg", options->tree, level, y, x);
}

gd_status gd_web_tiles_create(const gd_web_tiles_options *options, gd_web_tiles **tiles, gd_error *error)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    const int32_t count = list_pages(options->rows, options->cols, pages);
    gd_web_tiles *t = calloc(1, sizeof *t);
    bool done = t != NULL;
    for (int32_t i = 0; done && i < count; i++, t->count++)
        done = gd_tiff_level_create(&t->levels[i], &pages[i], 0, pages[i].cols, i == count - 1);
    *tiles = t;
    if (done) {
        t->options = *options;
        return GD_OK;
    }
    gd_web_tiles_free(t);
    *tiles = NULL;
    return gd_no_memory(error, "rows of tiles of %" PRId64 " pixels", options->cols);
}

gd_status gd_web_tile_write(const gd_web_tiles_options *options, int32_t level, int64_t number,
                            const uint8_t *rgb, gd_error *error)
{
    const gd_web_folder *folder = options->folder;
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    const int64_t across = tiles_of(pages[list_pages(options->rows, options->cols, pages) - 1 - level].cols);
    char name[GD_WEB_NAME];
    uint8_t *jpeg = NULL;
    size_t bytes = 0;
    gd_web_tile_name(options, level, number / across, number % across, name);
    if (folder->goes_on && gd_web_folder_has(folder, name))
        return GD_OK;
    if (!gd_jpeg_tile(rgb, GD_TIFF_TILE, GD_TIFF_TILE, options->quality, &jpeg, &bytes))
        return gd_no_memory(error, "a tile of %s", folder->path);
    const gd_status status = gd_web_folder_write(folder, name, jpeg, bytes, error);
    free(jpeg);
    return status;
}

/* Writes the complete row of tiles of a level. */
static gd_status write_tiles(gd_web_tiles *t, int32_t at, gd_error *error)
{
    const gd_tiff_level *level = &t->levels[at];
    gd_status status = GD_OK;
    for (int64_t i = 0; status == GD_OK && i < level->across; i++) {
        int64_t number;
        const void *rgb = gd_tiff_level_tile(level, i, &number);
        status = gd_web_tile_write(&t->options, t->count - 1 - at, number, rgb, error);
        t->written++;
    }
    return status;
}

gd_status gd_web_tiles_row(gd_web_tiles *tiles, uint8_t *rgb, gd_error *error)
{
    gd_status status = GD_OK;
    const void *row = rgb;
    if (tiles->options.conversion)
        gd_icc_convert(tiles->options.conversion, rgb, tiles->options.cols);
    for (int32_t i = 0; status == GD_OK && row && i < tiles->count; i++) {
        if (gd_tiff_level_row(&tiles->levels[i], row))
            status = write_tiles(tiles, i, error);
        row = gd_tiff_level_half(&tiles->levels[i], row);
    }
    return status;
}

int64_t gd_web_tiles_count(const gd_web_tiles *tiles)
{
    return tiles->written;
}

void gd_web_tiles_free(gd_web_tiles *tiles)
{
    if (!tiles)
        return;
    for (int32_t i = 0; i < GD_WEB_LEVELS_MAX; i++)
        gd_tiff_level_free(&tiles->levels[i]);
    free(tiles);
}
