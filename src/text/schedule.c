/* Parses, prints and evaluates schedules: parameters that change over the steps. */
#include "text/schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const curve_names[] = {
    [GD_CURVE_LINEAR] = "linear", [GD_CURVE_COSINE] = "cosine", [GD_CURVE_EXP] = "exp"};
enum { CURVES = sizeof curve_names / sizeof *curve_names };

static const char *curve_name(gd_curve curve)
{
    return curve_names[curve];
}

bool gd_number_parse(const char *text, double *value)
{
    /* strtod alone also accepts blanks, hexadecimal, "inf" and "nan". */
    if (!*text || text[strspn(text, "+-.0123456789eE")])
        return false;
    char *end;
    double number = strtod(text, &end);
    if (*end || end == text || !isfinite(number))
        return false;
    *value = number;
    return true;
}

void gd_number_text(double value, char text[GD_NUMBER_TEXT])
{
    for (int digits = 6; digits <= 17; digits++) {
        double back;
        snprintf(text, GD_NUMBER_TEXT, "%.*g", digits, value);
        if (gd_number_parse(text, &back) && back == value)
            return;
    }
}

void gd_schedule_text(const gd_schedule *schedule, char text[GD_SCHEDULE_TEXT])
{
    char start[GD_NUMBER_TEXT], end[GD_NUMBER_TEXT];
    gd_number_text(schedule->start, start);
    gd_number_text(schedule->end, end);
    if (schedule->start == schedule->end)
        snprintf(text, GD_SCHEDULE_TEXT, "%s", start);
    else
        snprintf(text, GD_SCHEDULE_TEXT, "%s:%s:%s", start, end, curve_name(schedule->curve));
}

/* Copies *text up to the next colon and advances *text past the colon (NULL after the last part). */
static bool take_part(const char **text, char *part, size_t bytes)
{
    size_t length = strcspn(*text, ":");
    if (length >= bytes)
        return false;
    memcpy(part, *text, length);
    part[length] = '\0';
    *text = (*text)[length] ? *text + length + 1 : NULL;
    return true;
}

static bool read_curve(const char *text, gd_curve *curve)
{
    for (int i = 0; i < CURVES; i++) {
        if (strcmp(text, curve_names[i]) == 0) {
            *curve = (gd_curve)i;
            return true;
        }
    }
    return false;
}

gd_status gd_schedule_parse(const char *text, const char *flag, gd_schedule *schedule, gd_error *error)
{
    gd_schedule s = {.curve = GD_CURVE_LINEAR};
    char part[64];
    const char *rest = text;
    if (!take_part(&rest, part, sizeof part) || !gd_number_parse(part, &s.start))
        goto not_a_number;
    s.end = s.start;
    if (rest && (!take_part(&rest, part, sizeof part) || !gd_number_parse(part, &s.end)))
        goto not_a_number;
    if (rest && !read_curve(rest, &s.curve))
        return gd_fail(error, GD_USAGE, "%s %s: unknown curve '%s'; give linear, cosine or exp", flag, text,
                       rest);
    if (s.curve == GD_CURVE_EXP && (s.start <= 0 || s.end <= 0))
        return gd_fail(error, GD_USAGE,
                       "%s %s: an exp curve needs numbers above 0; change them, or use linear or cosine",
                       flag, text);
    *schedule = s;
    return GD_OK;

not_a_number:
    return gd_fail(error, GD_USAGE,
                   "%s %s: not a finite number, nor START:END[:linear|cosine|exp]; give one of the two", flag,
                   text);
}

double gd_schedule_at(const gd_schedule *schedule, int64_t index, int64_t count)
{
    if (schedule->start == schedule->end || count <= 1 || index <= 0)
        return schedule->start;
    if (index >= count - 1)
        return schedule->end;
    double t = (double)index / (double)(count - 1);
    switch (schedule->curve) {
    case GD_CURVE_EXP:
        return schedule->start * pow(schedule->end / schedule->start, t);
    case GD_CURVE_COSINE:
        t = (1 - cos(acos(-1) * t)) / 2;
        break;
    case GD_CURVE_LINEAR:
        break;
    }
    return schedule->start + t * (schedule->end - schedule->start);
}
