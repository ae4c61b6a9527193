/* One level of a TIFF's pyramid: rows go in from the top, tiles go to a file, and every two rows give one of
 * the level below. */
#ifndef GD_IMAGE_TIFF_LEVEL_H
#define GD_IMAGE_TIFF_LEVEL_H

#include "image/tiff_page.h"

typedef struct gd_tiff_level {
    gd_tiff_page page;
    TIFF *file;   /* owned; the page is set. The picture's own, or one where tiles wait */
    int64_t next; /* the row that comes next */
    int64_t tile_rows, tile_cols;
    int64_t across;     /* tiles in a row of them */
    size_t pixel_bytes; /* of a pixel */
    uint8_t *tiles;     /* owned; [across, tile_rows, tile_cols, 3], the row of tiles being filled */
    void *above;        /* owned; [cols, 3], the upper row of two; NULL in the last level */
    void *half;         /* owned; [(cols + 1) / 2, 3], the row for the level below; NULL in the last level */
} gd_tiff_level;

/* Takes its memory; `last`: no level follows. False when there is none. */
bool gd_tiff_level_create(gd_tiff_level *level, const gd_tiff_page *page, bool last);

/* The next row, [cols, 3]. False: libtiff has told its error handler why. */
bool gd_tiff_level_row(gd_tiff_level *level, const void *samples);

/* The row of the level below that the latest row, `samples`, completes; NULL: it waits for the one that
 * comes, or no level follows. The level's own, until the next call. */
const void *gd_tiff_level_half(gd_tiff_level *level, const void *samples);

/* Copies the compressed tiles of a level that is whole to the page being written in `file`. False: as above,
 * or without memory, when *memory becomes false. */
bool gd_tiff_level_copy(gd_tiff_level *level, TIFF *file, bool *memory);

/* Frees what it owns, the file's room on the disk too. */
void gd_tiff_level_free(gd_tiff_level *level);

#endif
