/* Reads a mask as rows of grey values: once to learn where it is black, and then resampled by area means. */
#include "image/mask/mask.h"

#include "image/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct gd_mask_reader {
    gd_reader *reader;   /* owned */
    const gd_mask *mask; /* borrowed */
    gd_extent full;
    int64_t next, read; /* rows returned; rows read from the file */
    float *rgb;         /* owned; [mask->cols, 3] */
    double *grey;       /* owned; [mask->cols] */
    double *line, *sum; /* owned; [full.cols]: row `read - 1` with its columns resampled; a row's sum */
};

/* The value of a pixel whose samples are in [-1, 1]. */
static double grey_of(const float rgb[3], bool *coloured)
{
    double value = rgb[0];
    if (rgb[0] != rgb[1] || rgb[0] != rgb[2]) {
        *coloured = true;
        value = 0.2126 * (double)rgb[0] + 0.7152 * (double)rgb[1] + 0.0722 * (double)rgb[2];
    }
    value = (value + 1) / 2;
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

static gd_status read_grey(gd_reader *reader, int64_t cols, float *rgb, double *grey, bool *coloured,
                           gd_error *error)
{
    const gd_status status = gd_reader_rows(reader, 1, rgb, error);
    for (int64_t x = 0; status == GD_OK && x < cols; x++)
        grey[x] = grey_of(rgb + 3 * x, coloured);
    return status;
}

/* The cells [*first, *end) that [begin, end) of `extent` touches. */
static void cells_of(int64_t begin, int64_t end, int64_t extent, int32_t cells, int64_t *first, int64_t *last)
{
    *first = begin * cells / extent;
    *last = (end * cells + extent - 1) / extent;
}

static void mark(gd_mask *mask, int64_t y, int64_t x)
{
    gd_mask_cells *cells = &mask->cells;
    int64_t top, bottom, left, right;
    cells_of(y, y + 1, mask->rows, cells->rows, &top, &bottom);
    cells_of(x, x + 1, mask->cols, cells->cols, &left, &right);
    for (int64_t r = top; r < bottom; r++)
        for (int64_t c = left; c < right; c++)
            cells->white[r][c / 64] |= UINT64_C(1) << (c % 64);
}

bool gd_mask_is_black(const gd_mask_cells *cells, gd_extent full, gd_rect rect)
{
    int64_t top, bottom, left, right;
    cells_of(rect.y, rect.y + rect.rows, full.rows, cells->rows, &top, &bottom);
    cells_of(rect.x, rect.x + rect.cols, full.cols, cells->cols, &left, &right);
    for (int64_t r = top; r < bottom; r++)
        for (int64_t c = left; c < right; c++)
            if (cells->white[r][c / 64] >> (c % 64) & 1)
                return false;
    return true;
}

static gd_status scan(gd_reader *reader, float *rgb, double *grey, gd_mask *mask, gd_error *error)
{
    uLong crc = crc32(0, NULL, 0);
    gd_status status = GD_OK;
    for (int64_t y = 0; y < mask->rows && status == GD_OK; y++) {
        status = read_grey(reader, mask->cols, rgb, grey, &mask->coloured, error);
        for (int64_t x = 0; status == GD_OK && x < mask->cols; x++) {
            mask->mean += grey[x];
            if (grey[x] > 0)
                mark(mask, y, x);
        }
        crc = crc32_z(crc, (const Bytef *)grey, (z_size_t)mask->cols * sizeof *grey);
    }
    mask->mean /= (double)mask->rows * (double)mask->cols;
    mask->crc = (uint32_t)crc;
    return status;
}

static int32_t cells_for(int64_t extent)
{
    return extent < GD_MASK_CELLS ? (int32_t)extent : GD_MASK_CELLS;
}

static gd_status scan_open(gd_reader *reader, gd_mask *mask, gd_error *error)
{
    const gd_picture_info *info = gd_reader_info(reader);
    *mask = (gd_mask){.rows = info->rows,
                      .cols = info->cols,
                      .held = info->held_bytes,
                      .file = info->file,
                      .cells = {.rows = cells_for(info->rows), .cols = cells_for(info->cols)}};
    snprintf(mask->warning, sizeof mask->warning, "%s", info->warning ? info->warning : "");
    float *rgb = malloc((size_t)mask->cols * 3 * sizeof *rgb);
    double *grey = malloc((size_t)mask->cols * sizeof *grey);
    gd_status status = rgb && grey ? GD_OK : gd_no_memory(error, "a row of the mask");
    if (status == GD_OK)
        status = scan(reader, rgb, grey, mask, error);
    if (status == GD_OK)
        status = gd_reader_check(reader, &mask->file, error);
    free(rgb);
    free(grey);
    return status;
}

gd_status gd_mask_read(const char *path, const char *folder, gd_allowance *allowance, gd_mask *mask,
                       gd_error *error)
{
    gd_reader *reader = NULL;
    gd_error why;
    gd_status status = gd_reader_open(path, folder, allowance, &reader, &why);
    if (status == GD_OK)
        status = scan_open(reader, mask, &why);
    gd_reader_close(reader);
    if (status != GD_OK)
        return gd_fail(error, status, "--mask: %.900s", why.message);
    if (mask->mean > 0)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "--mask %.900s: all of it is black, and nothing would be dreamt; paint white where the dream "
        "is to be, or leave --mask out",
        path);
}

uint64_t gd_mask_reader_bytes(const gd_mask *mask, int64_t cols)
{
    return (uint64_t)mask->cols * (3 * sizeof(float) + sizeof(double)) + 2 * (uint64_t)cols * sizeof(double);
}

gd_status gd_mask_reader_open(const char *path, const char *folder, const gd_mask *mask, gd_extent full,
                              gd_mask_reader **reader, gd_error *error)
{
    *reader = NULL;
    gd_mask_reader *r = calloc(1, sizeof *r);
    if (!r)
        return gd_no_memory(error, "the mask");
    r->mask = mask;
    r->full = full;
    r->rgb = malloc((size_t)mask->cols * 3 * sizeof *r->rgb);
    r->grey = malloc((size_t)mask->cols * sizeof *r->grey);
    r->line = malloc((size_t)full.cols * sizeof *r->line);
    r->sum = malloc((size_t)full.cols * sizeof *r->sum);
    gd_status status = GD_OK;
    if (!r->rgb || !r->grey || !r->line || !r->sum)
        status = gd_no_memory(error, "rows of the mask");
    if (status == GD_OK)
        status = gd_reader_open(path, folder, NULL, &r->reader, error);
    if (status == GD_OK)
        status = gd_reader_check(r->reader, &mask->file, error);
    if (status != GD_OK) {
        gd_mask_reader_close(r);
        return status;
    }
    *reader = r;
    return GD_OK;
}

/* How much of source sample `from` lies in target `to`, in units of 1 / (source * target): the sum over all
 * samples is `source`, a whole number, so that white stays white. */
static double overlap(int64_t from, int64_t source, int64_t to, int64_t target)
{
    const int64_t begin = from * target > to * source ? from * target : to * source;
    const int64_t end = (from + 1) * target < (to + 1) * source ? (from + 1) * target : (to + 1) * source;
    return (double)(end - begin);
}

/* The source samples [*first, *end) of a target. */
static void samples_of(int64_t to, int64_t source, int64_t target, int64_t *first, int64_t *end)
{
    *first = to * source / target;
    *end = ((to + 1) * source + target - 1) / target;
}

static gd_status read_line(gd_mask_reader *r, gd_error *error)
{
    const int64_t source = r->mask->cols, target = r->full.cols;
    bool ignored = false;
    const gd_status status = read_grey(r->reader, source, r->rgb, r->grey, &ignored, error);
    for (int64_t x = 0; status == GD_OK && x < target; x++) {
        int64_t first, end;
        double sum = 0;
        samples_of(x, source, target, &first, &end);
        for (int64_t k = first; k < end; k++)
            sum += overlap(k, source, x, target) * r->grey[k];
        r->line[x] = sum / (double)source;
    }
    r->read++;
    return status;
}

gd_status gd_mask_reader_row(gd_mask_reader *r, float *row, gd_error *error)
{
    const int64_t source = r->mask->rows, target = r->full.rows, cols = r->full.cols;
    int64_t first, end;
    gd_status status = GD_OK;
    samples_of(r->next, source, target, &first, &end);
    memset(r->sum, 0, (size_t)cols * sizeof *r->sum);
    for (int64_t y = first; y < end && status == GD_OK; y++) {
        while (r->read <= y && status == GD_OK)
            status = read_line(r, error);
        const double part = overlap(y, source, r->next, target);
        for (int64_t x = 0; x < cols; x++)
            r->sum[x] += part * r->line[x];
    }
    for (int64_t x = 0; x < cols; x++) {
        const double value = r->sum[x] / (double)source;
        row[x] = (float)(value < 0 ? 0 : value > 1 ? 1 : value);
    }
    r->next++;
    if (status == GD_OK && r->next == target)
        status = gd_reader_check(r->reader, &r->mask->file, error);
    return status;
}

void gd_mask_reader_close(gd_mask_reader *r)
{
    if (!r)
        return;
    gd_reader_close(r->reader);
    free(r->rgb);
    free(r->grey);
    free(r->line);
    free(r->sum);
    free(r);
}
