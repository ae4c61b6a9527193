/* How far the render is, for people. Not collective: for rank 0. */
#ifndef GD_CLI_PROGRESS_H
#define GD_CLI_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

typedef enum gd_progress_mode {
    GD_PROGRESS_NONE,  /* --quiet */
    GD_PROGRESS_LINE,  /* one line, written over: a terminal */
    GD_PROGRESS_PLAIN, /* lines, at each octave's end and every ten seconds: a log file, a pipe, mpirun */
} gd_progress_mode;

typedef struct gd_progress {
    gd_progress_mode mode;
    FILE *out; /* borrowed */
    int32_t octave_first, octave_end, steps;
    double work;          /* of the whole render: megapixels times steps */
    double work_done;     /* so far */
    double started, told; /* seconds */
    int32_t octave;       /* the present one */
    int64_t rows, cols;   /* of its canvas */
} gd_progress;

/* NONE when quiet, LINE when `out` is a terminal, else PLAIN. */
gd_progress_mode gd_progress_mode_of(int quiet, FILE *out);

/* Seconds on a clock that only goes forward; what `now` is below. */
double gd_progress_clock(void);

/* Starts with octaves octave_first .. octave_end - 1 of `steps` steps ahead. work: the sum over all steps of
 * the canvas's megapixels. */
void gd_progress_begin(gd_progress *progress, gd_progress_mode mode, FILE *out, int32_t octave_first,
                       int32_t octave_end, int32_t steps, double work, double now);

/* An octave starts, with a canvas of rows x cols. */
void gd_progress_octave(gd_progress *progress, int32_t octave, int64_t rows, int64_t cols);

/* Step `step` (from 0) of the octave is done. */
void gd_progress_step(gd_progress *progress, int32_t step, double now);

/* Ends the line that is written over, and says how long it took. Also for a render that was cut short. */
void gd_progress_end(gd_progress *progress, double now);

#endif
