/* EXIF orientation: a source whose rows are those of another one, turned. The turned picture is held in
 * memory. */
#include "image/source.h"

#include <stdlib.h>
#include <string.h>

typedef struct upright_source {
    gd_source base;
    gd_source *stored; /* owned */
    uint8_t *
        *lines; /* owned, each; [stored->rows], NULL until read: memory grows with what the file really has */
    size_t pixel_bytes;
} upright_source;

static gd_status read_all(upright_source *upright, gd_error *error)
{
    gd_source *stored = upright->stored;
    upright->lines = calloc((size_t)stored->rows, sizeof *upright->lines);
    for (; stored->next < stored->rows; stored->next++) {
        uint8_t *line = upright->lines ? malloc((size_t)stored->cols * upright->pixel_bytes) : NULL;
        if (!line)
            return gd_fail(error, GD_MEMORY, "%s: no memory to turn a picture of %lld x %lld pixels upright",
                           stored->path, (long long)stored->cols, (long long)stored->rows);
        upright->lines[stored->next] = line;
        gd_status status = stored->class->row(stored, line, error);
        if (status != GD_OK)
            return status;
    }
    return GD_OK;
}

/* The orientations of EXIF (CIPA DC-008, tag 0x0112): where stored row 0 and column 0 are seen. */
static bool swaps_axes(int32_t orientation)
{
    return orientation >= 5;
}

static bool from_the_last_row(int32_t orientation)
{
    return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

static bool from_the_last_column(int32_t orientation)
{
    return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}

static gd_status upright_row(gd_source *source, void *row, gd_error *error)
{
    upright_source *upright = (upright_source *)source;
    const gd_source *stored = upright->stored;
    gd_status status = upright->lines ? GD_OK : read_all(upright, error);
    if (status != GD_OK)
        return status;
    int32_t orientation = stored->orientation;
    for (int64_t x = 0; x < source->cols; x++) {
        int64_t r = swaps_axes(orientation) ? x : source->next,
                c = swaps_axes(orientation) ? source->next : x;
        if (from_the_last_row(orientation))
            r = stored->rows - 1 - r;
        if (from_the_last_column(orientation))
            c = stored->cols - 1 - c;
        memcpy((uint8_t *)row + (size_t)x * upright->pixel_bytes,
               upright->lines[r] + (size_t)c * upright->pixel_bytes, upright->pixel_bytes);
    }
    return GD_OK;
}

static void upright_close(gd_source *source)
{
    upright_source *upright = (upright_source *)source;
    for (int64_t i = 0; upright->lines && i < upright->stored->rows; i++)
        free(upright->lines[i]);
    free(upright->lines);
    gd_source_close(upright->stored);
    free(upright);
}

static const gd_source_class UPRIGHT_CLASS = {.row = upright_row, .close = upright_close};

gd_status gd_source_upright(gd_source **source, gd_error *error)
{
    gd_source *stored = *source;
    if (stored->orientation == 1)
        return GD_OK;
    *source = NULL;
    upright_source *upright = malloc(sizeof *upright);
    if (!upright) {
        gd_fail(error, GD_MEMORY, "%s: no memory to turn it upright", stored->path);
        gd_source_close(stored);
        return GD_MEMORY;
    }
    *upright = (upright_source){.base = *stored, .stored = stored};
    stored->profile = (gd_profile){0}; /* moved */
    upright->base.class = &UPRIGHT_CLASS;
    upright->base.orientation = 1;
    upright->pixel_bytes = (size_t)(3 * stored->bits / 8);
    if (swaps_axes(stored->orientation)) {
        gd_profile *profile = &upright->base.profile;
        double dpi_x = profile->dpi_x;
        upright->base.rows = stored->cols;
        upright->base.cols = stored->rows;
        profile->dpi_x = profile->dpi_y;
        profile->dpi_y = dpi_x;
    }
    *source = &upright->base;
    return GD_OK;
}
