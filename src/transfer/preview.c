/* Resamples the canvas on rank 0 as its bands arrive, and writes the small picture. */
#include "transfer/preview.h"

#include "image/resample.h"
#include "image/writer.h"
#include "mpi/agree.h"
#include "transfer/bands.h"

#include <stdlib.h>

/* On rank 0. */
typedef struct preview {
    gd_resampler *rows, *cols; /* owned */
    float *line;               /* owned; [cols->target, 3], a row of the canvas at output width */
    float *whole;              /* owned; [rows->target, cols->target, 3] */
    float *row;                /* owned; [cols->source, 3], made from samples */
    int64_t next;              /* next row of the canvas */
    int64_t first;             /* target rows before it are complete */
} preview;

static gd_status create(preview *p, const gd_partition *partition, const gd_writer_options *options,
                        gd_error *error)
{
    const size_t width = (size_t)options->cols * 3;
    gd_status status =
        gd_resampler_create(GD_RESAMPLE_LANCZOS3, partition->rows, options->rows, &p->rows, error);
    if (status == GD_OK)
        status = gd_resampler_create(GD_RESAMPLE_LANCZOS3, partition->cols, options->cols, &p->cols, error);
    if (status != GD_OK)
        return status;
    p->line = malloc(width * sizeof *p->line);
    p->whole = calloc((size_t)options->rows * width, sizeof *p->whole);
    p->row = malloc((size_t)partition->cols * 3 * sizeof *p->row);
    if (!p->line || !p->whole || !p->row)
        return gd_no_memory(error, "a preview of %lld x %lld pixels", (long long)options->cols,
                            (long long)options->rows);
    return GD_OK;
}

static void release(preview *p)
{
    gd_resampler_free(p->rows);
    gd_resampler_free(p->cols);
    free(p->line);
    free(p->whole);
    free(p->row);
}

/* Adds a row of the canvas to all target rows that it contributes to. */
static void add_row(preview *p, const float *rgb)
{
    const gd_resampler *r = p->rows;
    const int64_t y = p->next++, width = p->cols->target * 3;
    while (p->first < r->target && r->first[p->first] + r->taps <= y)
        p->first++;
    if (p->first == r->target || r->first[p->first] > y)
        return;
    gd_resampler_row(p->cols, rgb, p->line);
    gd_resampler_add_row(r, y, p->first, r->target, p->line, width, p->whole + p->first * width);
}

static gd_status take_band(void *context, int64_t count, const float *rgb, const void *samples,
                           gd_error *error)
{
    preview *p = context;
    const int64_t width = p->cols->source * 3;
    const uint8_t *bytes = samples;
    (void)error;
    for (int64_t i = 0; i < count; i++) {
        for (int64_t k = 0; bytes && k < width; k++)
            p->row[k] = (float)bytes[i * width + k] / 127.5f - 1.0f;
        add_row(p, bytes ? p->row : rgb + i * width);
    }
    return GD_OK;
}

static gd_status write_whole(const preview *p, const char *path, const gd_writer_options *options,
                             gd_error *error)
{
    gd_writer *writer = NULL;
    gd_status status = gd_writer_open(path, options, &writer, error);
    if (status != GD_OK)
        return status;
    status = gd_writer_rows(writer, options->rows, p->whole, error);
    if (status == GD_OK)
        return gd_writer_finish(writer, error);
    gd_writer_abandon(writer);
    return status;
}

gd_status gd_preview_file(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                          const gd_writer_options *options, gd_error *error)
{
    enum { BITS = 8 };
    const bool root = gd_comm_rank(comm) == 0;
    preview p = {0};
    gd_status status =
        gd_comm_agree(comm, root ? create(&p, canvas->partition, options, error) : GD_OK, error);
    if (status == GD_OK)
        status = gd_bands_out(comm, engine, canvas, BITS, take_band, &p, error);
    if (status == GD_OK)
        status = gd_comm_agree(comm, root ? write_whole(&p, path, options, error) : GD_OK, error);
    release(&p);
    return status;
}
