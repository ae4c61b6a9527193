/* A lowered tape on the reference backend, for tests of the lowering. Failures fail the test (cmocka). */
#ifndef GD_TESTS_TAPE_RUNNER_H
#define GD_TESTS_TAPE_RUNNER_H

#include "kernels/backend.h"
#include "net/fold.h"
#include "net/lower/lower.h"
#include "net/objective.h"
#include "net/tape.h"

typedef struct tape_runner {
    gd_tape *tape;            /* owned */
    gd_device *device;        /* owned */
    gd_program *program;      /* owned */
    gd_filter_values *values; /* owned; [tape->filter_count] */
    char *arena;              /* owned; every byte 0xff, which is NaN, to begin with */
    size_t arena_bytes;
} tape_runner;

void tape_runner_create(tape_runner *runner, const gd_net *net, const gd_weights *weights,
                        const gd_objective *objective, int32_t rows, int32_t cols,
                        const gd_lower_options *options);
void tape_runner_free(tape_runner *runner);

/* Runs operations [first, last). */
void tape_runner_run(tape_runner *runner, int32_t first, int32_t last, const float *window);

/* After the last operation: the gradient of the focus before it was rounded, [focus.rows, focus.cols, 3]. */
void tape_runner_gradient(const tape_runner *runner, double *gradient);

/* All of it at once. */
void tape_gradient(const gd_net *net, const gd_weights *weights, const gd_objective *objective, int32_t rows,
                   int32_t cols, const gd_lower_options *options, const float *window, double *gradient);

/* A window of numbers that look random, the same every time, in [-1, 1]; [rows, cols, 3], to be freed. */
float *make_window(int32_t rows, int32_t cols);

/* The objective that names a layer of -ml by itself. */
gd_objective one_layer(const gd_net *net, const char *name);

#endif
