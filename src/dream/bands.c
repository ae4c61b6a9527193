#include "dream/bands.h"

#include "mpi/exchange.h"

#include <stdlib.h>

static gd_status pass_in(gd_comm *comm, gd_stage *stage, const gd_window *band, gd_band_visit visit,
                         void *context, gd_error *error)
{
    gd_exchange *exchange = NULL;
    gd_status status = band->pixels ? visit(context, band->rect.rows, band->pixels, error) : GD_OK;
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_scatter_begin(comm, stage->canvas, band, 1, &exchange, error);
    if (status == GD_OK)
        status = gd_exchange_end(&exchange, error);
    return status;
}

static gd_status pass_out(gd_comm *comm, gd_stage *stage, const gd_window *band, gd_band_visit visit,
                          void *context, gd_error *error)
{
    gd_exchange *exchange = NULL;
    gd_status status = gd_gather_begin(comm, stage->canvas, band, 1, &exchange, error);
    if (status == GD_OK)
        status = gd_exchange_end(&exchange, error);
    if (status == GD_OK && band->pixels)
        status = visit(context, band->rect.rows, band->pixels, error);
    return gd_comm_agree(comm, status, error);
}

gd_status gd_bands_pass(gd_comm *comm, gd_stage *stage, gd_band_direction direction, gd_band_visit visit,
                        void *context, gd_error *error)
{
    const int64_t rows = stage->layout->rows, cols = stage->layout->cols;
    float *pixels = NULL;
    gd_status status = GD_OK;
    if (gd_comm_rank(comm) == 0) {
        pixels = malloc((size_t)cols * GD_BLOCK * 3 * sizeof *pixels);
        if (!pixels)
            status = gd_fail(error, GD_MEMORY, "out of memory for %d rows of %lld pixels", GD_BLOCK,
                             (long long)cols);
    }
    status = gd_comm_agree(comm, status, error);
    for (int64_t y = 0; status == GD_OK && y < rows; y += GD_BLOCK) {
        const int64_t height = rows - y < GD_BLOCK ? rows - y : GD_BLOCK;
        const gd_window band = {
            .rect = {y, 0, height, cols}, .rank = 0, .pixels = pixels, .stride = cols * 3};
        if (direction == GD_BANDS_IN)
            status = pass_in(comm, stage, &band, visit, context, error);
        else
            status = pass_out(comm, stage, &band, visit, context, error);
    }
    free(pixels);
    return status;
}
