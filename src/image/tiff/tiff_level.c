/* Collects rows of one page into rows of tiles, and halves them for the next page of a pyramid. */
#include "image/tiff/tiff_level.h"

#include "base/round.h"

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

bool gd_tiff_level_create(gd_tiff_level *level, const gd_tiff_page *page, int64_t first, int64_t cols,
                          bool last)
{
    *level = (gd_tiff_level){.page = *page,
                             .first = first,
                             .cols = cols,
                             .tile_rows = gd_tiff_tile(page->compression, page->rows),
                             .tile_cols = gd_tiff_tile(page->compression, page->cols),
                             .pixel_bytes = (size_t)(3 * page->bits / 8)};
    level->across = (cols + level->tile_cols - 1) / level->tile_cols;
    level->tiles = malloc((size_t)level->across * tile_bytes(level));
    if (last || !level->tiles)
        return level->tiles != NULL;
    level->above = malloc((size_t)cols * level->pixel_bytes);
    level->half = malloc((size_t)(cols + 1) / 2 * level->pixel_bytes);
    return level->above && level->half;
}

void gd_tiff_level_free(gd_tiff_level *level)
{
    free(level->tiles);
    free(level->above);
    free(level->half);
    *level = (gd_tiff_level){0};
}

size_t gd_tiff_level_bytes(const gd_tiff_page *page, int64_t cols, bool last)
{
    const int64_t tile_rows = gd_tiff_tile(page->compression, page->rows);
    const int64_t width = gd_round_up(cols, gd_tiff_tile(page->compression, page->cols));
    const int64_t pixels = tile_rows * width + (last ? 0 : cols + (cols + 1) / 2);
    return (size_t)pixels * (size_t)(3 * page->bits / 8);
}

/* Copies a row to the tiles; beyond the picture its last pixel is repeated, which compresses well and avoids
 * ringing. */
static void place_row(gd_tiff_level *level, const uint8_t *samples, int64_t within)
{
    const size_t pixel = level->pixel_bytes;
    const int64_t width = level->tile_cols;
    for (int64_t i = 0; i < level->across; i++) {
        const int64_t left = level->cols - i * width, cols = left < width ? left : width;
        uint8_t *row = level->tiles + (size_t)i * tile_bytes(level) + (size_t)within * row_bytes(level);
        memcpy(row, samples + (size_t)(i * width) * pixel, (size_t)cols * pixel);
        for (int64_t x = cols; x < width; x++)
            memcpy(row + (size_t)x * pixel, row + (size_t)(cols - 1) * pixel, pixel);
    }
}

/* Repeats the last row below the picture. */
static void fill_below(gd_tiff_level *level, int64_t within)
{
    for (int64_t i = 0; i < level->across; i++) {
        uint8_t *data = level->tiles + (size_t)i * tile_bytes(level);
        const uint8_t *last = data + (size_t)within * row_bytes(level);
        for (int64_t below = within + 1; below < level->tile_rows; below++)
            memcpy(data + (size_t)below * row_bytes(level), last, row_bytes(level));
    }
}

bool gd_tiff_level_row(gd_tiff_level *level, const void *samples)
{
    const int64_t within = level->next % level->tile_rows;
    place_row(level, samples, within);
    level->next++;
    if (within < level->tile_rows - 1 && level->next < level->page.rows)
        return false;
    fill_below(level, within);
    return true;
}

const void *gd_tiff_level_tile(const gd_tiff_level *level, int64_t i, int64_t *number)
{
    const int64_t page_across = (level->page.cols + level->tile_cols - 1) / level->tile_cols;
    *number = (level->next - 1) / level->tile_rows * page_across + level->first / level->tile_cols + i;
    return level->tiles + (size_t)i * tile_bytes(level);
}

/* If one of the two rows or columns is outside, the other is counted twice, which gives the mean of the
 * existing samples. */
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
    if (!level->half)
        return NULL;
    const bool upper = level->next % 2 == 1;
    if (upper && level->next < level->page.rows) {
        memcpy(level->above, samples, (size_t)level->cols * level->pixel_bytes);
        return NULL;
    }
    const void *above = upper ? samples : level->above;
    if (level->page.bits == 8)
        halve_bytes(above, samples, level->cols, level->half);
    else
        halve_words(above, samples, level->cols, level->half);
    return level->half;
}
