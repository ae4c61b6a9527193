/* The detail of --keep-detail against its formula, pixel by pixel in double, on any number of ranks. */
#include "check.h"
#include "dream/execute.h"
#include "image/reader.h"
#include "pixels.h"
#include "transfer/bands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 201, COLS = 290, LARGE_ROWS = 300, LARGE_COLS = 433 };

static gd_render_parameters parameters(gd_detail_kind detail)
{
    return (gd_render_parameters){.base_rows = LARGE_ROWS,
                                  .base_cols = LARGE_COLS,
                                  .rules = gd_compat_rules_of(GD_COMPAT_NONE),
                                  .seed = 11,
                                  .detail = detail,
                                  .input = GD_SOURCE_DIR "/tests/images/chelsea.png"};
}

/* A canvas that is often near white and black, so that sums must be clipped. */
static gd_status read_canvas(void *context, int64_t count, float *rgb, gd_error *error)
{
    int64_t *at = context;
    (void)error;
    for (int64_t i = 0; i < count * COLS * 3; i++, ++*at)
        rgb[i] = (float)(sin(0.37 * (double)(*at % 977)) * ((*at / (COLS * 3)) % 2 ? 0.4 : 1));
    return GD_OK;
}

static float *input_of(const gd_pixels *here, const gd_render_parameters *p, int64_t rows, int64_t cols,
                       int32_t ranks)
{
    gd_error error;
    gd_execution x = {.comm = here->comm, .engine = here->engine, .p = p, .parts = 1};
    const gd_walk walk = {here->engine, p, gd_comm_size(here->comm), &gd_execute_visitor, &x};
    check_ok(gd_walk_input(&walk, &(gd_octave){.rows = rows, .cols = cols, .ranks = ranks}, &error), error);
    float *pixels = gd_pixels_of(here->comm, here->engine, x.canvases[GD_ROLE_INPUT][0]);
    gd_execution_end(&x);
    return pixels;
}

static double enlarged(const gd_resampler *rows, const gd_resampler *cols, const float *canvas,
                       const float *input, int64_t y, int64_t x, int c)
{
    double sum = 0;
    for (int32_t i = 0; i < rows->taps; i++) {
        for (int32_t j = 0; j < cols->taps; j++) {
            const double weight =
                (double)rows->weights[y * rows->taps + i] * cols->weights[x * cols->taps + j];
            const int64_t at = ((rows->first[y] + i) * COLS + cols->first[x] + j) * 3 + c;
            if (weight != 0)
                sum += weight * ((double)canvas[at] - input[at]);
        }
    }
    return sum;
}

static void compare(const float *canvas, const float *small, const float *large, const float *result)
{
    gd_error error;
    gd_resampler *rows = NULL, *cols = NULL;
    int64_t clipped = 0, changed = 0;
    check_ok(gd_resampler_create(GD_RESAMPLE_LANCZOS3, ROWS, LARGE_ROWS, &rows, &error), error);
    check_ok(gd_resampler_create(GD_RESAMPLE_LANCZOS3, COLS, LARGE_COLS, &cols, &error), error);
    for (int64_t y = 0; y < LARGE_ROWS; y++) {
        for (int64_t x = 0; x < LARGE_COLS; x++) {
            for (int c = 0; c < 3; c++) {
                const int64_t at = (y * LARGE_COLS + x) * 3 + c;
                const double whole = large[at] + enlarged(rows, cols, canvas, small, y, x, c);
                const double wanted = fmin(1, fmax(-1, whole));
                if (fabs(result[at] - wanted) > 4e-6)
                    fail_msg("pixel %lld %lld: %g, not %g", (long long)y, (long long)x, result[at], wanted);
                clipped += whole != wanted;
                changed += fabs(wanted - large[at]) > 0.1;
            }
        }
    }
    assert_true(clipped > 1000 && changed > 100000);
    gd_resampler_free(rows);
    gd_resampler_free(cols);
}

static void check_kind(const gd_pixels *here, gd_detail_kind detail)
{
    gd_error error;
    int64_t at = 0;
    const int32_t all = gd_comm_size(here->comm), few = all > 1 ? all - 1 : 1;
    const gd_render_parameters p = parameters(detail);
    const gd_octave from = {.rows = ROWS, .cols = COLS, .ranks = few};
    const gd_octave to = {.rows = LARGE_ROWS, .cols = LARGE_COLS, .ranks = all};
    gd_execution x = {.comm = here->comm, .engine = here->engine, .p = &p, .parts = 1};
    const gd_walk walk = {here->engine, &p, all, &gd_execute_visitor, &x};
    float *small = input_of(here, &p, ROWS, COLS, few),
          *large = input_of(here, &p, LARGE_ROWS, LARGE_COLS, all);
    check_ok(gd_execute_create(&x, GD_ROLE_CANVAS, &from, &error), error);
    check_ok(gd_bands_in(here->comm, x.canvases[GD_ROLE_CANVAS][0], read_canvas, &at, &error), error);
    float *before = gd_pixels_of(here->comm, here->engine, x.canvases[GD_ROLE_CANVAS][0]);
    check_ok(gd_walk_change(&walk, &from, &to, &error), error);
    const gd_canvas *canvas = x.canvases[GD_ROLE_CANVAS][0];
    assert_int_equal(canvas->partition->rows, LARGE_ROWS);
    assert_int_equal(canvas->partition->cols, LARGE_COLS);
    assert_int_equal(canvas->partition->ranks, all);
    float *result = gd_pixels_of(here->comm, here->engine, canvas);
    if (gd_comm_rank(here->comm) == 0)
        compare(before, small, large, result);
    gd_execution_end(&x);
    free(small);
    free(large);
    free(before);
    free(result);
}

static void a_file_keeps_its_detail(void **state)
{
    check_kind(*state, GD_DETAIL_FILE);
}

static void noise_keeps_its_detail(void **state)
{
    check_kind(*state, GD_DETAIL_NOISE);
}

/* A file is read at the size in question, and not resampled twice. */
static void the_input_is_the_file(void **state)
{
    const gd_pixels *here = *state;
    gd_error error;
    const gd_render_parameters p = parameters(GD_DETAIL_FILE);
    float *input = input_of(here, &p, ROWS, COLS, gd_comm_size(here->comm));
    if (gd_comm_rank(here->comm) == 0) {
        gd_reader *reader = NULL;
        float *rows = malloc(sizeof *rows * ROWS * COLS * 3);
        assert_non_null(rows);
        check_ok(gd_reader_open_resized(p.input, NULL, ROWS, COLS, &reader, &error), error);
        check_ok(gd_reader_rows(reader, ROWS, rows, &error), error);
        assert_memory_equal(rows, input, sizeof *rows * ROWS * COLS * 3);
        gd_reader_close(reader);
        free(rows);
    }
    free(input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_keeps_its_detail),
        cmocka_unit_test(noise_keeps_its_detail),
        cmocka_unit_test(the_input_is_the_file),
    };
    return cmocka_run_group_tests(tests, gd_pixels_start, gd_pixels_stop);
}
