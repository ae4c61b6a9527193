/* Bundle: the data that a rank sends to rank 0 for a band of a picture. Its records, each with a heading, are
 * compressed tiles and rows of the page that rank 0 compresses. */
#ifndef GD_TRANSFER_BUNDLE_H
#define GD_TRANSFER_BUNDLE_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum { GD_BUNDLE_ROW = -1 };

typedef struct gd_bundle_heading {
    int64_t page;   /* of a tile; GD_BUNDLE_ROW: a row of samples */
    int64_t number; /* of the tile in its page, or of the row */
    int64_t bytes;  /* that follow */
} gd_bundle_heading;

/* Its memory grows to the size of a band's tiles and is reused. */
typedef struct gd_bundle {
    uint8_t *data; /* owned; [capacity] */
    size_t bytes, capacity;
} gd_bundle;

/* Appends a record. Not collective. */
gd_status gd_bundle_add(gd_bundle *bundle, const gd_bundle_heading *heading, const void *data,
                        gd_error *error) GD_CHECKED;
void gd_bundle_free(gd_bundle *bundle);

#endif
