/* Reads a picture as far as it can be read; for damaged files. */
#include "drain.h"
#include "image/reader.h"

#include <stdlib.h>

gd_status drain(const char *path, gd_error *error)
{
    enum { SAMPLES_MAX = 30000000, ROWS_MAX = 4000 };
    gd_reader *reader;
    gd_status status = gd_reader_open(path, NULL, NULL, &reader, error);
    if (status != GD_OK)
        return status;
    const gd_picture_info *info = gd_reader_info(reader);
    float *row = malloc((size_t)info->cols * 3 * sizeof *row);
    int64_t rows = info->rows < ROWS_MAX ? info->rows : ROWS_MAX;
    if (rows > SAMPLES_MAX / (3 * info->cols))
        rows = SAMPLES_MAX / (3 * info->cols);
    for (int64_t y = 0; row && status == GD_OK && y < rows; y++) {
        status = gd_reader_rows(reader, 1, row, error);
        for (int64_t i = 0; status == GD_OK && i < 3 * info->cols; i++) {
            if (!(row[i] >= -1.0f && row[i] <= 1.0f))
                abort(); /* no sample lies outside */
        }
    }
    free(row);
    gd_reader_close(reader);
    return status;
}
