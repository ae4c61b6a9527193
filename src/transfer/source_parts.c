/* Reads the input row by row on rank 0, adds each row to all parts that need it, and scatters the parts. */
#include "transfer/source_parts.h"

#include "base/clock.h"
#include "image/reader.h"
#include "mpi/agree.h"
#include "transfer/bands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A part during assembly on rank 0. */
typedef struct part {
    gd_rect at;
    int64_t begin, end; /* the source rows that it needs */
    float *values;      /* owned; [rows, cols, 3] */
    int64_t given;      /* rows already scattered */
} part;

/* The state of rank 0. */
typedef struct reading {
    const gd_source_input *input;
    gd_reader *reader; /* owned; NULL: noise */
    gd_extent source;
    gd_resampler *rows, *cols; /* owned; from the source to the canvas */
    float *wide, *line;        /* owned; a row of the source, and of a part before its rows are resampled */
    part *parts;               /* owned; [count] */
    int32_t count;
} reading;

static gd_status check_same(const reading *r, gd_error *error)
{
    return r->reader && r->input->first ? gd_reader_check(r->reader, r->input->first, error) : GD_OK;
}

static gd_status open_source(reading *r, gd_error *error)
{
    const gd_source_input *in = r->input;
    gd_status status = GD_OK;
    r->source = in->base;
    if (!in->path)
        return GD_OK;
    if (in->direct)
        status = gd_reader_open(in->path, in->folder, NULL, &r->reader, error);
    else
        status =
            gd_reader_open_resized(in->path, in->folder, in->base.rows, in->base.cols, &r->reader, error);
    if (status == GD_OK)
        status = check_same(r, error);
    if (status == GD_OK && in->direct)
        r->source = (gd_extent){gd_reader_info(r->reader)->rows, gd_reader_info(r->reader)->cols};
    return status;
}

static gd_status hold_part(reading *r, gd_rect at, part *p, gd_error *error)
{
    *p = (part){.at = at, .values = calloc((size_t)gd_rect_area(at) * 3, sizeof *p->values)};
    gd_resampler_support(r->rows, at.y, at.rows, &p->begin, &p->end);
    if (p->values)
        return GD_OK;
    return gd_no_memory(error, "a part of the input, %lld x %lld pixels", (long long)at.cols,
                        (long long)at.rows);
}

static gd_status prepare(reading *r, gd_canvas *const *canvases, gd_error *error)
{
    const gd_extent full = canvases[0]->full;
    gd_status status = open_source(r, error);
    if (status == GD_OK)
        status = gd_resampler_create(r->input->resample, r->source.rows, full.rows, &r->rows, error);
    if (status == GD_OK)
        status = gd_resampler_create(r->input->resample, r->source.cols, full.cols, &r->cols, error);
    if (status != GD_OK)
        return status;
    r->wide = malloc((size_t)r->source.cols * 3 * sizeof *r->wide);
    r->line = malloc((size_t)full.cols * 3 * sizeof *r->line);
    if (!r->wide || !r->line)
        return gd_no_memory(error, "rows of the input");
    for (int32_t i = 0; status == GD_OK && i < r->count; i++)
        status = hold_part(r, canvases[i]->at, &r->parts[i], error);
    return status;
}

static gd_status next_row(const reading *r, int64_t y, gd_error *error)
{
    if (r->reader)
        return gd_reader_rows(r->reader, 1, r->wide, error);
    gd_source_noise_at(r->input->seed, (gd_rect){y, 0, 1, r->source.cols}, r->wide);
    return GD_OK;
}

/* Adds the part's columns of source row `y` (in `wide`) to its rows. */
static void add_row(const reading *r, part *p, int64_t y)
{
    gd_resampler cols = *r->cols;
    if (y < p->begin || y >= p->end)
        return;
    cols.target = p->at.cols;
    cols.first += p->at.x;
    cols.weights += p->at.x * cols.taps;
    gd_resampler_row(&cols, r->wide, r->line);
    gd_resampler_add_row(r->rows, y, p->at.y, p->at.y + p->at.rows, r->line, p->at.cols * 3, p->values);
}

/* Clips a part, as is done for a file that is resampled while it is read. */
static void clip(part *p)
{
    const int64_t count = gd_rect_area(p->at) * 3;
    for (int64_t i = 0; i < count; i++)
        p->values[i] = p->values[i] < -1.0F ? -1.0F : p->values[i] > 1.0F ? 1.0F : p->values[i];
}

static gd_status read_all(reading *r, gd_canvas *const *canvases, gd_error *error)
{
    gd_status status = prepare(r, canvases, error);
    int64_t begin = r->source.rows, end = 0;
    for (int32_t i = 0; status == GD_OK && i < r->count; i++) {
        begin = r->parts[i].begin < begin ? r->parts[i].begin : begin;
        end = r->parts[i].end > end ? r->parts[i].end : end;
    }
    for (int64_t y = r->reader ? 0 : begin; status == GD_OK && y < end; y++) {
        status = next_row(r, y, error);
        for (int32_t i = 0; status == GD_OK && i < r->count; i++)
            add_row(r, &r->parts[i], y);
    }
    if (status == GD_OK)
        status = check_same(r, error);
    for (int32_t i = 0; status == GD_OK && i < r->count && r->input->direct; i++)
        clip(&r->parts[i]);
    return status;
}

static void release(reading *r)
{
    for (int32_t i = 0; r->parts && i < r->count; i++)
        free(r->parts[i].values);
    free(r->parts);
    gd_reader_close(r->reader);
    gd_resampler_free(r->rows);
    gd_resampler_free(r->cols);
    free(r->wide);
    free(r->line);
}

static gd_status give_band(void *context, int64_t count, float *rgb, gd_error *error)
{
    part *p = context;
    const int64_t row = p->at.cols * 3;
    (void)error;
    memcpy(rgb, p->values + p->given * row, (size_t)(count * row) * sizeof *rgb);
    p->given += count;
    return GD_OK;
}

gd_status gd_source_parts(gd_comm *comm, const gd_source_input *input, gd_canvas *const *canvases,
                          int32_t count, gd_source_report *report, gd_error *error)
{
    const double start = gd_clock();
    reading r = {.input = input, .count = count, .parts = calloc((size_t)count, sizeof(part))};
    gd_status status = r.parts ? GD_OK : gd_no_memory(error, "parts of the input");
    if (status == GD_OK && gd_comm_rank(comm) == 0)
        status = read_all(&r, canvases, error);
    status = gd_comm_agree(comm, status, error);
    if (report && r.reader) {
        report->seconds = gd_clock() - start;
        snprintf(report->warning, sizeof report->warning, "%s", gd_reader_late_warning(r.reader));
    }
    for (int32_t i = 0; i < count && status == GD_OK; i++)
        status = gd_bands_in(comm, canvases[i], give_band, &r.parts[i], error);
    release(&r);
    return status;
}
