/* The log of a render (--log) as JSON Lines (jsonlines.org): a line of parameters, a line a step, with
 * rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod cols], and a line of the time by phase. */
#ifndef GD_RECORDS_RUN_LOG_H
#define GD_RECORDS_RUN_LOG_H

#include "base/status.h"
#include "base/target.h"
#include "options/options.h"
#include "records/phases.h"
#include "records/rank_record.h"

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
    const char *guide;   /* a line for each layer (job/sample/guide_text.h); NULL for none */
    bool matched;        /* the guide is to be matched */
    const char *demoted; /* convolutions that run off tensor cores, a sentence; NULL for none */
    int32_t ranks;
} gd_run_log_facts;

typedef struct gd_run_log gd_run_log;

/* Creates the file with its first line; an old file is replaced. The line has img, img_out, img_max_dim,
 * save_input, ts, ss, osc, or (as [A, B]), os, m, ml (as [A, B], or as text if layers were named), the other
 * flags by their long names, layers (names and weights), rows, cols, versions, weights_file,
 * weights_checksum, numerics, choices, demoted, guide_channels (the
 * shares of each layer's channels) or guide_units (cols, rows and crc32 of each layer's units, float32), why
 * (reasons of automatic settings). The layers of `options` must be chosen. GD_IO if the file cannot be
 * written. Rank 0 only. */
gd_status gd_run_log_open(gd_target *target, const gd_options *options, const gd_run_log_facts *facts,
                          gd_run_log **runlog, gd_error *error) GD_CHECKED;

/* A step, as its line tells it. */
typedef struct gd_run_log_line {
    int32_t frame, frames; /* of a sequence; frames 0: of a picture */
    int32_t octave, step;
    int64_t dy, dx;
    bool timed;         /* false: a step before the render was resumed; what follows is unknown */
    int64_t rows, cols; /* of the canvas */
    double seconds, computing, updating; /* of rank 0; computing includes updating */
    double deviation;                    /* of the gradient */
} gd_run_log_line;

/* Writes and flushes a step's line; unknown values are null. NULL is allowed: no log. */
gd_status gd_run_log_step(gd_run_log *runlog, const gd_run_log_line *line, gd_error *error) GD_CHECKED;

/* Contents of the last line. */
typedef struct gd_run_log_end {
    const gd_phases *phases;     /* of rank 0; borrowed */
    uint64_t scratch_bytes;      /* read from and written to its scratch file */
    const gd_rank_record *ranks; /* borrowed; [rank_count] */
    int32_t rank_count;
} gd_run_log_end;

/* Writes the last line: "phases", seconds by phase, "scratch_bytes", and "ranks", an object for each. NULL is
 * allowed. */
gd_status gd_run_log_finish(gd_run_log *runlog, const gd_run_log_end *end, gd_error *error) GD_CHECKED;

/* Closes and frees the log and sets *runlog to NULL. A NULL log is allowed. */
gd_status gd_run_log_close(gd_run_log **runlog, gd_error *error) GD_CHECKED;

#endif
