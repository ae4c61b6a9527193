/* Arithmetic on the canvas. Shares of the work are cut by extents alone, never by threads. */
#include "kernels/cpu/canvas.h"

#include "kernels/host.h"

#include <math.h>

enum { MOMENT_BANDS = 64, MOMENT_LANES = 16 };

/* Sums over rows [begin, end): lanes of a row apart, then joined in order. */
static void band_moments(const float *gradient, int64_t begin, int64_t end, int64_t cols, int64_t stride,
                         double sums[2])
{
    double sum[MOMENT_LANES] = {0}, square[MOMENT_LANES] = {0};
    int64_t floats = cols * 3, whole = floats / MOMENT_LANES * MOMENT_LANES;
    for (int64_t y = begin; y < end; y++) {
        const float *row = gradient + y * stride;
        for (int64_t i = 0; i < whole; i += MOMENT_LANES)
            for (int lane = 0; lane < MOMENT_LANES; lane++) {
                double value = row[i + lane];
                sum[lane] += value;
                square[lane] += value * value;
            }
        for (int64_t i = whole; i < floats; i++) {
            double value = row[i];
            sum[i - whole] += value;
            square[i - whole] += value * value;
        }
    }
    for (int lane = 0; lane < MOMENT_LANES; lane++) {
        sums[0] += sum[lane];
        sums[1] += square[lane];
    }
}

gd_status gd_cpu_moments(gd_device *device, const float *gradient, int64_t rows, int64_t cols, int64_t stride,
                         double sums[2], gd_error *error)
{
    (void)error;
    double bands[MOMENT_BANDS][2] = {{0}};
    gd_team team = gd_team_enter(&device->cores);
#pragma omp parallel for schedule(static)
    for (int64_t b = 0; b < MOMENT_BANDS; b++)
        band_moments(gradient, rows * b / MOMENT_BANDS, rows * (b + 1) / MOMENT_BANDS, cols, stride,
                     bands[b]);
    gd_team_leave(&team);
    sums[0] = sums[1] = 0;
    for (int b = 0; b < MOMENT_BANDS; b++) {
        sums[0] += bands[b][0];
        sums[1] += bands[b][1];
    }
    return GD_OK;
}

gd_status gd_cpu_update(gd_device *device, float *canvas, const float *gradient, int64_t count, float step,
                        gd_error *error)
{
    (void)error;
    gd_team team = gd_team_enter(&device->cores);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count; i++) {
        float value = canvas[i] + step * gradient[i];
        value = value < -1.0F ? -1.0F : value;
        canvas[i] = value > 1.0F ? 1.0F : value;
    }
    gd_team_leave(&team);
    return GD_OK;
}

/* A piece of a target's columns, for which rows of the source are resampled across once and kept. */
enum { PIECE_COLS = 64, PIECE_ROWS = 64, KEPT_ROWS = 32 };

typedef struct resampling {
    const gd_resampler *rows, *cols;
    const float *source;
    gd_rect source_at;
    float *target;
    gd_rect target_at;
    int64_t target_stride;
} resampling;

/* Source row y, resampled to target columns [x, x + count). */
static void resample_across(const resampling *r, int64_t y, int64_t x, int64_t count, float *to)
{
    const float *row = r->source + (y - r->source_at.y) * r->source_at.cols * 3;
    int32_t taps = r->cols->taps;
    for (int64_t i = 0; i < count; i++) {
        const float *weights = r->cols->weights + (x + i) * taps;
        int64_t first = r->cols->first[x + i];
        float sum[3] = {0};
        for (int32_t k = 0; k < taps; k++) {
            if (weights[k] == 0)
                continue; /* an unused tap may lie outside the source */
            const float *pixel = row + (first + k - r->source_at.x) * 3;
            for (int c = 0; c < 3; c++)
                sum[c] += weights[k] * pixel[c];
        }
        for (int c = 0; c < 3; c++)
            to[i * 3 + c] = sum[c];
    }
}

/* Target rows [y, end) by columns [x, x + count), with the rows last resampled across kept at their number
 * modulo KEPT_ROWS. */
static void resample_piece(const resampling *r, int64_t y, int64_t end, int64_t x, int64_t count)
{
    float kept[KEPT_ROWS][PIECE_COLS * 3];
    int64_t holds[KEPT_ROWS];
    int32_t taps = r->rows->taps;
    for (int i = 0; i < KEPT_ROWS; i++)
        holds[i] = -1;
    for (; y < end; y++) {
        float sum[PIECE_COLS * 3] = {0};
        for (int32_t k = 0; k < taps; k++) {
            float weight = r->rows->weights[y * taps + k];
            int64_t from = r->rows->first[y] + k;
            if (weight == 0)
                continue;
            float *across = kept[from % KEPT_ROWS];
            if (holds[from % KEPT_ROWS] != from)
                resample_across(r, from, x, count, across);
            holds[from % KEPT_ROWS] = from;
            for (int64_t i = 0; i < count * 3; i++)
                sum[i] += weight * across[i];
        }
        float *to = r->target + (y - r->target_at.y) * r->target_stride + (x - r->target_at.x) * 3;
        for (int64_t i = 0; i < count * 3; i++)
            to[i] = sum[i];
    }
}

gd_status gd_cpu_resample(gd_device *device, const gd_resampler *rows, const gd_resampler *cols,
                          const float *source, gd_rect source_at, float *target, gd_rect target_at,
                          int64_t target_stride, gd_error *error)
{
    (void)error;
    resampling r = {rows, cols, source, source_at, target, target_at, target_stride};
    int64_t across = (target_at.cols + PIECE_COLS - 1) / PIECE_COLS;
    int64_t down = (target_at.rows + PIECE_ROWS - 1) / PIECE_ROWS;
    gd_team team = gd_team_enter(&device->cores);
#pragma omp parallel for schedule(dynamic)
    for (int64_t piece = 0; piece < across * down; piece++) {
        int64_t y = target_at.y + piece / across * PIECE_ROWS, x = target_at.x + piece % across * PIECE_COLS;
        int64_t end = target_at.y + target_at.rows, right = target_at.x + target_at.cols;
        resample_piece(&r, y, y + PIECE_ROWS < end ? y + PIECE_ROWS : end, x,
                       x + PIECE_COLS < right ? PIECE_COLS : right - x);
    }
    gd_team_leave(&team);
    return GD_OK;
}

gd_status gd_cpu_roughness(gd_device *device, const float *source, gd_rect source_at, gd_extent canvas,
                           float *target, gd_rect target_at, gd_error *error)
{
    (void)error;
    gd_team team = gd_team_enter(&device->cores);
#pragma omp parallel for schedule(static)
    for (int64_t y = 0; y < target_at.rows; y++)
        gd_host_roughness_row(source, source_at, canvas, target_at.y + y, target_at.x, target_at.cols,
                              target + y * target_at.cols * 3);
    gd_team_leave(&team);
    return GD_OK;
}
