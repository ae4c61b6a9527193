/* Canvases that shrink so much that a block is made in pieces: against the formula, on any number of ranks;
 * and how such a change is cut. */
#include "check.h"
#include "pixels.h"
#include "transfer/bands.h"
#include "transfer/canvas_resample.h"
#include "transfer/resample_cut.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 3301, COLS = 3600, SMALL_ROWS = 266, SMALL_COLS = 290 };

static const int64_t wave_pixels = 8 << 20;

static float value_at(int64_t y, int64_t x, int c)
{
    return (float)(0.8 * sin(0.013 * (double)(y * (c + 1)) + 0.021 * (double)x) * cos(0.4 * (double)x));
}

static gd_status read_canvas(void *context, int64_t count, float *rgb, gd_error *error)
{
    int64_t *y = context;
    (void)error;
    for (int64_t end = *y + count; *y < end; ++*y)
        for (int64_t x = 0; x < COLS; x++)
            for (int c = 0; c < 3; c++)
                *rgb++ = value_at(*y, x, c);
    return GD_OK;
}

static double resampled(const gd_resampler *rows, const gd_resampler *cols, int64_t y, int64_t x, int c)
{
    double sum = 0;
    for (int32_t i = 0; i < rows->taps; i++)
        for (int32_t j = 0; j < cols->taps; j++)
            sum += (double)rows->weights[y * rows->taps + i] * cols->weights[x * cols->taps + j] *
                   value_at(rows->first[y] + i, cols->first[x] + j, c);
    return sum;
}

static gd_resampler *axis(int64_t from, int64_t to)
{
    gd_error error;
    gd_resampler *made = NULL;
    check_ok(gd_resampler_create(GD_RESAMPLE_LANCZOS3, from, to, &made, &error), error);
    return made;
}

/* Some pixels of all pieces, those at their borders included. */
static void compare(const float *result)
{
    gd_resampler *rows = axis(ROWS, SMALL_ROWS), *cols = axis(COLS, SMALL_COLS);
    for (int64_t y = 0; y < SMALL_ROWS; y += y % 128 == 127 || y % 128 == 0 ? 1 : 18)
        for (int64_t x = 0; x < SMALL_COLS; x += x % 128 == 127 || x % 128 == 0 ? 1 : 21)
            for (int c = 0; c < 3; c++) {
                const double wanted = resampled(rows, cols, y, x, c),
                             is = result[(y * SMALL_COLS + x) * 3 + c];
                if (!(fabs(is - wanted) < 2e-6))
                    fail_msg("pixel %lld %lld: %g, not %g", (long long)y, (long long)x, is, wanted);
            }
    gd_resampler_free(rows);
    gd_resampler_free(cols);
}

static void a_block_is_made_in_pieces(void **state)
{
    const gd_pixels *here = *state;
    gd_error error;
    gd_canvas *canvas = NULL, *small = NULL;
    int64_t y = 0;
    const int32_t all = gd_comm_size(here->comm), few = all > 1 ? all - 1 : 1;
    check_ok(gd_canvas_create(gd_engine_store(here->engine), ROWS, COLS, all, gd_comm_rank(here->comm),
                              &canvas, &error),
             error);
    check_ok(gd_bands_in(here->comm, canvas, read_canvas, &y, &error), error);
    check_ok(gd_canvas_create(gd_engine_store(here->engine), SMALL_ROWS, SMALL_COLS, few,
                              gd_comm_rank(here->comm), &small, &error),
             error);
    check_ok(gd_canvas_resample(here->comm, here->engine, GD_RESAMPLE_LANCZOS3, canvas, small, &error),
             error);
    float *result = gd_pixels_of(here->comm, here->engine, small);
    if (gd_comm_rank(here->comm) == 0)
        compare(result);
    free(result);
    gd_canvas_free(canvas);
    gd_canvas_free(small);
}

/* From a part of the canvas, which holds what is needed and little more, to a part of the small one. */
static void a_part_has_the_pixels_of_the_whole(void **state)
{
    const gd_pixels *here = *state;
    gd_error error;
    gd_canvas *canvas = NULL, *small = NULL, *source = NULL, *target = NULL;
    int64_t y = 0;
    const int32_t all = gd_comm_size(here->comm), me = gd_comm_rank(here->comm);
    const gd_store *store = gd_engine_store(here->engine);
    const gd_rect to = {SMALL_ROWS / 3, SMALL_COLS / 2, SMALL_ROWS / 3, SMALL_COLS / 3};
    const double scale_y = (double)ROWS / SMALL_ROWS, scale_x = (double)COLS / SMALL_COLS;
    const int64_t around_y = (int64_t)(4 * scale_y) + 2, around_x = (int64_t)(4 * scale_x) + 2;
    const gd_rect from = {(int64_t)((double)to.y * scale_y) - around_y,
                          (int64_t)((double)to.x * scale_x) - around_x,
                          (int64_t)((double)to.rows * scale_y) + 2 * around_y,
                          (int64_t)((double)to.cols * scale_x) + 2 * around_x};
    const gd_extent full = {ROWS, COLS}, small_full = {SMALL_ROWS, SMALL_COLS};
    check_ok(gd_canvas_create(store, ROWS, COLS, all, me, &canvas, &error), error);
    check_ok(gd_canvas_create(store, SMALL_ROWS, SMALL_COLS, all, me, &small, &error), error);
    check_ok(gd_canvas_create_part(store, full, from, all, me, &source, &error), error);
    check_ok(gd_canvas_create_part(store, small_full, to, 1, me, &target, &error), error);
    check_ok(gd_bands_in(here->comm, canvas, read_canvas, &y, &error), error);
    check_ok(gd_canvas_resample(here->comm, here->engine, GD_RESAMPLE_LANCZOS3, canvas, small, &error),
             error);
    check_ok(gd_canvas_resample(here->comm, here->engine, GD_RESAMPLE_LANCZOS3, canvas, source, &error),
             error);
    check_ok(gd_canvas_resample(here->comm, here->engine, GD_RESAMPLE_LANCZOS3, source, target, &error),
             error);
    float *whole = gd_pixels_of(here->comm, here->engine, small),
          *part = gd_pixels_of(here->comm, here->engine, target);
    for (int64_t row = 0; me == 0 && row < to.rows; row++)
        assert_memory_equal(part + row * to.cols * 3, whole + ((to.y + row) * SMALL_COLS + to.x) * 3,
                            (size_t)to.cols * 3 * sizeof *part);
    /* The other way round a part does not hold the whole. */
    assert_int_equal(
        gd_canvas_resample(here->comm, here->engine, GD_RESAMPLE_LANCZOS3, source, small, &error),
        GD_INTERNAL);
    free(whole);
    free(part);
    gd_canvas_free(canvas);
    gd_canvas_free(small);
    gd_canvas_free(source);
    gd_canvas_free(target);
}

/* All pixels once, and no wave's sources of a rank beyond the limit. Returns the pieces. */
static int64_t walk(const gd_resample_cut *cut, int64_t source_rows, int64_t source_cols)
{
    const gd_partition *partition = cut->partition;
    const size_t room = (size_t)partition->ranks * (size_t)cut->wave_pieces;
    gd_window *windows = calloc(room, sizeof *windows);
    gd_resample_piece *pieces = calloc(room, sizeof *pieces);
    int64_t area = 0, count = 0;
    assert_true(windows && pieces);
    for (int64_t wave = 0; wave < cut->waves; wave++) {
        int64_t sources = 0;
        const size_t listed = gd_resample_cut_wave(cut, wave, windows, pieces);
        assert_true(listed <= room);
        for (size_t i = 0; i < listed; i++) {
            const gd_rect from = windows[i].rect;
            sources = i > 0 && windows[i].rank == windows[i - 1].rank ? sources : 0;
            sources += gd_rect_area(from);
            area += gd_rect_area(pieces[i].target);
            assert_true(sources <= wave_pixels || cut->wave_pieces == 1);
            assert_true(from.y >= 0 && from.x >= 0 && from.y + from.rows <= source_rows &&
                        from.x + from.cols <= source_cols);
            assert_int_equal(gd_partition_owner(partition, pieces[i].block), windows[i].rank);
        }
        count += (int64_t)listed;
    }
    assert_int_equal(area, partition->rows * partition->cols);
    free(windows);
    free(pieces);
    return count;
}

static gd_resample_cut cut_of(int64_t from_rows, int64_t from_cols, int64_t rows, int64_t cols, int32_t ranks,
                              int64_t *pieces)
{
    gd_error error;
    gd_partition *partition = NULL;
    gd_resampler *y = axis(from_rows, rows), *x = axis(from_cols, cols);
    check_ok(gd_partition_create(rows, cols, ranks, &partition, &error), error);
    const gd_resample_cut cut = gd_resample_cut_create(partition, y, x);
    *pieces = walk(&cut, from_rows, from_cols);
    gd_partition_free(partition);
    gd_resampler_free(y);
    gd_resampler_free(x);
    return cut;
}

static void pieces_follow_the_ratio(void **state)
{
    (void)state;
    int64_t pieces = 0;
    const gd_resample_cut small = cut_of(2500, 4000, 3000, 4800, 3, &pieces);
    assert_int_equal(small.side, GD_BLOCK);
    assert_int_equal(small.wave_pieces, GD_RESAMPLE_WAVE_PIECES);
    assert_int_equal(pieces, 12 * 19);
    /* A poster of a gigapixel, to the octave that -or auto begins with. */
    const gd_resample_cut poster = cut_of(25000, 40000, 377, 603, 1, &pieces);
    assert_int_equal(poster.side, 32);
    assert_int_equal(pieces, 12 * 19);
    assert_int_equal(poster.waves, 6 * 8 * 8 / poster.wave_pieces);
    const gd_resample_cut here = cut_of(ROWS, COLS, SMALL_ROWS, SMALL_COLS, 2, &pieces);
    assert_int_equal(here.side, 128);
}

static void no_piece_is_smaller_than_16_pixels(void **state)
{
    (void)state;
    int64_t pieces = 0;
    const gd_resample_cut cut = cut_of(100000, 100000, 100, 75, 2, &pieces);
    assert_int_equal(cut.side, 16);
    assert_int_equal(cut.wave_pieces, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_made_in_pieces),
        cmocka_unit_test(a_part_has_the_pixels_of_the_whole),
        cmocka_unit_test(pieces_follow_the_ratio),
        cmocka_unit_test(no_piece_is_smaller_than_16_pixels),
    };
    return cmocka_run_group_tests(tests, gd_pixels_start, gd_pixels_stop);
}
