/* Makes compressed tiles of a run of columns of a TIFF's pages from rows of samples. Several ranks can make a
 * picture together; gd_writer_tile and gd_writer_samples write their results. */
#ifndef GD_IMAGE_TIFF_TIFF_COLUMNS_H
#define GD_IMAGE_TIFF_TIFF_COLUMNS_H

#include "base/status.h"
#include "image/writer_options.h"

/* Receives tiles and rows. A failure ends the call of gd_tiff_columns_row, which returns it. */
typedef struct gd_tiff_columns_hooks {
    void *context;
    /* A compressed tile, with the index of its page (0: the picture) and its row-major index in the page. */
    gd_status (*tile)(void *context, int32_t page, int64_t number, const void *data, size_t bytes,
                      gd_error *error);
    /* (optional) Takes a tile as samples, [256, 256, 3], instead of `tile`: it is not compressed. */
    gd_status (*samples)(void *context, int32_t page, int64_t number, const void *samples, gd_error *error);
    /* The next row, in the run's columns, of the page after the last one of the run. NULL if no page follows.
     */
    gd_status (*row)(void *context, const void *samples, gd_error *error);
} gd_tiff_columns_hooks;

typedef struct gd_tiff_columns gd_tiff_columns;

/* The pages, and the columns of the first of them. */
typedef struct gd_tiff_columns_place {
    int32_t first_page, pages;
    int64_t first, cols;
} gd_tiff_columns_place;

/* `path` (borrowed) is for messages; options and hooks are copied. The caller frees it. */
gd_status gd_tiff_columns_create(const char *path, const gd_writer_options *options,
                                 const gd_tiff_columns_place *place, const gd_tiff_columns_hooks *hooks,
                                 gd_tiff_columns **columns, gd_error *error) GD_CHECKED;
void gd_tiff_columns_free(gd_tiff_columns *columns); /* NULL is fine */

/* Adds the next row, from the top: [cols, 3] samples. Not more rows than the page has. */
gd_status gd_tiff_columns_row(gd_tiff_columns *columns, const void *samples, gd_error *error) GD_CHECKED;

/* Maximum bytes of a compressed tile. */
size_t gd_tiff_columns_tile_most(int32_t bits);

/* Bytes of memory for a run. */
size_t gd_tiff_columns_bytes(const gd_writer_options *options, const gd_tiff_columns_place *place);

#endif
