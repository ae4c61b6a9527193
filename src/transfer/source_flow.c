/* Rank 0 reads a file of optical flow row by row, and scatters it in bands. */
#include "transfer/source_flow.h"

#include "image/flow.h"
#include "mpi/agree.h"
#include "transfer/bands.h"
#include "transfer/canvas_warp.h"

#include <math.h>

/* The state of rank 0. */
typedef struct source {
    gd_flow *flow; /* owned */
    int64_t cols;
    gd_offsets offsets;
} source;

static gd_status read_band(void *context, int64_t count, float *rgb, gd_error *error)
{
    source *s = context;
    gd_offsets *o = &s->offsets;
    gd_status status = GD_OK;
    for (int64_t y = 0; y < count && status == GD_OK; y++) {
        status = gd_flow_row(s->flow, GD_OFFSET_MOST, rgb, error);
        for (int64_t x = 0; x < s->cols && status == GD_OK; x++, rgb += 3) {
            o->low_x = fmin(o->low_x, (double)rgb[0]);
            o->high_x = fmax(o->high_x, (double)rgb[0]);
            o->low_y = fmin(o->low_y, (double)rgb[1]);
            o->high_y = fmax(o->high_y, (double)rgb[1]);
        }
    }
    return status;
}

gd_status gd_source_flow(gd_comm *comm, const char *path, gd_extent frame, gd_canvas *canvas,
                         gd_offsets *offsets, gd_error *error)
{
    source s = {.cols = canvas->full.cols};
    gd_status status = GD_OK;
    if (gd_comm_rank(comm) == 0)
        status = gd_flow_open(path, frame, canvas->full, &s.flow, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_bands_in(comm, canvas, read_band, &s, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(comm, &s.offsets, sizeof s.offsets, error);
    gd_flow_close(s.flow);
    *offsets = s.offsets;
    return status;
}
