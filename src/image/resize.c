/* Resamples a stream of rows, and keeps only those that the next output rows need. */
#include "image/resize.h"

#include "image/resample.h"

#include <stdlib.h>
#include <string.h>

struct gd_resize {
    gd_resize_input input;
    gd_resampler *rows, *cols; /* owned */
    float *wide;               /* owned; [input.cols, 3], an input row */
    float *ring;        /* owned; [rows->taps, cols->target, 3]; input row y is at index y modulo taps */
    int64_t read, next; /* rows read from the input; rows returned */
};

gd_status gd_resize_create(const gd_resize_input *input, int64_t rows, int64_t cols, gd_resize **resize,
                           gd_error *error)
{
    *resize = NULL;
    gd_resize *r = calloc(1, sizeof *r);
    if (!r)
        return gd_no_memory(error, "resizing the picture");
    r->input = *input;
    gd_status status = gd_resampler_create(GD_RESAMPLE_LANCZOS3, input->rows, rows, &r->rows, error);
    if (status == GD_OK)
        status = gd_resampler_create(GD_RESAMPLE_LANCZOS3, input->cols, cols, &r->cols, error);
    if (status != GD_OK)
        goto cleanup;
    r->wide = malloc((size_t)input->cols * 3 * sizeof *r->wide);
    r->ring = calloc((size_t)r->rows->taps * (size_t)cols, 3 * sizeof *r->ring);
    if (!r->wide || !r->ring) {
        status = gd_no_memory(error, "resizing the picture to %lld x %lld pixels", (long long)cols,
                              (long long)rows);
        goto cleanup;
    }
    *resize = r;
    return GD_OK;
cleanup:
    gd_resize_free(r);
    return status;
}

static float *ring_row(const gd_resize *resize, int64_t y)
{
    return resize->ring + (y % resize->rows->taps) * resize->cols->target * 3;
}

static gd_status read_to(gd_resize *resize, int64_t end, gd_error *error)
{
    for (; resize->read < end; resize->read++) {
        gd_status status = resize->input.row(resize->input.context, resize->wide, error);
        if (status != GD_OK)
            return status;
        gd_resampler_row(resize->cols, resize->wide, ring_row(resize, resize->read));
    }
    return GD_OK;
}

gd_status gd_resize_row(gd_resize *resize, float *rgb, gd_error *error)
{
    const gd_resampler *rows = resize->rows;
    int64_t count = 3 * resize->cols->target, first = rows->first[resize->next];
    gd_status status = read_to(resize, first + rows->taps, error);
    if (status != GD_OK)
        return status;
    memset(rgb, 0, (size_t)count * sizeof *rgb);
    for (int32_t t = 0; t < rows->taps; t++) {
        const float *from = ring_row(resize, first + t);
        float weight = rows->weights[resize->next * rows->taps + t];
        for (int64_t i = 0; i < count; i++)
            rgb[i] += weight * from[i];
    }
    for (int64_t i = 0; i < count; i++)
        rgb[i] = rgb[i] < -1.0f ? -1.0f : rgb[i] > 1.0f ? 1.0f : rgb[i];
    resize->next++;
    return GD_OK;
}

void gd_resize_free(gd_resize *resize)
{
    if (!resize)
        return;
    gd_resampler_free(resize->rows);
    gd_resampler_free(resize->cols);
    free(resize->wide);
    free(resize->ring);
    free(resize);
}
