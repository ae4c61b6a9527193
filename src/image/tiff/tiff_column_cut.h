/* Cuts the pages of a TIFF into runs of columns, one for each part of a job. */
#ifndef GD_IMAGE_TIFF_TIFF_COLUMN_CUT_H
#define GD_IMAGE_TIFF_TIFF_COLUMN_CUT_H

#include "image/writer_options.h"

/* Cut of the pages among `parts`. It changes no byte of the file. */
typedef struct gd_column_cut {
    int32_t parts;
    int64_t rows, cols;           /* of the picture */
    int64_t band;                 /* rows of the picture in a row of its tiles */
    int64_t unit;                 /* pixels; runs begin at multiples of it */
    int32_t pages;                /* made in runs: the picture and the pages after it; 1 at least */
    int32_t rest_pages;           /* after those, made in one piece */
    int64_t rest_rows, rest_cols; /* of the first of these; 0: there is none */
} gd_column_cut;

/* Of a picture as `options` has it. One part makes all pages. */
gd_column_cut gd_column_cut_create(const gd_writer_options *options, int32_t parts);

/* A part's columns of the picture, and those of the rest that it gives rows of. cols is 0 when the picture is
 * too narrow for so many parts, rest_cols also when there is no rest. */
typedef struct gd_tiff_columns_run {
    int64_t first, cols;
    int64_t rest_first, rest_cols;
} gd_tiff_columns_run;

gd_tiff_columns_run gd_column_cut_part(const gd_column_cut *cut, int32_t part);

#endif
