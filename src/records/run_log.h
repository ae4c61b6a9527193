/* The log of a render (--log), as JSON Lines (jsonlines.org): a line of parameters, then a line a step, with
 * rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod cols], and one of where the time went. */
#ifndef GD_RECORDS_RUN_LOG_H
#define GD_RECORDS_RUN_LOG_H

#include "base/status.h"
#include "base/target.h"
#include "options/options.h"
#include "records/phases.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the first line holds beside the options. All borrowed. */
typedef struct gd_run_log_facts {
    int64_t rows, cols;   /* of the canvas at the base size */
    const char *numerics; /* everything that can touch bits, as text: the backend's description, halo ... */
    const char *weights_file; /* path; NULL for none */
    const char *weights_checksum;
    const char *const *versions; /* [2 * version_count]: name, version, name, version ... */
    size_t version_count;
    const char *const *reasons; /* [2 * reason_count]: setting, why it is as it is ... */
    size_t reason_count;
    const char *choices; /* how each convolution is computed, a line each; NULL for nothing to choose */
    int32_t ranks;
} gd_run_log_facts;

typedef struct gd_run_log gd_run_log;

/* Creates the file and writes the first line, with which an old one is replaced: img, img_out, img_max_dim,
 * save_input, ts, ss, osc, or (as [A, B]), os, m, ml (as [A, B], or as text when layers were named), the
 * other flags by their long names, layers (names and weights), rows, cols, versions, weights_file,
 * weights_checksum, numerics, choices, why (of
 * settings that were left open). The layers of `options` must be chosen. GD_IO when the file cannot be
 * written. Rank 0 only. */
gd_status gd_run_log_open(gd_target *target, const gd_options *options, const gd_run_log_facts *facts,
                          gd_run_log **runlog, gd_error *error) GD_CHECKED;

/* Writes a step's line and hands it to the system: seconds of the step, and those in which rank 0 computed;
 * seconds below 0 (of a step done before the render was resumed) make both null. NULL is fine: no log was
 * asked for. */
gd_status gd_run_log_step(gd_run_log *runlog, int32_t octave, int32_t step, int64_t dy, int64_t dx,
                          double seconds, double computing, gd_error *error) GD_CHECKED;

/* Writes the last line, of rank 0: seconds by phase, as "phases", and bytes read from its scratch file and
 * written to it, as "scratch_bytes". NULL is fine. */
gd_status gd_run_log_phases(gd_run_log *runlog, const gd_phases *phases, uint64_t scratch_bytes,
                            gd_error *error) GD_CHECKED;

/* Closes and frees it; *runlog becomes NULL, which is fine too. */
gd_status gd_run_log_close(gd_run_log **runlog, gd_error *error) GD_CHECKED;

#endif
