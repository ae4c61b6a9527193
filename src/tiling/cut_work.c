/* Weighs the tiles of a cut: tiles with the same window and focus take the same. */
#include "tiling/cut_work.h"

/* The first cut with the same window and focus: there are three kinds of them at most. */
static int32_t first_alike(const gd_cuts *cuts, int32_t index)
{
    const gd_cut *own = &cuts->cuts[index];
    int32_t i = 0;
    while (cuts->cuts[i].window_extent != own->window_extent || cuts->cuts[i].focus != own->focus ||
           cuts->cuts[i].focus_extent != own->focus_extent)
        i++;
    return i;
}

gd_status gd_cut_macs(const gd_engine *engine, const gd_cuts *rows, const gd_cuts *cols, gd_macs_of macs_of,
                      double *macs, gd_error *error)
{
    gd_status status = GD_OK;
    for (int32_t r = 0; r < rows->count; r++) {
        const int32_t row = first_alike(rows, r);
        for (int32_t c = 0; c < cols->count && status == GD_OK; c++) {
            const int32_t col = row < r ? c : first_alike(cols, c);
            const gd_cut *y = &rows->cuts[r], *x = &cols->cuts[c];
            const gd_window_shape shape = {(int32_t)y->window_extent,
                                           (int32_t)x->window_extent,
                                           {y->focus, x->focus, y->focus_extent, x->focus_extent}};
            double *own = &macs[(int64_t)r * cols->count + c];
            if (row < r || col < c)
                *own = macs[(int64_t)row * cols->count + col];
            else
                status = macs_of(engine, &shape, own, error);
        }
    }
    return status;
}
