/* A TIFF's pages in runs of columns: samples go in row by row, compressed tiles come out. So several can make
 * a picture side by side; what they make goes to gd_writer_tile and gd_writer_samples. */
#ifndef GD_IMAGE_TIFF_TIFF_COLUMNS_H
#define GD_IMAGE_TIFF_TIFF_COLUMNS_H

#include "base/status.h"
#include "image/writer_options.h"

/* Receives what a run of columns makes. A failure ends the call that led to it, which returns it. */
typedef struct gd_tiff_columns_hooks {
    void *context;
    /* A tile: the number of its page, 0 for the picture; its own in the page, row by row; compressed. */
    gd_status (*tile)(void *context, int32_t page, int64_t number, const void *data, size_t bytes,
                      gd_error *error);
    /* The next row of the page after the run's last, in the run's columns. May be NULL where no page
     * follows. */
    gd_status (*row)(void *context, const void *samples, gd_error *error);
} gd_tiff_columns_hooks;

typedef struct gd_tiff_columns gd_tiff_columns;

/* The pages, and the columns of the first of them. */
typedef struct gd_tiff_columns_place {
    int32_t first_page, pages;
    int64_t first, cols;
} gd_tiff_columns_place;

/* `path` (borrowed) is what sentences name; options and hooks are copied. The caller frees it. */
gd_status gd_tiff_columns_create(const char *path, const gd_writer_options *options,
                                 const gd_tiff_columns_place *place, const gd_tiff_columns_hooks *hooks,
                                 gd_tiff_columns **columns, gd_error *error) GD_CHECKED;
void gd_tiff_columns_free(gd_tiff_columns *columns); /* NULL is fine */

/* The next row, from the top: [cols, 3] samples. No more rows than the page has. */
gd_status gd_tiff_columns_row(gd_tiff_columns *columns, const void *samples, gd_error *error) GD_CHECKED;

/* No compressed tile is larger than so many bytes. */
size_t gd_tiff_columns_tile_most(int32_t bits);

/* Bytes that a run takes. */
size_t gd_tiff_columns_bytes(const gd_writer_options *options, const gd_tiff_columns_place *place);

#endif
