/* copy_picture IN OUT BITS TEXT [COLS ROWS]: reads a picture and writes it, resized when a size is given. */
#include "image/picture.h"

#include <stdio.h>
#include <stdlib.h>

static gd_status copy_rows(gd_reader *reader, gd_writer *writer, gd_error *error)
{
    const gd_picture_info *info = gd_reader_info(reader);
    float *row = malloc((size_t)info->cols * 3 * sizeof *row);
    gd_status status = row ? GD_OK : gd_fail(error, GD_MEMORY, "no memory for a row");
    for (int64_t y = 0; status == GD_OK && y < info->rows; y++) {
        status = gd_reader_rows(reader, 1, row, error);
        if (status == GD_OK)
            status = gd_writer_rows(writer, 1, row, error);
    }
    free(row);
    return status;
}

static gd_status copy(gd_reader *reader, const char *path, int bits, const char *text, gd_error *error)
{
    const gd_picture_info *info = gd_reader_info(reader);
    gd_writer_options options = {
        .rows = info->rows, .cols = info->cols, .bits = bits, .profile = &info->profile, .text = text};
    char full[4096];
    gd_writer *writer = NULL;
    gd_status status = gd_file_kind_of(path, &options.kind, full, sizeof full, error);
    if (status == GD_OK)
        status = gd_writer_check(full, &options, error);
    if (status == GD_OK)
        status = gd_writer_open(full, &options, &writer, error);
    if (status != GD_OK)
        return status;
    status = copy_rows(reader, writer, error);
    if (status == GD_OK)
        return gd_writer_finish(writer, error);
    gd_writer_abandon(writer);
    return status;
}

int main(int count, char **words)
{
    if (count != 5 && count != 7) {
        fprintf(stderr, "usage: copy_picture IN OUT BITS TEXT [COLS ROWS]\n");
        return 2;
    }
    gd_error error;
    gd_reader *reader = NULL;
    gd_status status =
        count == 7 ? gd_reader_open_resized(words[1], atoll(words[6]), atoll(words[5]), &reader, &error)
                   : gd_reader_open(words[1], &reader, &error);
    if (status == GD_OK)
        status = copy(reader, words[2], atoi(words[3]), words[4], &error);
    gd_reader_close(reader);
    if (status != GD_OK)
        fprintf(stderr, "%s\n", error.message);
    return gd_exit_code(status);
}
