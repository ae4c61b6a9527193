/* Division of the pages of a TIFF into runs of columns, one for each part (rank) of a job. */
#ifndef GD_IMAGE_TIFF_TIFF_COLUMN_CUT_H
#define GD_IMAGE_TIFF_TIFF_COLUMN_CUT_H

#include "image/writer_options.h"

/* Division of the pages among `parts`. The file's bytes do not depend on it. */
typedef struct gd_column_cut {
    int32_t parts;
    int64_t rows, cols;           /* of the picture */
    int64_t band;                 /* rows of a row of tiles of the picture */
    int64_t unit;                 /* pixels; runs begin at multiples of this */
    int32_t pages;                /* pages made in runs, the picture included; at least 1 */
    int32_t rest_pages;           /* remaining pages, made in one piece */
    int64_t rest_rows, rest_cols; /* of the first of these; 0: none */
} gd_column_cut;

/* Divides the pages of a picture with these options. One part makes all pages. */
gd_column_cut gd_column_cut_create(const gd_writer_options *options, int32_t parts);

/* A part's columns of the picture, and of the first remaining page, whose rows it makes. cols is 0 if the
 * picture is too narrow for the number of parts; rest_cols is 0 then, or if no pages remain. */
typedef struct gd_tiff_columns_run {
    int64_t first, cols;
    int64_t rest_first, rest_cols;
} gd_tiff_columns_run;

/* The columns of part `part`, 0 <= part < cut->parts. */
gd_tiff_columns_run gd_column_cut_part(const gd_column_cut *cut, int32_t part);

#endif
