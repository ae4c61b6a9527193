/* Values of the flags about pictures. */
#include "options/enum_names.h"
#include "options/preview.h"
#include "options/value_reader.h"

#include <math.h>
#include <string.h>

static gd_status read_input(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_path(flag, values[0], o->input, error);
}

static gd_status read_output(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    size_t length = strlen(values[0]);
    if (length && values[0][length - 1] == '/')
        return gd_fail(error, GD_USAGE, "%s %s: that is a folder; add a file's name, such as %soutput.tif",
                       flag, values[0], values[0]);
    return gd_value_path(flag, values[0], o->output, error);
}

static gd_status read_max_dim(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_whole(flag, values[0], 1, GD_SIDE_MAX, &o->max_dim, error);
}

static gd_status read_size(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    char width[24];
    const char *x = strchr(values[0], 'x');
    if (!x || (size_t)(x - values[0]) >= sizeof width || x == values[0] || !x[1] || strchr(x + 1, 'x'))
        return gd_fail(error, GD_USAGE, "%s %s: not WxH; give width and height in pixels, such as 1920x1080",
                       flag, values[0]);
    memcpy(width, values[0], (size_t)(x - values[0]));
    width[x - values[0]] = '\0';
    gd_status status = gd_value_whole(flag, width, 1, GD_SIDE_MAX, &o->noise_cols, error);
    return status == GD_OK ? gd_value_whole(flag, x + 1, 1, GD_SIDE_MAX, &o->noise_rows, error) : status;
}

/* "100x70cm", in cm. */
static bool read_paper(const char *text, double *width, double *height)
{
    static const struct {
        const char *name;
        double cm;
    } units[] = {{"cm", 1.0}, {"mm", 0.1}, {"in", 2.54}};
    char copy[64];
    char *x = NULL;
    const size_t length = strlen(text);
    if (length < 5 || length >= sizeof copy)
        return false;
    memcpy(copy, text, length - 2);
    copy[length - 2] = '\0';
    x = strchr(copy, 'x');
    if (!x)
        return false;
    *x = '\0';
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(text + length - 2, units[i].name) != 0)
            continue;
        if (!gd_number_parse(copy, width) || !gd_number_parse(x + 1, height))
            return false;
        *width *= units[i].cm;
        *height *= units[i].cm;
        return true;
    }
    return false;
}

static gd_status read_print(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    const double least = 0.1, most = 100000;
    if (!read_paper(values[0], &o->print_width, &o->print_height))
        return gd_fail(error, GD_USAGE,
                       "%s %s: not WxHcm; give the paper's width and height, such as 100x70cm, 420x297mm or "
                       "36x24in",
                       flag, values[0]);
    if (fmin(o->print_width, o->print_height) < least || fmax(o->print_width, o->print_height) > most)
        return gd_fail(error, GD_USAGE, "%s %s: out of range; give sides from %g to %g cm", flag, values[0],
                       least, most);
    return GD_OK;
}

static gd_status read_dpi(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    const double most = 10000;
    if (gd_number_parse(values[0], &o->dpi) && o->dpi >= 1 && o->dpi <= most)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s %s: give pixels an inch from 1 to %g, such as 300", flag, values[0],
                   most);
}

static gd_status read_bits(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    if (strcmp(values[0], "8") != 0 && strcmp(values[0], "16") != 0)
        return gd_fail(error, GD_USAGE, "%s %s: a channel has 8 or 16 bits; give one of these", flag,
                       values[0]);
    o->bits = values[0][0] == '8' ? 8 : 16;
    return GD_OK;
}

static gd_status read_compression(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    if (gd_compression_find(values[0], &o->compression))
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "%s %s: there is no such compression; give deflate, lzw, zstd, jpeg or none", flag,
                   values[0]);
}

static gd_status read_pyramid(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    o->pyramid = strcmp(values[0], "on") == 0;
    if (o->pyramid || strcmp(values[0], "off") == 0)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s %s: give on or off", flag, values[0]);
}

static gd_status read_bigtiff(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    if (gd_bigtiff_find(values[0], &o->bigtiff))
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s %s: give auto, always or never", flag, values[0]);
}

static gd_status read_preview(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_preview_read(flag, values[0], o, error);
}

static gd_status read_preview_every(const char *flag, const char *const *values, gd_options *o,
                                    gd_error *error)
{
    return gd_value_whole32(flag, values[0], 1, GD_STEPS_MAX, &o->preview_every, error);
}

gd_value_reader *const gd_picture_values[GD_FLAG_COUNT] = {
    [GD_FLAG_INPUT] = read_input,     [GD_FLAG_SIZE] = read_size,
    [GD_FLAG_MAX_DIM] = read_max_dim, [GD_FLAG_OUTPUT] = read_output,
    [GD_FLAG_PRINT] = read_print,     [GD_FLAG_DPI] = read_dpi,
    [GD_FLAG_BITS] = read_bits,       [GD_FLAG_COMPRESSION] = read_compression,
    [GD_FLAG_PYRAMID] = read_pyramid, [GD_FLAG_BIGTIFF] = read_bigtiff,
    [GD_FLAG_PREVIEW] = read_preview, [GD_FLAG_PREVIEW_EVERY] = read_preview_every,
};
