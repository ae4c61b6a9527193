/* One page of a TIFF's pyramid, or a run of its columns: collects rows, from the top, to tiles, and halves
 * every two rows to one of the next page. */
#ifndef GD_IMAGE_TIFF_TIFF_LEVEL_H
#define GD_IMAGE_TIFF_TIFF_LEVEL_H

#include "image/tiff/tiff_page.h"

#include <stddef.h>

typedef struct gd_tiff_level {
    gd_tiff_page page;   /* the whole page */
    int64_t first, cols; /* the run: whole tiles, except at the page's right edge */
    int64_t next;        /* next row to be added */
    int64_t tile_rows, tile_cols;
    int64_t across;     /* tiles across the run */
    size_t pixel_bytes; /* of a pixel */
    uint8_t *tiles;     /* owned; [across, tile_rows, tile_cols, 3], the row of tiles being filled */
    void *above;        /* owned; [cols, 3], the first row of two; NULL: no page follows */
    void *half;         /* owned; [(cols + 1) / 2, 3], the row for the next page; NULL: no page follows */
} gd_tiff_level;

/* Allocates a level; `last`: no page follows. False: out of memory. Free it in any case. */
bool gd_tiff_level_create(gd_tiff_level *level, const gd_tiff_page *page, int64_t first, int64_t cols,
                          bool last);
void gd_tiff_level_free(gd_tiff_level *level);
size_t gd_tiff_level_bytes(const gd_tiff_page *page, int64_t cols, bool last); /* of its memory */

/* Adds the next row of the run, [cols, 3]. True if it completes a row of tiles, which must be read before the
 * next row is added. */
bool gd_tiff_level_row(gd_tiff_level *level, const void *samples);

/* Tile i, from the left, of the complete row of tiles: its samples [tile_rows, tile_cols, 3], borrowed, and
 * *number, its row-major index in the page. */
const void *gd_tiff_level_tile(const gd_tiff_level *level, int64_t i, int64_t *number);

/* The row of the next page that `samples`, the row added last, completes; borrowed until the next call. NULL:
 * another row is needed, or no page follows. */
const void *gd_tiff_level_half(gd_tiff_level *level, const void *samples);

#endif
