/* One page of a TIFF's pyramid, or a run of its columns: rows go in from the top, tiles come out, and every
 * two rows give one of the next page. */
#ifndef GD_IMAGE_TIFF_TIFF_LEVEL_H
#define GD_IMAGE_TIFF_TIFF_LEVEL_H

#include "image/tiff/tiff_page.h"

#include <stddef.h>

typedef struct gd_tiff_level {
    gd_tiff_page page;   /* the whole of it */
    int64_t first, cols; /* the run: whole tiles, but at the page's right edge */
    int64_t next;        /* the row that comes next */
    int64_t tile_rows, tile_cols;
    int64_t across;     /* tiles in a row of the run */
    size_t pixel_bytes; /* of a pixel */
    uint8_t *tiles;     /* owned; [across, tile_rows, tile_cols, 3], the row of tiles being filled */
    void *above;        /* owned; [cols, 3], the upper row of two; NULL: no page follows */
    void *half;         /* owned; [(cols + 1) / 2, 3], the row for the next page; NULL: no page follows */
} gd_tiff_level;

/* Takes its memory; `last`: no page follows. False when there is none; free it in any case. */
bool gd_tiff_level_create(gd_tiff_level *level, const gd_tiff_page *page, int64_t first, int64_t cols,
                          bool last);
void gd_tiff_level_free(gd_tiff_level *level);
size_t gd_tiff_level_bytes(const gd_tiff_page *page, int64_t cols, bool last); /* that it takes */

/* The next row of the run, [cols, 3]. True when it completes a row of tiles, which must be taken before the
 * next row comes. */
bool gd_tiff_level_row(gd_tiff_level *level, const void *samples);

/* Tile number i of the row of tiles that is complete, from the left: its samples, [tile_rows, tile_cols, 3],
 * and its number in the page. */
const void *gd_tiff_level_tile(const gd_tiff_level *level, int64_t i, int64_t *number);

/* The row of the next page that the latest row, `samples`, completes; NULL: it waits for the one that comes,
 * or no page follows. The level's own, until the next call. */
const void *gd_tiff_level_half(gd_tiff_level *level, const void *samples);

#endif
