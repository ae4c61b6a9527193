/* Schedules: parameters that change over the steps of a render, START:END[:linear|cosine|exp]. */
#ifndef GD_TEXT_SCHEDULE_H
#define GD_TEXT_SCHEDULE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_NUMBER_TEXT = 32, GD_SCHEDULE_TEXT = 96 };

typedef enum gd_curve { GD_CURVE_LINEAR, GD_CURVE_COSINE, GD_CURVE_EXP } gd_curve;

typedef struct gd_schedule {
    double start, end; /* equal: constant */
    gd_curve curve;
} gd_schedule;

/* Parses all of `text` as a finite decimal number. Returns false for anything else: empty text, blanks,
 * hexadecimal, "nan", "inf", overflow, trailing characters. */
bool gd_number_parse(const char *text, double *value);

/* The shortest decimal number that parses to the same double; without an exponent if 6 digits suffice. */
void gd_number_text(double value, char text[GD_NUMBER_TEXT]);

/* Parses "X" or "X:Y[:CURVE]": finite numbers, no trailing characters, both above 0 for an exponential curve.
 * The error message names `flag`. */
gd_status gd_schedule_parse(const char *text, const char *flag, gd_schedule *schedule,
                            gd_error *error) GD_CHECKED;

/* "512" or "512:1024:cosine", with enough digits to parse to the same values. */
void gd_schedule_text(const gd_schedule *schedule, char text[GD_SCHEDULE_TEXT]);

/* The value at step `index` of the `count` steps of the whole render (start at 0, end at count - 1). With t
 * from 0 to 1: linear is start + t (end - start); cosine replaces t by (1 - cos(pi t)) / 2 (Loshchilov and
 * Hutter 2016, arXiv:1608.03983, one period); exp is start (end / start)^t. */
double gd_schedule_at(const gd_schedule *schedule, int64_t index, int64_t count);

#endif
