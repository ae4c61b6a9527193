/* The log of a render (--log) as JSON Lines (jsonlines.org): a line of parameters, a line a step, with
 * rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod cols], and a line of the time by phase. */
#ifndef GD_RECORDS_RUN_LOG_H
#define GD_RECORDS_RUN_LOG_H

#include "base/status.h"
#include "base/target.h"
#include "options/options.h"
#include "records/phases.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Contents of the first line besides the options. All borrowed. */
typedef struct gd_run_log_facts {
    int64_t rows, cols;   /* of the canvas at the base size */
    const char *numerics; /* everything that can affect the result's bits, as text: the backend's description,
                             halo ... */
    const char *weights_file; /* path; NULL for none */
    const char *weights_checksum;
    const char *const *versions; /* [2 * version_count]: name, version, name, version ... */
    size_t version_count;
    const char *const *reasons; /* [2 * reason_count]: setting, reason for its value ... */
    size_t reason_count;
    const char *choices; /* algorithm of each convolution, a line each; NULL if there is no choice */
    const char *guide;   /* a line for each layer: name and shares of channels; NULL for none */
    const char *demoted; /* convolutions that run off tensor cores, a sentence; NULL for none */
    int32_t ranks;
} gd_run_log_facts;

typedef struct gd_run_log gd_run_log;

/* Creates the file with its first line; an old file is replaced. The line has img, img_out, img_max_dim,
 * save_input, ts, ss, osc, or (as [A, B]), os, m, ml (as [A, B], or as text if layers were named), the other
 * flags by their long names, layers (names and weights), rows, cols, versions, weights_file,
 * weights_checksum, numerics, choices, demoted, guide_channels (the
 * shares of each layer's channels), why (reasons of automatic settings). The layers of `options`
 * must be chosen. GD_IO if the file cannot be written. Rank 0 only. */
gd_status gd_run_log_open(gd_target *target, const gd_options *options, const gd_run_log_facts *facts,
                          gd_run_log **runlog, gd_error *error) GD_CHECKED;

/* Writes and flushes a step's line, with the seconds of the step and those in which rank 0 computed. If
 * `seconds` is below 0 (a step before the render was resumed), both are null. NULL is allowed: no log. */
gd_status gd_run_log_step(gd_run_log *runlog, int32_t octave, int32_t step, int64_t dy, int64_t dx,
                          double seconds, double computing, gd_error *error) GD_CHECKED;

/* Writes the last line, for rank 0: "phases", seconds by phase, and "scratch_bytes", bytes read from and
 * written to its scratch file. NULL is allowed. */
gd_status gd_run_log_phases(gd_run_log *runlog, const gd_phases *phases, uint64_t scratch_bytes,
                            gd_error *error) GD_CHECKED;

/* Closes and frees the log and sets *runlog to NULL. A NULL log is allowed. */
gd_status gd_run_log_close(gd_run_log **runlog, gd_error *error) GD_CHECKED;

#endif
