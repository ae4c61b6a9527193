/* Creates and frees canvases: a partition and the pixels of this rank's blocks. */
#include "canvas/canvas.h"

#include <stdlib.h>

gd_status gd_canvas_create(const gd_store *store, int64_t rows, int64_t cols, int32_t ranks, int32_t rank,
                           gd_canvas **canvas, gd_error *error)
{
    return gd_canvas_create_part(store, (gd_extent){rows, cols}, (gd_rect){0, 0, rows, cols}, ranks, rank,
                                 canvas, error);
}

static gd_status create(const gd_store *store, gd_extent full, gd_rect at, int32_t ranks, int32_t rank,
                        int32_t channels, gd_canvas **canvas, gd_error *error)
{
    *canvas = NULL;
    gd_canvas *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "a canvas");
    made->full = full;
    made->at = at;
    gd_status status = gd_partition_create(at.rows, at.cols, ranks, &made->partition, error);
    if (status == GD_OK)
        status = gd_plane_create_channels(store, made->partition, rank, channels, &made->pixels, error);
    if (status != GD_OK) {
        gd_canvas_free(made);
        return status;
    }
    *canvas = made;
    return GD_OK;
}

gd_status gd_canvas_create_part(const gd_store *store, gd_extent full, gd_rect at, int32_t ranks,
                                int32_t rank, gd_canvas **canvas, gd_error *error)
{
    return create(store, full, at, ranks, rank, 3, canvas, error);
}

gd_status gd_canvas_create_mask(const gd_store *store, gd_extent full, gd_rect at, int32_t ranks,
                                int32_t rank, gd_canvas **canvas, gd_error *error)
{
    return create(store, full, at, ranks, rank, 1, canvas, error);
}

void gd_canvas_free(gd_canvas *canvas)
{
    if (!canvas)
        return;
    gd_plane_free(canvas->pixels);
    gd_partition_free(canvas->partition);
    free(canvas);
}
