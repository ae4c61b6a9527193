/* Appending the compressed tiles of all ranks, and the rows of the next page, on rank 0. */
#ifndef GD_TRANSFER_APPEND_H
#define GD_TRANSFER_APPEND_H

#include "base/status.h"
#include "image/tiff/tiff_column_cut.h"
#include "mpi/pull.h"
#include "transfer/columns_sink.h"

typedef struct gd_append {
    const gd_column_cut *cut; /* borrowed */
    int32_t bits;
    const gd_columns_sink *sink; /* borrowed */
    gd_pull *pull;               /* borrowed */
    void *tile;                  /* owned; the tile being written */
    uint8_t *
        rows; /* owned; [row_capacity, rest_cols, 3] samples of the page that rank 0 compresses; NULL: none */
    int64_t row_capacity;
    int64_t row_next; /* rows before it are written */
} gd_append;

/* Must be freed after a failure too. Not collective. */
gd_status gd_append_create(const gd_column_cut *cut, int32_t bits, const gd_columns_sink *sink, gd_pull *pull,
                           gd_append *append, gd_error *error) GD_CHECKED;
void gd_append_free(gd_append *append);

/* Reads the bundles of a band, rank after rank, and passes their tiles and rows to the sink, in the order of
 * the picture. */
gd_status gd_append_band(gd_append *append, gd_error *error) GD_CHECKED;

/* Most rows of the next page that a band can complete, including those that the previous band began. */
int64_t gd_append_rows(const gd_column_cut *cut);

/* Bytes of host memory of an append. */
size_t gd_append_bytes(const gd_column_cut *cut, int32_t bits);

#endif
