/* Shaped gradients against the formulas in double, on any number of ranks. Their planes are in float32, whose
 * rounding of values up to 1e-3 is below 1e-9. */
#include "check.h"
#include "dream/shape.h"
#include "mpi/subgroup.h"
#include "net/objective.h"
#include "pixels.h"
#include "transfer/bands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double tolerance = 1e-9;

/* Planes [rows, cols, 3] in double. */
typedef struct field {
    int64_t rows, cols;
    double *values; /* owned */
} field;

static field field_of(int64_t rows, int64_t cols)
{
    field f = {rows, cols, calloc((size_t)(rows * cols * 3), sizeof *f.values)};
    assert_non_null(f.values);
    return f;
}

static int64_t inside(int64_t i, int64_t extent)
{
    return i < 0 ? 0 : i >= extent ? extent - 1 : i;
}

static double *at(const field *f, int64_t y, int64_t x, int c)
{
    return &f->values[(inside(y, f->rows) * f->cols + inside(x, f->cols)) * 3 + c];
}

/* Values as a plane has them, up to 1e-3: waves, and one corner that is far brighter. */
static float value_at(int64_t y, int64_t x, int c)
{
    const double wave = sin(0.9 * (double)(y + c)) * cos(0.31 * (double)x) + sin(0.05 * (double)(x - y));
    return (float)(1e-3 * (y < 3 && x < 3 ? 1 : 0.25 * wave));
}

static field made(int64_t rows, int64_t cols)
{
    field f = field_of(rows, cols);
    for (int64_t y = 0; y < rows; y++)
        for (int64_t x = 0; x < cols; x++)
            for (int c = 0; c < 3; c++)
                *at(&f, y, x, c) = (double)value_at(y, x, c);
    return f;
}

/* A mask: black on the left, grey, and white on the right. */
static float share_at(int64_t y, int64_t x, int c)
{
    (void)c;
    return x < 20 || y == 7 ? 0 : x < 30 ? (float)(0.1 * (double)(x - 19)) : 1;
}

/* A gradient of which there is none where the mask is black. */
static float lacking_at(int64_t y, int64_t x, int c)
{
    return share_at(y, x, c) > 0 ? value_at(x, y, c) : NAN;
}

typedef float values(int64_t y, int64_t x, int c);

typedef struct reading {
    int64_t y, cols;
    values *value;
} reading;

static gd_status read_field(void *context, int64_t count, float *rgb, gd_error *error)
{
    reading *r = context;
    (void)error;
    for (const int64_t end = r->y + count; r->y < end; r->y++)
        for (int64_t x = 0; x < r->cols; x++)
            for (int c = 0; c < 3; c++)
                *rgb++ = r->value(r->y, x, c);
    return GD_OK;
}

static double deviation_of(const field *f)
{
    double sum = 0, squares = 0;
    const int64_t count = f->rows * f->cols * 3;
    for (int64_t i = 0; i < count; i++)
        sum += f->values[i];
    for (int64_t i = 0; i < count; i++)
        squares += pow(f->values[i] - sum / (double)count, 2);
    return sqrt(squares / (double)count);
}

/* Canvases of an execution, on all ranks. */
static gd_execution execution_of(const gd_pixels *here, const gd_engine *engine)
{
    return (gd_execution){.comm = here->comm, .engine = engine, .parts = 1};
}

static void hold_values(gd_execution *x, gd_canvas_role role, int64_t rows, int64_t cols, values *value)
{
    gd_error error;
    const gd_octave size = {.rows = rows, .cols = cols, .ranks = gd_comm_size(x->comm)};
    reading r = {0, cols, value};
    check_ok(gd_comm_prepare_subgroup(x->comm, size.ranks, &error), error);
    check_ok(gd_execute_create(x, role, &size, &error), error);
    if (value)
        check_ok(gd_bands_in(x->comm, x->canvases[role][0], read_field, &r, &error), error);
}

static void hold(gd_execution *x, gd_canvas_role role, int64_t rows, int64_t cols)
{
    hold_values(x, role, rows, cols, role == GD_ROLE_OTHER || role == GD_ROLE_CANVAS ? value_at : NULL);
}

/* Returns the sum of the mask's pixels. */
static double hold_mask(gd_execution *x, int64_t rows, int64_t cols)
{
    gd_error error;
    double sum = 0;
    hold_values(x, GD_ROLE_OTHER, rows, cols, share_at);
    hold_values(x, GD_ROLE_MASK, rows, cols, NULL);
    check_ok(gd_execute_take_mask(x, &error), error);
    gd_execute_drop(x, GD_ROLE_OTHER);
    for (int64_t i = 0; i < rows * cols; i++)
        sum += (double)share_at(i / cols, i % cols, 0);
    return sum;
}

/* Whether a canvas is the field, on rank 0. */
static void compare(const gd_execution *x, gd_canvas_role role, const field *wanted, double most)
{
    float *is = gd_pixels_of(x->comm, x->engine, x->canvases[role][0]);
    for (int64_t i = 0; gd_comm_rank(x->comm) == 0 && i < wanted->rows * wanted->cols * 3; i++)
        if (!(fabs((double)is[i] - wanted->values[i]) <= most))
            fail_msg("%lld x %lld, value %lld: %.12g, not %.12g", (long long)wanted->rows,
                     (long long)wanted->cols, (long long)i, (double)is[i], wanted->values[i]);
    free(is);
}

/* One Gaussian along an axis: `dy`, `dx` is the way to the next pixel. */
static field blurred(const field *f, double sigma, int64_t radius, int64_t dy, int64_t dx)
{
    field g = field_of(f->rows, f->cols);
    double weights[2 * 64 + 1], all = 0;
    assert_true(radius <= 64);
    for (int64_t d = -radius; d <= radius; d++)
        all += weights[d + radius] = exp(-(double)(d * d) / (2 * sigma * sigma));
    for (int64_t y = 0; y < f->rows; y++)
        for (int64_t x = 0; x < f->cols; x++)
            for (int c = 0; c < 3; c++)
                for (int64_t d = -radius; d <= radius; d++)
                    *at(&g, y, x, c) += weights[d + radius] / all * *at(f, y + d * dy, x + d * dx, c);
    return g;
}

/* The mean of three Gaussians, each cut off at 8 times the middle sigma. */
static field smoothed(const field *f, double sigma)
{
    field sum = field_of(f->rows, f->cols);
    for (int i = 0; i < 3; i++) {
        const int64_t radius = (int64_t)ceil(8 * sigma);
        field down = blurred(f, ldexp(sigma, i - 1), radius, 1, 0);
        field both = blurred(&down, ldexp(sigma, i - 1), radius, 0, 1);
        for (int64_t k = 0; k < f->rows * f->cols * 3; k++)
            sum.values[k] += both.values[k] / 3;
        free(down.values);
        free(both.values);
    }
    return sum;
}

static void check_smooth(const gd_pixels *here, const gd_engine *engine, int64_t rows, int64_t cols, double s)
{
    gd_error error;
    gd_execution x = execution_of(here, engine);
    const gd_step_parameters step = {.smooth = s};
    gd_shaped shaped;
    field gradient = made(rows, cols), wanted = smoothed(&gradient, s);
    hold(&x, GD_ROLE_OTHER, rows, cols);
    hold(&x, GD_ROLE_SMOOTH, rows, cols);
    check_ok(gd_shape_gradients(&x, &step, 0.5, &shaped, &error), error);
    assert_int_equal(shaped.role, GD_ROLE_SMOOTH);
    assert_true(fabs(shaped.deviation - deviation_of(&wanted)) <= tolerance);
    compare(&x, GD_ROLE_SMOOTH, &wanted, tolerance);
    gd_execution_end(&x);
    free(gradient.values);
    free(wanted.values);
}

/* The gradient of the total variation of a canvas: each length of a slope lies in three pixels' derivatives.
 */
static field roughness_of(const field *f)
{
    field g = field_of(f->rows, f->cols);
    for (int64_t y = 0; y < f->rows; y++)
        for (int64_t x = 0; x < f->cols; x++)
            for (int c = 0; c < 3; c++) {
                const double down = *at(f, y + 1, x, c) - *at(f, y, x, c);
                const double across = *at(f, y, x + 1, c) - *at(f, y, x, c);
                const double length = sqrt(down * down + across * across + 1e-4);
                *at(&g, y, x, c) -= (down + across) / length;
                *at(&g, y + 1, x, c) += down / length;
                *at(&g, y, x + 1, c) += across / length;
            }
    return g;
}

/* The gradient is the canvas itself. Values are about 1 here. */
static void check_tv(const gd_pixels *here, const gd_engine *engine, int64_t rows, int64_t cols, double s)
{
    gd_error error;
    gd_execution x = execution_of(here, engine);
    const gd_step_parameters step = {.smooth = s, .tv = 0.3};
    gd_shaped shaped;
    field canvas = made(rows, cols), slope = roughness_of(&canvas);
    field wanted = s > 0 ? smoothed(&canvas, s) : made(rows, cols);
    const double deviation = deviation_of(&wanted) + 1e-8, by = 0.3 / (deviation_of(&slope) + 1e-8);
    for (int64_t i = 0; i < rows * cols * 3; i++)
        wanted.values[i] = wanted.values[i] / deviation - by * slope.values[i];
    hold(&x, GD_ROLE_CANVAS, rows, cols);
    hold(&x, GD_ROLE_OTHER, rows, cols);
    hold(&x, GD_ROLE_SMOOTH, rows, cols);
    check_ok(gd_shape_gradients(&x, &step, deviation - 1e-8, &shaped, &error), error);
    assert_true(shaped.divisor == 1);
    compare(&x, s > 0 ? GD_ROLE_SMOOTH : GD_ROLE_OTHER, &wanted, 4e-6); /* 16 roundings of values up to 4 */
    gd_execution_end(&x);
    free(canvas.values);
    free(slope.values);
    free(wanted.values);
}

/* The weight of the binomial [1, 4, 6, 4, 1] / 16. */
static double binomial(int64_t d)
{
    static const double weights[] = {6, 4, 1};
    return weights[llabs(d)] / 16;
}

static field halved(const field *f)
{
    field g = field_of((f->rows + 1) / 2, (f->cols + 1) / 2);
    for (int64_t i = 0; i < g.rows * g.cols * 3 * 25; i++) {
        const int64_t pixel = i / 75, dy = i / 5 % 5 - 2, dx = i % 5 - 2, c = i / 25 % 3;
        const int64_t y = pixel / g.cols, x = pixel % g.cols;
        *at(&g, y, x, (int)c) += binomial(dy) * binomial(dx) * *at(f, 2 * y + dy, 2 * x + dx, (int)c);
    }
    return g;
}

/* Four times the binomial over samples with zeros between them: what counts lies in even places. */
static field doubled(const field *f, int64_t rows, int64_t cols)
{
    field g = field_of(rows, cols);
    for (int64_t i = 0; i < rows * cols * 3 * 25; i++) {
        const int64_t pixel = i / 75, dy = i / 5 % 5 - 2, dx = i % 5 - 2, c = i / 25 % 3;
        const int64_t y = pixel / cols, x = pixel % cols;
        if ((y + dy) % 2 == 0 && (x + dx) % 2 == 0)
            *at(&g, y, x, (int)c) +=
                4 * binomial(dy) * binomial(dx) * *at(f, (y + dy) / 2, (x + dx) / 2, (int)c);
    }
    return g;
}

/* The root of the mean square of what is not black; a band may be all 0, as of one pixel. */
static double root_of(const field *f, double white)
{
    double squares = 0;
    for (int64_t i = 0; i < f->rows * f->cols * 3; i++)
        squares += f->values[i] * f->values[i];
    return fmax(sqrt(squares / ((double)(f->rows * f->cols * 3) * white)), 1e-10);
}

/* Divides each band of a field, and what is left, by the root of its mean square. `white`: the share of it
 * that is not 0 by a mask. *most: 1e-3, the largest value, by the smallest root. */
static field divided(const field *f, double white, double *most)
{
    field levels[GD_BANDS + 1] = {*f}, sum;
    double least = 1;
    for (int i = 0; i < GD_BANDS; i++)
        levels[i + 1] = halved(&levels[i]);
    sum = field_of(1, 1); /* of the levels below the last one */
    for (int i = GD_BANDS; i >= 0; i--) {
        field band = field_of(levels[i].rows, levels[i].cols);
        field none = field_of(1, 1);
        field low = doubled(i < GD_BANDS ? &levels[i + 1] : &none, band.rows, band.cols);
        field up = doubled(&sum, band.rows, band.cols);
        const int64_t count = band.rows * band.cols * 3;
        for (int64_t k = 0; k < count; k++)
            band.values[k] = levels[i].values[k] - low.values[k];
        const double root = root_of(&band, white);
        for (int64_t k = 0; k < count; k++)
            band.values[k] = band.values[k] / root + up.values[k];
        least = fmin(least, root);
        free(none.values);
        free(sum.values);
        free(low.values);
        free(up.values);
        sum = band;
    }
    for (int i = 1; i <= GD_BANDS; i++)
        free(levels[i].values);
    *most = 1e-3 / least;
    return sum;
}

static void hold_levels(gd_execution *x, int64_t rows, int64_t cols)
{
    for (int role = GD_ROLE_HALF; role < GD_ROLE_COUNT; role++) {
        rows = (rows + 1) / 2;
        cols = (cols + 1) / 2;
        hold_values(x, (gd_canvas_role)role, rows, cols, NULL);
    }
}

/* Beside bits of 2^-24 of what is added up: 16 roundings. */
static double rounding_of(double most)
{
    return 16 * most / (1 << 24);
}

static void check_laplacian(const gd_pixels *here, const gd_engine *engine, int64_t rows, int64_t cols,
                            double s)
{
    gd_error error;
    gd_execution x = execution_of(here, engine);
    const gd_step_parameters step = {.smooth = s, .normalize = GD_NORMALIZE_LAPLACIAN};
    const gd_canvas_role role = s > 0 ? GD_ROLE_SMOOTH : GD_ROLE_OTHER;
    gd_shaped shaped;
    double most;
    field gradient = made(rows, cols), whole = s > 0 ? smoothed(&gradient, s) : made(rows, cols);
    field wanted = divided(&whole, 1, &most);
    hold(&x, GD_ROLE_OTHER, rows, cols);
    hold(&x, GD_ROLE_SMOOTH, rows, cols);
    hold_levels(&x, rows, cols);
    check_ok(gd_shape_gradients(&x, &step, deviation_of(&whole), &shaped, &error), error);
    assert_true(shaped.role == role && shaped.divisor == 1);
    assert_true(fabs(shaped.deviation - deviation_of(&whole)) <= tolerance);
    compare(&x, role, &wanted, rounding_of(most));
    gd_execution_end(&x);
    free(gradient.values);
    free(whole.values);
    free(wanted.values);
}

/* The step of a masked canvas: gradients where it is black count as 0, and it stays there to the bit. */
static field masked_step(int64_t rows, int64_t cols, const gd_step_parameters *step, double *deviation,
                         double *most)
{
    field canvas = made(rows, cols), gradient = field_of(rows, cols), slope = roughness_of(&canvas);
    double weight = 0, sum = 0, square = 0;
    for (int64_t i = 0; i < rows * cols * 3; i++)
        if (share_at(i / 3 / cols, i / 3 % cols, 0) > 0)
            gradient.values[i] = (double)lacking_at(i / 3 / cols, i / 3 % cols, (int)(i % 3));
    field g = step->smooth > 0 ? smoothed(&gradient, step->smooth) : gradient;
    for (int64_t i = 0; i < rows * cols * 3; i++) {
        const double share = (double)share_at(i / 3 / cols, i / 3 % cols, 0);
        weight += share;
        sum += share * g.values[i];
        square += share * g.values[i] * g.values[i];
    }
    *deviation = sqrt(square / weight - sum / weight * (sum / weight));
    *most = 4;
    field whole = g;
    const bool bands = step->normalize == GD_NORMALIZE_LAPLACIAN;
    if (bands)
        g = divided(&whole, weight / (double)(rows * cols * 3), most);
    const double divisor = bands ? 1 : *deviation + 1e-8;
    for (int64_t i = 0; i < rows * cols * 3; i++)
        canvas.values[i] +=
            step->step_size * (double)share_at(i / 3 / cols, i / 3 % cols, 0) *
            (g.values[i] / divisor - step->tv * slope.values[i] / (deviation_of(&slope) + 1e-8));
    if (bands)
        free(g.values);
    if (step->smooth > 0)
        free(whole.values);
    free(gradient.values);
    free(slope.values);
    return canvas;
}

static void check_masked(const gd_pixels *here, const gd_engine *engine, int64_t rows, int64_t cols,
                         gd_step_parameters step)
{
    gd_error error;
    gd_execution x = execution_of(here, engine);
    gd_shaped shaped;
    double deviation, most;
    step.step_size = 0.05;
    field wanted = masked_step(rows, cols, &step, &deviation, &most);
    x.mask_sums[0] = hold_mask(&x, rows, cols);
    hold(&x, GD_ROLE_CANVAS, rows, cols);
    hold_values(&x, GD_ROLE_OTHER, rows, cols, lacking_at);
    hold(&x, GD_ROLE_SMOOTH, rows, cols);
    hold_levels(&x, rows, cols);
    check_ok(gd_shape_gradients(&x, &step, 0.5, &shaped, &error), error);
    assert_true(fabs(shaped.deviation - deviation) <= tolerance);
    float *was = gd_pixels_of(x.comm, x.engine, x.canvases[GD_ROLE_CANVAS][0]);
    check_ok(gd_shape_update(&x, 0, &shaped, step.step_size, &error), error);
    float *is = gd_pixels_of(x.comm, x.engine, x.canvases[GD_ROLE_CANVAS][0]);
    for (int64_t i = 0; gd_comm_rank(x.comm) == 0 && i < rows * cols * 3; i++) {
        const bool black = !(share_at(i / 3 / cols, i / 3 % cols, 0) > 0);
        const double off = fabs((double)is[i] - wanted.values[i]);
        if (black ? is[i] != was[i] : !(off <= rounding_of(most) * step.step_size))
            fail_msg("value %lld of %lld x %lld: off by %g", (long long)i, (long long)rows, (long long)cols,
                     off);
    }
    free(is);
    free(was);
    gd_execution_end(&x);
    free(wanted.values);
}

/* The backends that are here in any case. */
static gd_engine *reference_of(const gd_pixels *here)
{
    gd_error error;
    gd_engine *engine = NULL;
    const gd_objective nothing = {.count = 0};
    check_ok(gd_engine_create(&gd_backend_reference, &(gd_device_options){0}, here->net, &nothing, NULL,
                              &engine, &error),
             error);
    return engine;
}

typedef void checks(const gd_pixels *here, const gd_engine *engine);

static void check_with_both(void **state, checks *run)
{
    const gd_pixels *here = *state;
    gd_engine *reference = reference_of(here);
    run(here, reference);
    run(here, here->engine);
    gd_engine_free(reference);
}

static void check_smooths(const gd_pixels *here, const gd_engine *engine)
{
    check_smooth(here, engine, 258, 90, 1.7);
    check_smooth(here, engine, 270, 40, 0.3);
    check_smooth(here, engine, 5, 9, 8);
}

static void smooth_is_the_mean_of_three_gaussians(void **state)
{
    check_with_both(state, check_smooths);
}

static void check_tvs(const gd_pixels *here, const gd_engine *engine)
{
    check_tv(here, engine, 300, 270, 0);
    check_tv(here, engine, 30, 259, 1);
    check_tv(here, engine, 5, 4, 0);
}

static void tv_is_subtracted_by_its_deviation(void **state)
{
    check_with_both(state, check_tvs);
}

static void bands_are_divided_by_their_own_roots(void **state)
{
    const gd_pixels *here = *state;
    gd_engine *reference = reference_of(here);
    check_laplacian(here, reference, 258, 90, 0);
    check_laplacian(here, reference, 75, 33, 0.8);
    check_laplacian(here, reference, 5, 4, 0);
    check_laplacian(here, here->engine, 258, 33, 0);
    gd_engine_free(reference);
}

static void a_mask_bounds_what_is_shaped(void **state)
{
    const gd_pixels *here = *state;
    gd_engine *reference = reference_of(here);
    const gd_step_parameters all = {.smooth = 0.5, .tv = 0.1, .normalize = GD_NORMALIZE_LAPLACIAN};
    check_masked(here, reference, 270, 41, (gd_step_parameters){.tv = 0.3});
    check_masked(here, reference, 40, 270, (gd_step_parameters){.smooth = 1, .tv = 0.3});
    check_masked(here, reference, 40, 50, (gd_step_parameters){.smooth = 1.5});
    check_masked(here, reference, 262, 41, all);
    check_masked(here, here->engine, 40, 50, all);
    gd_engine_free(reference);
}

static void nothing_is_shaped_unless_asked_for(void **state)
{
    const gd_pixels *here = *state;
    gd_error error;
    gd_execution x = execution_of(here, here->engine);
    gd_shaped shaped;
    check_ok(gd_shape_gradients(&x, &(gd_step_parameters){0}, 0.5, &shaped, &error), error);
    assert_true(shaped.role == GD_ROLE_OTHER && shaped.deviation == 0.5 && shaped.divisor == 0.5 + 1e-8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smooth_is_the_mean_of_three_gaussians),
        cmocka_unit_test(tv_is_subtracted_by_its_deviation),
        cmocka_unit_test(bands_are_divided_by_their_own_roots),
        cmocka_unit_test(a_mask_bounds_what_is_shaped),
        cmocka_unit_test(nothing_is_shaped_unless_asked_for),
    };
    return cmocka_run_group_tests(tests, gd_pixels_start, gd_pixels_stop);
}
