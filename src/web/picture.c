/* Streams a picture, and its input if it is to be compared, from files to tiles. */
#include "web/picture.h"

#include "image/reader.h"
#include "image/writer.h"
#include "web/page.h"
#include "web/space.h"
#include "web/tiles.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the tiles depend on, as one line without names. */
typedef struct inputs {
    gd_reader *picture, *input; /* owned; NULL: closed, or none */
    gd_file_identity picture_file, input_file;
} inputs;

static void add_warning(gd_web_result *result, const char *path, const char *warning)
{
    const size_t length = strlen(result->warning);
    if (warning && *warning)
        snprintf(result->warning + length, sizeof result->warning - length, "%s%s: %s", length ? "; " : "",
                 path, warning);
}

/* A row as floats and as bytes. */
static uint64_t row_bytes(int64_t cols)
{
    return (uint64_t)cols * 3 * (sizeof(float) + 1);
}

static gd_status check_memory(const gd_web_request *request, const gd_picture_info *picture, gd_error *error)
{
    const double mib = 1048576.0;
    const uint64_t needed =
        picture->held_bytes + row_bytes(picture->cols) + gd_web_tiles_bytes(picture->rows, picture->cols);
    if (needed <= request->memory)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "%s: tiles of %" PRId64 " x %" PRId64
        " pixels take %.0f MiB of memory, and there are %.0f MiB; free memory, or use another host",
        request->picture, picture->cols, picture->rows, (double)needed / mib, (double)request->memory / mib);
}

static gd_status open_one(const gd_web_request *request, const char *path, gd_reader **reader,
                          gd_file_identity *file, gd_error *error)
{
    gd_allowance allowance = {.left = request->memory, .limit = "the memory that is free"};
    gd_status status = gd_reader_open(path, NULL, &allowance, reader, error);
    if (status != GD_OK)
        return status;
    *file = gd_reader_info(*reader)->file;
    return check_memory(request, gd_reader_info(*reader), error);
}

/* The input is opened twice: for its identity, and resampled. */
static gd_status open_inputs(const gd_web_request *request, inputs *in, gd_web_result *result,
                             gd_error *error)
{
    gd_status status = open_one(request, request->picture, &in->picture, &in->picture_file, error);
    if (status != GD_OK)
        return status;
    const gd_picture_info *info = gd_reader_info(in->picture);
    result->rows = info->rows;
    result->cols = info->cols;
    result->levels = gd_web_level_count(info->rows, info->cols);
    if (!request->input)
        return GD_OK;
    status = open_one(request, request->input, &in->input, &in->input_file, error);
    gd_reader_close(in->input);
    in->input = NULL;
    if (status == GD_OK)
        status = gd_reader_open_resized(request->input, NULL, info->rows, info->cols, &in->input, error);
    return status == GD_OK ? gd_reader_check(in->input, &in->input_file, error) : status;
}

static gd_status check_space(const gd_web_request *request, const gd_web_result *result, gd_error *error)
{
    const double tree = gd_web_space_of(result->rows, result->cols, request->quality).bytes;
    return gd_web_space_check(request->folder, (request->input ? 2 : 1) * tree + GD_WEB_SPACE_PAGE, error);
}

static void name_inputs(const gd_web_request *request, const inputs *in, char key[GD_WEB_KEY])
{
    const gd_file_identity *picture = &in->picture_file, *input = &in->input_file;
    snprintf(key, GD_WEB_KEY,
             "gigadream " GD_VERSION ", %s, quality %d, picture %" PRId64 " %" PRId64 ".%09" PRId64
             ", input %" PRId64 " %" PRId64 ".%09" PRId64,
             gd_icc_available() ? "lcms2" : "no lcms2", request->quality, picture->bytes, picture->written_s,
             picture->written_ns, input->bytes, input->written_s, input->written_ns);
}

static gd_status copy_rows(gd_reader *reader, gd_web_tiles *tiles, int64_t cols, int64_t rows,
                           gd_error *error)
{
    float *values = malloc((size_t)cols * 3 * sizeof *values);
    uint8_t *samples = malloc((size_t)cols * 3);
    gd_status status = values && samples ? GD_OK : gd_no_memory(error, "a row of %" PRId64 " pixels", cols);
    for (int64_t row = 0; status == GD_OK && row < rows; row++) {
        status = gd_reader_rows(reader, 1, values, error);
        if (status != GD_OK)
            break;
        gd_picture_samples(values, 3 * cols, 8, samples);
        status = gd_web_tiles_row(tiles, samples, error);
    }
    free(values);
    free(samples);
    return status;
}

/* Writes the tiles of one picture. */
static gd_status write_tree(const char *path, gd_reader *reader, const gd_file_identity *file,
                            gd_web_tiles_options options, gd_web_result *result, gd_error *error)
{
    const gd_picture_info *info = gd_reader_info(reader);
    gd_icc_conversion *conversion =
        info->profile.icc ? gd_icc_conversion_create(info->profile.icc, info->profile.icc_bytes) : NULL;
    gd_web_tiles *tiles = NULL;
    if (info->profile.icc && !conversion)
        add_warning(
            result, path,
            "its colour profile was left out, since this build has no lcms2; the tiles' colours will not "
            "be right");
    add_warning(result, path, info->warning);
    options.conversion = conversion;
    gd_status status = gd_web_tiles_create(&options, &tiles, error);
    if (status == GD_OK)
        status = copy_rows(reader, tiles, options.cols, options.rows, error);
    if (status == GD_OK)
        status = gd_reader_check(reader, file, error);
    if (status == GD_OK) {
        add_warning(result, path, gd_reader_late_warning(reader));
        result->tiles += gd_web_tiles_count(tiles);
    }
    gd_web_tiles_free(tiles);
    gd_icc_conversion_free(conversion);
    return status;
}

static gd_status write_folder(const gd_web_request *request, const inputs *in, const gd_web_folder *folder,
                              gd_web_result *result, gd_error *error)
{
    const gd_profile *profile = &gd_reader_info(in->picture)->profile;
    const gd_web_facts facts = {.rows = result->rows,
                                .cols = result->cols,
                                .dpi_x = profile->dpi_x,
                                .dpi_y = profile->dpi_y,
                                .input = in->input != NULL,
                                .made = request->made != NULL};
    gd_web_tiles_options options = {.rows = result->rows,
                                    .cols = result->cols,
                                    .quality = request->quality,
                                    .tree = "dream",
                                    .folder = folder};
    gd_status status = gd_web_page_copy(request->page, folder, error);
    if (status == GD_OK && request->made)
        status = gd_web_folder_write(folder, GD_WEB_MADE, request->made, strlen(request->made), error);
    if (status == GD_OK)
        status = write_tree(request->picture, in->picture, &in->picture_file, options, result, error);
    options.tree = "input";
    if (status == GD_OK && in->input)
        status = write_tree(request->input, in->input, &in->input_file, options, result, error);
    if (status == GD_OK)
        status = gd_web_page_tell(&facts, folder, error);
    if (status == GD_OK)
        status = gd_web_folder_flush(folder, error);
    return status == GD_OK ? gd_web_folder_finish(folder, error) : status;
}

gd_status gd_web_make(const gd_web_request *request, gd_web_result *result, gd_error *error)
{
    inputs in = {0};
    gd_web_folder folder = {.fd = -1};
    char key[GD_WEB_KEY];
    *result = (gd_web_result){0};
    gd_status status = gd_web_page_check(request->page, error);
    if (status == GD_OK)
        status = open_inputs(request, &in, result, error);
    if (status == GD_OK)
        status = check_space(request, result, error);
    if (status == GD_OK) {
        name_inputs(request, &in, key);
        status = gd_web_folder_open(request->folder, key, request->overwrite, &folder, error);
    }
    if (status == GD_OK)
        status = write_folder(request, &in, &folder, result, error);
    gd_web_folder_close(&folder);
    gd_reader_close(in.picture);
    gd_reader_close(in.input);
    return status;
}
