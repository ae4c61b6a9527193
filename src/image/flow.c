/* Reads .flo files row by row, and resamples them to the canvas. */
#include "image/flow.h"

#include "base/file.h"
#include "base/minmax.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char remedy[] = "name a file of optical flow (.flo)";
static const double unknown = 1e9;

/* Offset to the right and down. */
typedef struct offset {
    float x, y;
} offset;

struct gd_flow {
    const char *path; /* borrowed */
    FILE *file;       /* owned */
    gd_extent frame, canvas;
    offset *lines[2]; /* owned; [frame.cols] the rows read - 2 and read - 1 of the frame */
    int64_t read, made;
};

typedef struct header {
    float magic;
    int32_t cols, rows;
} header;
_Static_assert(sizeof(header) == 12 && sizeof(offset) == 8, "the file's layout");

static gd_status check_header(const gd_flow *f, const header *h, int64_t bytes, gd_error *error)
{
    if (h->magic != 202021.25F)
        return gd_fail(error, GD_USAGE, "%.300s does not begin as a .flo file; %s", f->path, remedy);
    if (h->rows != f->frame.rows || h->cols != f->frame.cols)
        return gd_fail(
            error, GD_USAGE,
            "%.300s is the flow of %d x %d pixels, and the frame has %lld x %lld; make it from the "
            "frames that -img names",
            f->path, h->cols, h->rows, (long long)f->frame.cols, (long long)f->frame.rows);
    const int64_t whole = (int64_t)sizeof *h + gd_extent_area(f->frame) * (int64_t)sizeof(offset);
    if (bytes != whole)
        return gd_fail(error, GD_USAGE,
                       "%.300s has %lld bytes, where %d x %d pixels take %lld; make it again", f->path,
                       (long long)bytes, h->cols, h->rows, (long long)whole);
    return GD_OK;
}

static gd_status read_header(gd_flow *f, gd_error *error)
{
    header h = {0};
    gd_file_identity identity;
    const bool there = fread(&h, sizeof h, 1, f->file) == 1;
    const gd_status status = gd_file_identify(fileno(f->file), f->path, &identity, error);
    if (status != GD_OK)
        return status;
    if (!there)
        return gd_fail(error, GD_USAGE, "%.300s is too short for a .flo file; %s", f->path, remedy);
    return check_header(f, &h, identity.bytes, error);
}

gd_status gd_flow_open(const char *path, gd_extent frame, gd_extent canvas, gd_flow **flow, gd_error *error)
{
    gd_flow *f = calloc(1, sizeof *f);
    *flow = NULL;
    if (!f)
        return gd_no_memory(error, "a file of optical flow");
    *f = (gd_flow){.path = path, .frame = frame, .canvas = canvas};
    gd_status status = gd_file_open_stream(path, remedy, &f->file, error);
    if (status == GD_OK)
        status = read_header(f, error);
    for (int i = 0; i < 2 && status == GD_OK; i++) {
        f->lines[i] = malloc((size_t)frame.cols * sizeof(offset));
        status = f->lines[i] ? GD_OK : gd_no_memory(error, "a row of optical flow");
    }
    if (status == GD_OK)
        *flow = f;
    else
        gd_flow_close(f);
    return status;
}

void gd_flow_close(gd_flow *f)
{
    if (!f)
        return;
    if (f->file)
        (void)fclose(f->file);
    free(f->lines[0]);
    free(f->lines[1]);
    free(f);
}

/* No number fails each comparison. */
static bool is_known(const offset *o)
{
    return fabs((double)o->x) <= unknown && fabs((double)o->y) <= unknown;
}

/* Reads on until lines[1] is row `row` of the frame. */
static gd_status read_to(gd_flow *f, int64_t row, gd_error *error)
{
    for (; f->read <= row; f->read++) {
        offset *line = f->lines[0];
        f->lines[0] = f->lines[1];
        f->lines[1] = line;
        if (fread(line, sizeof *line, (size_t)f->frame.cols, f->file) != (size_t)f->frame.cols)
            return gd_fail(error, GD_IO, "%.300s cannot be read to its end; make it again", f->path);
        for (int64_t x = 0; x < f->frame.cols; x++)
            if (!is_known(&line[x]))
                line[x] = (offset){0, 0};
    }
    return GD_OK;
}

/* Where a pixel of the canvas lies among those of the frame: between two of them, the first and its
 * neighbour. */
typedef struct place {
    int64_t first, second;
    double share; /* of the second */
} place;

static place place_of(int64_t at, int64_t canvas, int64_t frame)
{
    const double middle = ((double)at + 0.5) * (double)frame / (double)canvas - 0.5;
    const double clamped = fmin(fmax(middle, 0), (double)(frame - 1));
    const int64_t first = (int64_t)clamped;
    return (place){first, gd_min_i64(first + 1, frame - 1), clamped - (double)first};
}

static double between(double a, double b, double share)
{
    return a + share * (b - a);
}

static gd_status check_reach(const gd_flow *f, int64_t x, double most, const float *made, gd_error *error)
{
    if (fabs((double)made[0]) <= most && fabs((double)made[1]) <= most)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "%.300s: the offset of pixel (%lld, %lld) of %lld x %lld is (%g, %g) pixels, and %g are the most "
        "that "
        "is taken; use a smaller -img_max_dim, or remove the file, so that this frame is blended in place",
        f->path, (long long)x, (long long)f->made, (long long)f->canvas.cols, (long long)f->canvas.rows,
        (double)made[0], (double)made[1], most);
}

gd_status gd_flow_row(gd_flow *f, double most, float *row, gd_error *error)
{
    const place y = place_of(f->made, f->canvas.rows, f->frame.rows);
    const double scale_x = (double)f->canvas.cols / (double)f->frame.cols;
    const double scale_y = (double)f->canvas.rows / (double)f->frame.rows;
    gd_status status = read_to(f, y.second, error);
    const offset *below = f->lines[1], *above = y.second > y.first ? f->lines[0] : below;
    for (int64_t i = 0; i < f->canvas.cols && status == GD_OK; i++, row += 3) {
        const place x = place_of(i, f->canvas.cols, f->frame.cols);
        const offset *a = &above[x.first], *b = &above[x.second], *c = &below[x.first], *d = &below[x.second];
        row[0] =
            (float)(scale_x * between(between(a->x, b->x, x.share), between(c->x, d->x, x.share), y.share));
        row[1] =
            (float)(scale_y * between(between(a->y, b->y, x.share), between(c->y, d->y, x.share), y.share));
        row[2] = 0;
        status = check_reach(f, i, most, row, error);
    }
    f->made++;
    return status;
}
