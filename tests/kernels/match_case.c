/* A guide whose products are small whole numbers, so that many are equal and all are exact in any precision;
 * two channels, which the canvas never shows, tell which unit was taken. */
#include "kernels/match_case.h"

#include "kernels/side.h"

#include <stdlib.h>

enum { CHANNELS = 48, ROWS = 5, COLS = 11, PLANE = ROWS * COLS, UNITS = 130, ONE = 30, NUMBER = 31 };

static bool is_shown(int32_t channel)
{
    return channel != ONE && channel != NUMBER;
}

/* 0 to 2; at the first pixels nothing is shown at all. */
static double activation(int32_t channel, int32_t pixel)
{
    return is_shown(channel) && pixel > 2 ? (channel * 7 + pixel * pixel * 5 + channel * pixel) % 3 : 0;
}

static float guide_at(int32_t unit, int32_t channel)
{
    return channel == NUMBER ? (float)unit
           : channel == ONE  ? 1
                             : (float)((unit * unit + channel * 3) % 5 == 0);
}

static int32_t expected(const float *guide, int32_t pixel)
{
    double most = -1;
    int32_t best = -1;
    for (int32_t j = 0; j < UNITS; j++) {
        double sum = 0;
        for (int32_t c = 0; c < CHANNELS; c++)
            sum += guide[j * CHANNELS + c] * activation(c, pixel);
        if (sum > most) {
            most = sum;
            best = j;
        }
    }
    return best;
}

/* The gradient that one matching operation writes; the caller frees it. */
static double *seeds(const gd_backend *backend, const gd_device_options *options, const gd_match *match)
{
    gd_tensor tensors[2] = {{.channels = CHANNELS, .rows = ROWS, .cols = COLS},
                            {.channels = CHANNELS, .rows = ROWS, .cols = COLS}};
    gd_op op = {.kind = GD_OP_MATCH,
                .src = {0, 0, CHANNELS},
                .dst = {1, 0, CHANNELS},
                .filter = -1,
                .stride = 1,
                .value = 1,
                .match = match};
    const gd_tape tape = {.rows = ROWS,
                          .cols = COLS,
                          .focus = {0, 0, ROWS, COLS},
                          .tensors = tensors,
                          .tensor_count = 2,
                          .ops = &op,
                          .op_count = 1};
    static const float window[PLANE * 3];
    static double values[CHANNELS * PLANE];
    side s;
    for (int32_t i = 0; i < CHANNELS * PLANE; i++)
        values[i] = activation(i / PLANE, i % PLANE);
    side_create(&s, backend, side_open(backend, options, &tape, NULL), &tape, NULL);
    side_spoil(&s);
    backend->set(s.program, s.arena, 0, values);
    side_run(&s, 0, 1, window, NULL);
    double *found = side_get(&s, 1);
    side_free(&s);
    backend->close(s.device);
    return found;
}

void check_matches(const gd_backend *backend, const gd_device_options *options)
{
    static float guide[UNITS * CHANNELS];
    for (int32_t i = 0; i < UNITS * CHANNELS; i++)
        guide[i] = guide_at(i / CHANNELS, i % CHANNELS);
    const gd_match match = {.units = UNITS, .channels = CHANNELS, .values = guide, .largest = UNITS - 1};
    double *found = seeds(backend, options, &match);
    for (int32_t pixel = 0; pixel < PLANE; pixel++) {
        const double unit = found[NUMBER * PLANE + pixel] / found[ONE * PLANE + pixel];
        if (unit != expected(guide, pixel))
            fail_msg("%s, pixel %d: unit %g instead of %d", backend->name, pixel, unit,
                     expected(guide, pixel));
    }
    free(found);
}
