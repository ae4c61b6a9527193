/* Options of a picture that is written. */
#ifndef GD_IMAGE_WRITER_OPTIONS_H
#define GD_IMAGE_WRITER_OPTIONS_H

#include "base/target.h"
#include "image/kind.h"
#include "image/profile.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct gd_writer_options {
    gd_file_kind kind;
    int64_t rows, cols;
    int32_t bits;               /* 8 or 16 (not JPEG) */
    gd_compression compression; /* TIFF, as are the next two */
    gd_bigtiff bigtiff;
    /* Adds pages of half the size, a quarter ..., down to one tile; each sample is the mean of 2 x 2 samples
     * of the page before, or of fewer at the edge, rounded half up. */
    bool pyramid;
    /* Of a TIFF: number of first pages that are written as compressed tiles (image/tiff/tiff_columns.h); rows
     * are those of the page after them. 0: all pages are made from rows. */
    int32_t tiled_pages;
    const gd_profile *profile; /* borrowed; may be NULL */
    const char *text;          /* borrowed; for the file's text field; may be NULL */
    gd_target *target;         /* borrowed; destination with its lock; NULL: `path`, without a lock */
} gd_writer_options;

#endif
