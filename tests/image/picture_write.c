/* Writes whole pictures, for tests to read them again. */
#include "picture_write.h"

#include "make.h"

#include <stdlib.h>

const char *const PICTURE_NAMES[] = {
    [GD_FILE_TIFF] = "a.tif", [GD_FILE_JPEG] = "a.jpg", [GD_FILE_PNG] = "a.png"};

const gd_writer_options WRITER_KINDS[WRITER_KIND_COUNT] = {
    {.kind = GD_FILE_TIFF, .bits = 8},
    {.kind = GD_FILE_JPEG, .bits = 8},
    {.kind = GD_FILE_PNG, .bits = 8},
    {.kind = GD_FILE_TIFF, .bits = 8, .pyramid = true}};

/* A value that lies on the levels of `bits`. */
static float level(int64_t i, int bits)
{
    unsigned value = stored((int)(i / 1000), (int)(i % 1000), 0, bits);
    return bits == 8 ? value / 127.5f - 1.0f : value / 32767.5f - 1.0f;
}

float *levels(int64_t rows, int64_t cols, int bits)
{
    float *rgb = malloc((size_t)(rows * cols) * 3 * sizeof *rgb);
    assert_non_null(rgb);
    for (int64_t i = 0; i < rows * cols * 3; i++)
        rgb[i] = level(i, bits);
    return rgb;
}

float *noise(int64_t rows, int64_t cols)
{
    float *rgb = malloc((size_t)(rows * cols) * 3 * sizeof *rgb);
    uint32_t random = 1;
    assert_non_null(rgb);
    for (int64_t i = 0; i < rows * cols * 3; i++) {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        rgb[i] = (float)(random >> 8) * 0x1p-23f - 1.0f;
    }
    return rgb;
}

gd_status picture_write(const char *path, const gd_writer_options *options, const float *rgb, int64_t band,
                        gd_error *error)
{
    gd_writer *writer;
    gd_status status = gd_writer_open(path, options, &writer, error);
    if (status != GD_OK)
        return status;
    for (int64_t y = 0; y < options->rows; y += band) {
        int64_t count = band < options->rows - y ? band : options->rows - y;
        status = gd_writer_rows(writer, count, rgb + y * options->cols * 3, error);
        if (status != GD_OK) {
            gd_writer_abandon(writer);
            return status;
        }
    }
    return gd_writer_finish(writer, error);
}
