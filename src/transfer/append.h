/* Rank 0's part in writing what the ranks have compressed. */
#ifndef GD_TRANSFER_APPEND_H
#define GD_TRANSFER_APPEND_H

#include "base/status.h"
#include "image/tiff/tiff_column_cut.h"
#include "image/writer.h"
#include "mpi/pull.h"

typedef struct gd_append {
    const gd_column_cut *cut; /* borrowed */
    int32_t bits;
    gd_writer *writer; /* borrowed; its tiled_pages are the cut's */
    gd_pull *pull;     /* borrowed */
    void *tile;        /* owned; the one being written */
    uint8_t *rows;     /* owned; [row_room, rest_cols, 3] samples of the page that rank 0 makes; NULL: none */
    int64_t row_room;
    int64_t row_next; /* rows before it are written */
} gd_append;

/* Free it in any case. Not collective. */
gd_status gd_append_create(const gd_column_cut *cut, int32_t bits, gd_writer *writer, gd_pull *pull,
                           gd_append *append, gd_error *error) GD_CHECKED;
void gd_append_free(gd_append *append);

/* Takes the bundles of a band, rank after rank, and writes what is in them: the order of tiles in the file is
 * theirs in the picture. */
gd_status gd_append_band(gd_append *append, gd_error *error) GD_CHECKED;

size_t gd_append_bytes(const gd_column_cut *cut, int32_t bits); /* that it takes */

#endif
