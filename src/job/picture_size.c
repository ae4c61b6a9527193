/* Computes the picture's size in pixels from the options and the input's size. */
#include "job/picture_size.h"

#include <math.h>
#include <stdio.h>

static int64_t scaled(int64_t side, double scale)
{
    return (int64_t)fmax(1, round((double)side * scale));
}

static void explain_print(const gd_options *o, gd_picture_size *size)
{
    const double cm = gd_options_dpi(o) / 2.54;
    snprintf(size->why, sizeof size->why, "the print is %lldx%lld pixels: %.1f x %.1f cm at %g dpi",
             (long long)size->cols, (long long)size->rows, (double)size->cols / cm, (double)size->rows / cm,
             gd_options_dpi(o));
}

/* The largest size that fits on the paper. The paper has the picture's orientation. */
static void fit_paper(const gd_options *o, int64_t rows, int64_t cols, gd_picture_size *size)
{
    const double cm = gd_options_dpi(o) / 2.54;
    const bool turned = rows != cols && (rows > cols) != (o->print_height > o->print_width);
    const double width = cm * (turned ? o->print_height : o->print_width);
    const double height = cm * (turned ? o->print_width : o->print_height);
    const double scale = fmin(width / (double)cols, height / (double)rows);
    size->rows = scaled(rows, scale);
    size->cols = scaled(cols, scale);
    explain_print(o, size);
}

/* -img_max_dim limits the longest side. */
static void fit(const gd_options *o, int64_t rows, int64_t cols, gd_picture_size *size)
{
    const int64_t longest = rows > cols ? rows : cols;
    if (longest < o->max_dim && !o->enlarge) {
        size->rows = rows;
        size->cols = cols;
        snprintf(size->why, sizeof size->why,
                 "%.600s is %lldx%lld, smaller than -img_max_dim %lld, and keeps its size; --enlarge makes "
                 "it larger",
                 o->input, (long long)cols, (long long)rows, (long long)o->max_dim);
        return;
    }
    const double scale = (double)o->max_dim / (double)longest;
    size->rows = scaled(rows, scale);
    size->cols = scaled(cols, scale);
}

/* Noise fills the paper. */
static void fill(const gd_options *o, gd_picture_size *size)
{
    const double cm = gd_options_dpi(o) / 2.54;
    size->rows = o->noise_rows ? o->noise_rows : o->max_dim;
    size->cols = o->noise_cols ? o->noise_cols : o->max_dim;
    if (o->print_width <= 0)
        return;
    size->rows = scaled(1, cm * o->print_height);
    size->cols = scaled(1, cm * o->print_width);
    explain_print(o, size);
}

void gd_picture_size_find(const gd_options *options, int64_t input_rows, int64_t input_cols,
                          gd_picture_size *size)
{
    *size = (gd_picture_size){0};
    if (gd_options_noise(options))
        fill(options, size);
    else if (options->print_width > 0)
        fit_paper(options, input_rows, input_cols, size);
    else
        fit(options, input_rows, input_cols, size);
}
