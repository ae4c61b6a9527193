/* Chooses the name of an output by the size of the picture and by the files that are there. */
#include "cli/output_name.h"

#include "files/file_names.h"
#include "files/input_frames.h"
#include "files/preview_names.h"
#include "image/reader.h"
#include "job/picture_size.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { NUMBERS = 10000, JPEG_SIDE_MAX = 65500 };

/* The picture's size; 1 x 1 if the input cannot be opened. */
static void find_size(const gd_options *o, int64_t frame_first, gd_allowance *allowance,
                      gd_picture_size *size)
{
    int64_t rows = 1, cols = 1;
    gd_reader *reader = NULL;
    gd_error ignored;
    char path[GD_PATH_MAX];
    gd_input_frames_path(o, frame_first, 0, path);
    if (!gd_options_noise(o) && gd_reader_open(path, NULL, allowance, &reader, &ignored) == GD_OK) {
        rows = gd_reader_info(reader)->rows;
        cols = gd_reader_info(reader)->cols;
    }
    gd_reader_close(reader);
    gd_picture_size_find(o, rows, cols, size);
}

static bool fits_jpeg(const gd_options *o, int64_t frame_first, gd_allowance *allowance)
{
    gd_picture_size size;
    if (o->output_choice == GD_OUTPUT_TIFF)
        return false;
    find_size(o, frame_first, allowance, &size);
    return size.rows <= JPEG_SIDE_MAX && size.cols <= JPEG_SIDE_MAX &&
           size.rows * size.cols <= GD_OUTPUT_JPEG_PIXELS;
}

/* A link counts, even to nothing. */
static bool is_there(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0;
}

static bool is_taken(const gd_options *o)
{
    char copy[GD_PATH_MAX], frames[GD_PATH_MAX], first[GD_PREVIEW_NAME_BYTES];
    gd_error ignored;
    if (o->frames > 0 && gd_file_names_frames(o->output, frames, &ignored) == GD_OK) {
        for (int64_t number = 0; number < 2; number++) {
            gd_preview_path(frames, number, first);
            if (is_there(first))
                return true;
        }
    }
    gd_file_names_input_copy(o->output, copy);
    return is_there(o->output) || (o->save_input && is_there(copy));
}

gd_status gd_output_name_choose(gd_options *o, int64_t frame_first, gd_allowance *allowance, gd_error *error)
{
    char stem[GD_OUTPUT_STEM_MAX];
    if (*o->output || *o->resume)
        return GD_OK;
    if (*o->web && !o->proof && !o->save_input) {
        strcpy(o->output, "none");
        return GD_OK;
    }
    gd_options_output_stem(o, stem);
    const char *extension = fits_jpeg(o, frame_first, allowance) ? "jpg" : "tif";
    snprintf(o->output, sizeof o->output, "%s.%s", stem, extension);
    for (int n = 2; n < NUMBERS && is_taken(o); n++)
        snprintf(o->output, sizeof o->output, "%s_%d.%s", stem, n, extension);
    if (!is_taken(o))
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s and all numbers before it are there; name the output with -img_out",
                   o->output);
}
