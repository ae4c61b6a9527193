/* Rank 0 reads a mask row by row, cuts out the columns of the canvas, and scatters them in bands. */
#include "transfer/source_mask.h"

#include "mpi/agree.h"
#include "transfer/bands.h"

#include <stdlib.h>

/* The state of rank 0. */
typedef struct source {
    gd_mask_reader *reader; /* owned */
    gd_rect at;
    float *row; /* owned; [full.cols] */
    double sum;
} source;

static gd_status read_band(void *context, int64_t count, float *rgb, gd_error *error)
{
    source *s = context;
    gd_status status = GD_OK;
    for (int64_t y = 0; y < count && status == GD_OK; y++) {
        status = gd_mask_reader_row(s->reader, s->row, error);
        for (int64_t x = 0; x < s->at.cols; x++, rgb += 3) {
            rgb[0] = rgb[1] = rgb[2] = s->row[s->at.x + x];
            s->sum += (double)rgb[0];
        }
    }
    return status;
}

/* Opens the mask, and passes over the rows above the canvas. */
static gd_status begin(source *s, const char *path, const char *folder, const gd_mask *mask, gd_extent full,
                       gd_error *error)
{
    s->row = malloc((size_t)full.cols * sizeof *s->row);
    gd_status status = s->row ? GD_OK : gd_no_memory(error, "a row of the mask");
    if (status == GD_OK)
        status = gd_mask_reader_open(path, folder, mask, full, &s->reader, error);
    for (int64_t y = 0; y < s->at.y && status == GD_OK; y++)
        status = gd_mask_reader_row(s->reader, s->row, error);
    return status;
}

gd_status gd_source_mask(gd_comm *comm, const char *path, const char *folder, const gd_mask *mask,
                         gd_canvas *canvas, double *sum, gd_error *error)
{
    source s = {.at = canvas->at};
    gd_status status = GD_OK;
    if (gd_comm_rank(comm) == 0)
        status = begin(&s, path, folder, mask, canvas->full, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_bands_in(comm, canvas, read_band, &s, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(comm, &s.sum, sizeof s.sum, error);
    gd_mask_reader_close(s.reader);
    free(s.row);
    *sum = s.sum;
    return status;
}
