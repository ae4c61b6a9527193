/* Tiles of a picture for the web: 256 x 256 JPEGs of levels that double from one tile to the whole picture.
 */
#ifndef GD_WEB_TILES_H
#define GD_WEB_TILES_H

#include "image/metadata/icc.h"
#include "image/writer_options.h"
#include "web/folder.h"

#include <stdint.h>

/* Of a level, a level's folder or a row's folder; more are divided into folders of so many. */
enum { GD_WEB_SHARD = 1000, GD_WEB_LEVELS_MAX = 17 };

typedef struct gd_web_tiles gd_web_tiles;

typedef struct gd_web_tiles_options {
    int64_t rows, cols;
    int32_t quality;                     /* of the JPEGs, 1 to 100 */
    const char *tree;                    /* borrowed; the folder of the levels: "dream", "input" */
    const gd_icc_conversion *conversion; /* borrowed; to sRGB; NULL: the picture is in sRGB */
    const gd_web_folder *folder;         /* borrowed */
} gd_web_tiles_options;

/* Number of levels of a picture: its side halved, rounded up, until it fits a tile. */
int32_t gd_web_level_count(int64_t rows, int64_t cols);

/* Bytes of memory that the tiles of a picture take: some rows of each level. */
uint64_t gd_web_tiles_bytes(int64_t rows, int64_t cols);

/* The name of a tile, with folders: TREE/LEVEL/ROW/COLUMN.jpg. Level 0 is one tile. Where a level has more
 * than GD_WEB_SHARD rows of tiles, its rows lie in folders of thousands (12345: 12/345); so do columns. */
void gd_web_tile_name(const gd_web_tiles_options *options, int32_t level, int64_t row, int64_t col,
                      char name[GD_WEB_NAME]);

/* The options of a TIFF whose pages are the levels, the largest first. */
gd_writer_options gd_web_tiles_as_pages(int64_t rows, int64_t cols);

/* Writes one tile, rgb [256, 256, 3] in sRGB; `number` is its row-major index in the level. A tile that an
 * interrupted run has written is left as it is. */
gd_status gd_web_tile_write(const gd_web_tiles_options *options, int32_t level, int64_t number,
                            const uint8_t *rgb, gd_error *error) GD_CHECKED;

/* `options` are copied. The caller frees the tiles. */
gd_status gd_web_tiles_create(const gd_web_tiles_options *options, gd_web_tiles **tiles,
                              gd_error *error) GD_CHECKED;

/* Adds the next row, [cols, 3] of 8 bits, from the top, which is converted in place, and writes the tiles
 * that it completes, on all levels. Tiles that an interrupted run has written are left as they are. */
gd_status gd_web_tiles_row(gd_web_tiles *tiles, uint8_t *rgb, gd_error *error) GD_CHECKED;
int64_t gd_web_tiles_count(const gd_web_tiles *tiles); /* of tiles so far */
void gd_web_tiles_free(gd_web_tiles *tiles);           /* NULL is fine */

#endif
