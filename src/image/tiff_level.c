#include "image/tiff_level.h"

#include <stdlib.h>
#include <string.h>

static size_t tile_bytes(const gd_tiff_level *level)
{
    return (size_t)(level->tile_rows * level->tile_cols) * level->pixel_bytes;
}

static size_t row_bytes(const gd_tiff_level *level)
{
    return (size_t)level->tile_cols * level->pixel_bytes;
}

bool gd_tiff_level_create(gd_tiff_level *level, const gd_tiff_page *page, bool last)
{
    *level = (gd_tiff_level){.page = *page,
                             .tile_rows = gd_tiff_tile(page->compression, page->rows),
                             .tile_cols = gd_tiff_tile(page->compression, page->cols),
                             .pixel_bytes = (size_t)(3 * page->bits / 8)};
    level->across = (page->cols + level->tile_cols - 1) / level->tile_cols;
    level->tiles = malloc((size_t)level->across * tile_bytes(level));
    if (last || !level->tiles)
        return level->tiles != NULL;
    level->above = malloc((size_t)page->cols * level->pixel_bytes);
    level->half = malloc((size_t)(page->cols + 1) / 2 * level->pixel_bytes);
    return level->above && level->half;
}

/* A row into the tiles; beyond the picture its last pixel is repeated, which compresses well and rings least.
 */
static void place_row(gd_tiff_level *level, const uint8_t *samples, int64_t within)
{
    const size_t pixel = level->pixel_bytes;
    const int64_t width = level->tile_cols;
    for (int64_t i = 0; i < level->across; i++) {
        const int64_t left = level->page.cols - i * width, cols = left < width ? left : width;
        uint8_t *row = level->tiles + (size_t)i * tile_bytes(level) + (size_t)within * row_bytes(level);
        memcpy(row, samples + (size_t)(i * width) * pixel, (size_t)cols * pixel);
        for (int64_t x = cols; x < width; x++)
            memcpy(row + (size_t)x * pixel, row + (size_t)(cols - 1) * pixel, pixel);
    }
}

static bool write_tiles(gd_tiff_level *level, int64_t within)
{
    const uint32_t y = (uint32_t)(level->next - within);
    for (int64_t i = 0; i < level->across; i++) {
        const uint32_t tile = TIFFComputeTile(level->file, (uint32_t)(i * level->tile_cols), y, 0, 0);
        uint8_t *data = level->tiles + (size_t)i * tile_bytes(level);
        const uint8_t *last = data + (size_t)within * row_bytes(level);
        for (int64_t below = within + 1; below < level->tile_rows; below++)
            memcpy(data + (size_t)below * row_bytes(level), last, row_bytes(level));
        if (TIFFWriteEncodedTile(level->file, tile, data, (tmsize_t)tile_bytes(level)) < 0)
            return false;
    }
    return true;
}

bool gd_tiff_level_row(gd_tiff_level *level, const void *samples)
{
    const int64_t within = level->next % level->tile_rows;
    place_row(level, samples, within);
    if ((within == level->tile_rows - 1 || level->next == level->page.rows - 1) &&
        !write_tiles(level, within))
        return false;
    level->next++;
    return true;
}

/* Where one of the two rows or columns lies outside, the other stands for both, which is the mean of what is
 * there. */
static void halve_bytes(const uint8_t *above, const uint8_t *below, int64_t cols, uint8_t *half)
{
    for (int64_t x = 0; x < cols; x += 2) {
        const int64_t next = x + 1 < cols ? 3 : 0;
        for (int64_t i = 3 * x; i < 3 * x + 3; i++)
            *half++ = (uint8_t)((above[i] + above[i + next] + below[i] + below[i + next] + 2) / 4);
    }
}

static void halve_words(const uint16_t *above, const uint16_t *below, int64_t cols, uint16_t *half)
{
    for (int64_t x = 0; x < cols; x += 2) {
        const int64_t next = x + 1 < cols ? 3 : 0;
        for (int64_t i = 3 * x; i < 3 * x + 3; i++)
            *half++ = (uint16_t)((above[i] + above[i + next] + below[i] + below[i + next] + 2) / 4);
    }
}

const void *gd_tiff_level_half(gd_tiff_level *level, const void *samples)
{
    const gd_tiff_page *page = &level->page;
    if (!level->half)
        return NULL;
    const bool upper = level->next % 2 == 1;
    if (upper && level->next < page->rows) {
        memcpy(level->above, samples, (size_t)page->cols * level->pixel_bytes);
        return NULL;
    }
    const void *above = upper ? samples : level->above;
    if (page->bits == 8)
        halve_bytes(above, samples, page->cols, level->half);
    else
        halve_words(above, samples, page->cols, level->half);
    return level->half;
}

bool gd_tiff_level_copy(gd_tiff_level *level, TIFF *file, bool *memory)
{
    const uint32_t tiles = TIFFNumberOfTiles(level->file);
    uint64_t room = 0;
    uint8_t *data = NULL;
    bool copied = true;
    for (uint32_t i = 0; copied && i < tiles; i++) {
        const uint64_t bytes = TIFFGetStrileByteCount(level->file, i);
        if (bytes > room) {
            free(data);
            room = bytes;
            data = malloc(room);
        }
        *memory = data != NULL;
        copied = *memory && TIFFReadRawTile(level->file, i, data, (tmsize_t)bytes) == (tmsize_t)bytes &&
                 TIFFWriteRawTile(file, i, data, (tmsize_t)bytes) == (tmsize_t)bytes;
    }
    free(data);
    return copied;
}

void gd_tiff_level_free(gd_tiff_level *level)
{
    if (level->file)
        TIFFClose(level->file);
    free(level->tiles);
    free(level->above);
    free(level->half);
    *level = (gd_tiff_level){0};
}
