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
    bool pyramid; /* pages of half the size, a quarter ... follow, down to one tile; each sample is the mean
                     of the 2 x 2 above it, or of those that are there, rounded half up */
    int32_t tiled_pages;       /* of a TIFF: the first so many pages come as compressed tiles
                                  (image/tiff/tiff_columns.h), and       rows are those of the page after them; 0:
                                  all       pages are made of the rows */
    const gd_profile *profile; /* borrowed; may be NULL */
    const char *text;          /* borrowed; parameters and seed for the file's text field; may be NULL */
    gd_target *target;         /* borrowed; where the file is written; NULL: where `path` says, by no owner */
} gd_writer_options;

#endif
