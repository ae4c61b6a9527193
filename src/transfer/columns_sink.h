/* What becomes of a picture that all ranks make by columns. */
#ifndef GD_TRANSFER_COLUMNS_SINK_H
#define GD_TRANSFER_COLUMNS_SINK_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct gd_columns_sink {
    void *context;
    /* (optional) Changes a row of samples, [cols, 3], in place, before tiles are made of it. */
    void (*convert)(void *context, void *samples, int64_t cols);
    /* (optional) Takes a tile on the rank that made it, as samples, [256, 256, 3]. Without it, tiles are
     * compressed and sent to rank 0. */
    gd_status (*samples)(void *context, int32_t page, int64_t number, const void *samples, gd_error *error);
    /* Takes a compressed tile. Called on rank 0 only. */
    gd_status (*tile)(void *context, int32_t page, int64_t number, const void *data, size_t bytes,
                      gd_error *error);
    /* Takes the next rows, from the top, of the first page that is not made by columns. Called on rank 0
     * only. */
    gd_status (*rows)(void *context, int64_t count, const void *samples, gd_error *error);
} gd_columns_sink;

#endif
