/* Readers and printers of sizes, octaves, tiles, halos and times. */
#include "options/special_values.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Far above any possible render, and safe to multiply. */
enum { EXPONENT_MAX = 1000 };
static const double step_size_max = 1000, smooth_max = 8, shift_max = 10000;

gd_status gd_read_output(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    size_t length = strlen(values[0]);
    if (length && values[0][length - 1] == '/')
        return gd_fail(error, GD_USAGE, "%s %s: that is a folder; add a file's name, such as %soutput.tif",
                       flag, values[0], values[0]);
    return gd_value_path(flag, values[0], o->output, error);
}

gd_status gd_read_web(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    const gd_status status = gd_value_path(flag, values[0], o->web, error);
    for (size_t end = strlen(o->web); status == GD_OK && end > 1 && o->web[end - 1] == '/';)
        o->web[--end] = '\0';
    return status;
}

static const char *const guide_ways[] = {[GD_GUIDE_CHANNELS] = ",channels", [GD_GUIDE_MATCH] = ",match"};

/* Where a way begins at the end of a guide's name, and which one; NULL: there is none. */
static const char *find_way(const char *guide, gd_guide_way *way)
{
    for (int i = GD_GUIDE_CHANNELS; i <= GD_GUIDE_MATCH; i++) {
        const size_t length = strlen(guide), end = strlen(guide_ways[i]);
        *way = (gd_guide_way)i;
        if (length > end && strcmp(guide + length - end, guide_ways[i]) == 0)
            return guide + length - end;
    }
    return NULL;
}

gd_status gd_read_guide(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    gd_guide_way way;
    const gd_status status = gd_value_path(flag, values[0], o->guide, error);
    const char *end = status == GD_OK ? find_way(o->guide, &way) : NULL;
    o->guide_way = end ? way : GD_GUIDE_CHANNELS;
    if (end)
        o->guide[end - o->guide] = '\0';
    return status;
}

/* The way is left out where it goes without saying. */
bool gd_print_guide(const gd_options *o, char *text, size_t bytes)
{
    gd_guide_way way;
    const bool silent = o->guide_way == GD_GUIDE_CHANNELS && !find_way(o->guide, &way);
    return gd_value_print(text, bytes, "%s%s", o->guide,
                          silent || !*o->guide ? "" : guide_ways[o->guide_way]);
}

bool gd_print_max_dim(const gd_options *o, char *text, size_t bytes)
{
    if (o->print_width > 0 || o->noise_rows)
        return gd_value_print(text, bytes, "%s", "");
    return gd_value_print(text, bytes, "%" PRId64, o->max_dim);
}

gd_status gd_read_size(const char *flag, const char *const *values, gd_options *o, gd_error *error)
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

bool gd_print_size(const gd_options *o, char *text, size_t bytes)
{
    if (!o->noise_rows)
        return gd_value_print(text, bytes, "%s", "");
    return gd_value_print(text, bytes, "%" PRId64 "x%" PRId64, o->noise_cols, o->noise_rows);
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

gd_status gd_read_print(const char *flag, const char *const *values, gd_options *o, gd_error *error)
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

bool gd_print_print(const gd_options *o, char *text, size_t bytes)
{
    char width[GD_NUMBER_TEXT], height[GD_NUMBER_TEXT];
    if (o->print_width <= 0)
        return gd_value_print(text, bytes, "%s", "");
    gd_number_text(o->print_width, width);
    gd_number_text(o->print_height, height);
    return gd_value_print(text, bytes, "%sx%scm", width, height);
}

/* The number; "" if it is 0. */
static bool print_above_0(double value, char *text, size_t bytes)
{
    char number[GD_NUMBER_TEXT] = "";
    if (value > 0)
        gd_number_text(value, number);
    return gd_value_print(text, bytes, "%s", number);
}

bool gd_print_dpi(const gd_options *o, char *text, size_t bytes)
{
    return print_above_0(o->dpi, text, bytes);
}

bool gd_print_tv(const gd_options *o, char *text, size_t bytes)
{
    return print_above_0(o->tv, text, bytes);
}

gd_status gd_read_bits(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    if (strcmp(values[0], "8") != 0 && strcmp(values[0], "16") != 0)
        return gd_fail(error, GD_USAGE, "%s %s: a channel has 8 or 16 bits; give one of these", flag,
                       values[0]);
    o->bits = values[0][0] == '8' ? 8 : 16;
    return GD_OK;
}

gd_status gd_read_octaves(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    int64_t first = 0, end = 0;
    o->octaves_auto = strcmp(values[0], "auto") == 0;
    if (o->octaves_auto)
        return GD_OK;
    gd_status status = gd_value_whole(flag, values[0], -EXPONENT_MAX, EXPONENT_MAX, &first, error);
    if (status == GD_OK)
        status = gd_value_whole(flag, values[1], -EXPONENT_MAX, EXPONENT_MAX, &end, error);
    if (status != GD_OK)
        return status;
    if (end <= first)
        return gd_fail(error, GD_USAGE,
                       "%s %" PRId64 " %" PRId64
                       ": the range A .. B-1 is empty; give B above A, such as %s %" PRId64 " %" PRId64,
                       flag, first, end, flag, first, first + 1);
    o->octave_first = (int32_t)first;
    o->octave_end = (int32_t)end;
    return GD_OK;
}

bool gd_print_octaves(const gd_options *o, char *text, size_t bytes)
{
    if (o->octaves_auto)
        return gd_value_print(text, bytes, "auto");
    return gd_value_print(text, bytes, "%d %d", o->octave_first, o->octave_end);
}

gd_status gd_read_step_size(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    gd_status status = gd_schedule_parse(values[0], flag, &o->step_size, error);
    if (status != GD_OK)
        return status;
    double a = o->step_size.start, b = o->step_size.end;
    if (a < 0 || b < 0 || (a == 0 && b == 0) || a > step_size_max || b > step_size_max)
        return gd_fail(
            error, GD_USAGE,
            "%s %s: a step must be above 0 and at most %g; good values are 0.001 to 0.1 (-os 0 takes no "
            "step at all)",
            flag, values[0], step_size_max);
    return GD_OK;
}

gd_status gd_read_smooth(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    const gd_status status = gd_schedule_parse(values[0], flag, &o->smooth, error);
    if (status != GD_OK)
        return status;
    if (fmin(o->smooth.start, o->smooth.end) < 0 || fmax(o->smooth.start, o->smooth.end) > smooth_max)
        return gd_fail(error, GD_USAGE, "%s %s: out of range; give pixels from 0, which is off, to %g", flag,
                       values[0], smooth_max);
    return GD_OK;
}

bool gd_print_smooth(const gd_options *o, char *text, size_t bytes)
{
    char schedule[GD_SCHEDULE_TEXT] = "";
    if (gd_options_smooth(o))
        gd_schedule_text(&o->smooth, schedule);
    return gd_value_print(text, bytes, "%s", schedule);
}

gd_status gd_read_shift(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    char x[GD_NUMBER_TEXT] = "";
    const char *comma = strchr(values[0], ',');
    if (comma && (size_t)(comma - values[0]) < sizeof x)
        memcpy(x, values[0], (size_t)(comma - values[0]));
    if (!comma || !gd_number_parse(x, &o->shift_x) || !gd_number_parse(comma + 1, &o->shift_y) ||
        fmax(fabs(o->shift_x), fabs(o->shift_y)) > shift_max)
        return gd_fail(error, GD_USAGE, "%s %s: not X,Y; give two numbers of pixels up to %g, such as 2,-1.5",
                       flag, values[0], shift_max);
    return GD_OK;
}

bool gd_print_shift(const gd_options *o, char *text, size_t bytes)
{
    char x[GD_NUMBER_TEXT], y[GD_NUMBER_TEXT];
    gd_number_text(o->shift_x, x);
    gd_number_text(o->shift_y, y);
    return gd_value_print(text, bytes, "%s,%s", x, y);
}

static bool is_side(double value)
{
    return value >= 1 && value <= GD_SIDE_MAX && value == (double)(int64_t)value;
}

gd_status gd_read_tile(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    o->tile_auto = strcmp(values[0], "auto") == 0;
    o->tile = (gd_schedule){0};
    if (o->tile_auto)
        return GD_OK;
    gd_status status = gd_schedule_parse(values[0], flag, &o->tile, error);
    if (status != GD_OK)
        return status;
    if (!is_side(o->tile.start) || !is_side(o->tile.end))
        return gd_fail(
            error, GD_USAGE,
            "%s %s: a tile is a whole number of pixels from 1 to %d; give one such as 512, auto, or leave %s "
            "out",
            flag, values[0], GD_SIDE_MAX, flag);
    return GD_OK;
}

bool gd_print_tile(const gd_options *o, char *text, size_t bytes)
{
    char schedule[GD_SCHEDULE_TEXT] = "";
    if (o->tile.start > 0)
        gd_schedule_text(&o->tile, schedule);
    return gd_value_print(text, bytes, "%s", o->tile.start == 0 && o->tile_auto ? "auto" : schedule);
}

gd_status gd_read_halo(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    o->halo_kind = GD_HALO_AUTO;
    o->halo = 0;
    if (strcmp(values[0], "auto") == 0)
        return GD_OK;
    o->halo_kind = GD_HALO_EXACT;
    if (strcmp(values[0], "exact") == 0)
        return GD_OK;
    o->halo_kind = GD_HALO_PIXELS;
    if (gd_value_whole(flag, values[0], 0, GD_SIDE_MAX, &o->halo, NULL) == GD_OK)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s %s: give auto, exact or a whole number of pixels from 0 to %d", flag,
                   values[0], GD_SIDE_MAX);
}

bool gd_print_halo(const gd_options *o, char *text, size_t bytes)
{
    if (o->halo_kind == GD_HALO_PIXELS)
        return gd_value_print(text, bytes, "%" PRId64, o->halo);
    return gd_value_print(text, bytes, "%s", o->halo_kind == GD_HALO_EXACT ? "exact" : "auto");
}

gd_status gd_read_every(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    static const struct {
        const char *unit;
        gd_every every;
        int64_t factor;
    } units[] = {{"s", GD_EVERY_SECONDS, 1},
                 {"min", GD_EVERY_SECONDS, 60},
                 {"h", GD_EVERY_SECONDS, 3600},
                 {"steps", GD_EVERY_STEPS, 1}};
    const char *text = values[0];
    const size_t digits = strspn(text, "0123456789");
    const int64_t number = digits > 0 && digits < 10 ? strtoll(text, NULL, 10) : 0;
    if (strcmp(text, "octave") == 0) {
        o->every = GD_EVERY_OCTAVE;
        o->every_count = 1;
        return GD_OK;
    }
    for (size_t i = 0; number > 0 && i < sizeof units / sizeof *units; i++) {
        if (strcmp(text + digits, units[i].unit) != 0)
            continue;
        o->every = units[i].every;
        o->every_count = number * units[i].factor;
        return GD_OK;
    }
    return gd_fail(error, GD_USAGE,
                   "%s %s: give a time such as 10min, 90s or 2h, steps such as 100steps, or octave", flag,
                   text);
}

bool gd_print_every(const gd_options *o, char *text, size_t bytes)
{
    const int64_t count = o->every_count;
    if (o->every == GD_EVERY_OCTAVE)
        return gd_value_print(text, bytes, "octave");
    if (o->every == GD_EVERY_STEPS)
        return gd_value_print(text, bytes, "%" PRId64 "steps", count);
    if (count % 60 == 0)
        return gd_value_print(text, bytes, "%" PRId64 "min", count / 60);
    return gd_value_print(text, bytes, "%" PRId64 "s", count);
}
