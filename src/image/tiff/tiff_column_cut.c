/* Cuts the pages of a TIFF into runs of columns whose ends fall on tile borders of every page. */
#include "image/tiff/tiff_column_cut.h"

#include "image/tiff/tiff_page.h"

/* With a larger unit, fewer pages are made in one piece, but runs differ more in size: by a fifth at most if
 * each part gets this many units. The picture and the page after it are always made in runs. */
enum { UNITS_A_PART = 5, PAGES_LEAST = 2 };

static int64_t units_of(const gd_column_cut *cut)
{
    return (cut->cols + cut->unit - 1) / cut->unit;
}

gd_column_cut gd_column_cut_create(const gd_writer_options *options, int32_t parts)
{
    gd_tiff_page pages[GD_TIFF_PAGES_MAX];
    const int32_t count = gd_tiff_pages(options, pages);
    gd_column_cut cut = {.parts = parts,
                         .rows = options->rows,
                         .cols = options->cols,
                         .band = gd_tiff_tile(options->compression, options->rows),
                         .unit = (int64_t)GD_TIFF_TILE << (count - 1),
                         .pages = count};
    while (parts > 1 && cut.pages > PAGES_LEAST && units_of(&cut) < (int64_t)UNITS_A_PART * parts) {
        cut.pages--;
        cut.unit /= 2;
    }
    cut.rest_pages = count - cut.pages;
    if (cut.rest_pages > 0) {
        cut.rest_rows = pages[cut.pages].rows;
        cut.rest_cols = pages[cut.pages].cols;
    }
    return cut;
}

/* First column of a part, in pixels of the picture. */
static int64_t start_of(const gd_column_cut *cut, int32_t part)
{
    const int64_t first = units_of(cut) * part / cut->parts * cut->unit;
    return first < cut->cols ? first : cut->cols;
}

gd_tiff_columns_run gd_column_cut_part(const gd_column_cut *cut, int32_t part)
{
    const int64_t first = start_of(cut, part), end = start_of(cut, part + 1);
    gd_tiff_columns_run run = {.first = first, .cols = end - first};
    if (run.cols == 0 || cut->rest_pages == 0)
        return run;
    run.rest_first = first >> cut->pages;
    run.rest_cols = (end < cut->cols ? end >> cut->pages : cut->rest_cols) - run.rest_first;
    return run;
}
