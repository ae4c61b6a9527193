/* Progress of the render, for users. Not collective: rank 0 only. */
#ifndef GD_RECORDS_PROGRESS_H
#define GD_RECORDS_PROGRESS_H

#include "records/pace.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef enum gd_progress_mode {
    GD_PROGRESS_NONE,  /* --quiet */
    GD_PROGRESS_LINE,  /* one line, rewritten: on a terminal */
    GD_PROGRESS_PLAIN, /* a line at each octave's end and every ten seconds: in a log file or pipe, under
                          mpirun */
} gd_progress_mode;

typedef struct gd_progress {
    gd_progress_mode mode;
    FILE *out; /* borrowed */
    int32_t octave_first, octave_end, steps;
    int32_t frame, frames; /* of a sequence; frames 0: a picture */
    gd_pace pace;
    double started, last_shown; /* in seconds: start, and last line shown */
    bool open;                  /* the rewritten line has no newline yet */
    int32_t octave;             /* the current one */
    int64_t rows, cols;         /* of its canvas */
    double step_work;           /* of one of its steps */
} gd_progress;

/* NONE when quiet, LINE when `out` is a terminal, else PLAIN. */
gd_progress_mode gd_progress_mode_of(int quiet, FILE *out);

/* Starts at `now` (gd_clock, here and below), with octaves octave_first .. octave_end - 1 of `steps` steps.
 * `work` is that of all remaining steps, in the unit of gd_progress_octave. */
void gd_progress_begin(gd_progress *progress, gd_progress_mode mode, FILE *out, int32_t octave_first,
                       int32_t octave_end, int32_t steps, double work, double now);

/* Call it when a frame of a sequence starts; frames 0: it is a picture. */
void gd_progress_frame(gd_progress *progress, int32_t frame, int32_t frames);

/* Call it when an octave starts, with a canvas of rows x cols. step_work: work of one step relative to other
 * octaves, in any unit, above 0. */
void gd_progress_octave(gd_progress *progress, int32_t octave, int64_t rows, int64_t cols, double step_work);

/* Shows that step `step` (from 0) of the octave is running: for the first step of a render, which may take
 * long. */
void gd_progress_await(gd_progress *progress, int32_t step);

/* Call it when step `step` of the octave is done. */
void gd_progress_step(gd_progress *progress, int32_t step, double now);

/* Ends the rewritten line. Also for an interrupted render. */
void gd_progress_end(gd_progress *progress);

/* "gigadream: the proof took 14 s". */
void gd_progress_took(const gd_progress *progress, const char *what, double now);

/* "wrote dream.jpg, 640 x 427, 0.2 MB, 14 s": the last line of a render. */
void gd_progress_wrote(FILE *out, const char *path, int64_t rows, int64_t cols, int64_t bytes,
                       double seconds);

#endif
