/* The cells of a sheet, the crop that they are dreamt on, and the page that shows them. */
#ifndef GD_CLI_SHEET_PAGE_H
#define GD_CLI_SHEET_PAGE_H

#include "base/status.h"
#include "options/options.h"

typedef struct gd_sheet_cell {
    char layers[GD_NODE_NAME_MAX + 24]; /* as for -ml */
    char file[GD_NODE_NAME_MAX + 32];   /* in the folder */
} gd_sheet_cell;

typedef struct gd_sheet_page {
    char folder[GD_OUTPUT_STEM_MAX + 32];
    char note[GD_NODE_NAME_MAX + 80]; /* what the cells are, behind "the photograph" */
    gd_sheet_cell *cells;             /* owned */
    int32_t count;
} gd_sheet_page;

/* Adds a cell for a layer, or for one of its channels (-1: all). */
gd_status gd_sheet_page_add(gd_sheet_page *page, const char *layer, int channel, gd_error *error) GD_CHECKED;
void gd_sheet_page_free(gd_sheet_page *page);

/* Writes the middle of the resized input, at most 512 x 512 pixels, as a PNG. */
gd_status gd_sheet_crop(const gd_options *options, const char *path, gd_error *error) GD_CHECKED;

/* Writes index.html, and prints the commands of all cells for the whole picture. */
gd_status gd_sheet_page_write(const gd_sheet_page *page, const gd_options *options,
                              gd_error *error) GD_CHECKED;

#endif
