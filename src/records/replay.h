/* --replay: reuses the rolls of a log (records/run_log.h) or of a checkpoint. */
#ifndef GD_RECORDS_REPLAY_H
#define GD_RECORDS_REPLAY_H

#include "base/status.h"

#include <stdint.h>

/* The steps of the render that uses the rolls. */
typedef struct gd_replay_steps {
    int32_t octave_first, octave_end; /* exponents first .. end - 1 */
    int32_t steps;                    /* of each octave */
    int64_t rows, cols;               /* of the canvas at the base size */
} gd_replay_steps;

/* Octave by octave. */
typedef struct gd_replay {
    int32_t octave_first, steps;
    int64_t count;
    int64_t *rolls; /* owned; [count, 2]: dy, dx */
} gd_replay;

/* Reads the log at `path`. GD_USAGE if it is damaged (names the line), if it ends early, or if its -or, -os
 * or canvas (where stated) differ from this render's. The caller frees it. */
gd_status gd_replay_open(const char *path, const gd_replay_steps *steps, gd_replay **replay,
                         gd_error *error) GD_CHECKED;

/* The same from the rolls of a checkpoint, [count, 2]. GD_USAGE if there are too few. The message ends with
 * `restart`, which states how to start the render again. */
gd_status gd_replay_restore(const gd_replay_steps *steps, const int64_t *rolls, int64_t count,
                            const char *restart, gd_replay **replay, gd_error *error) GD_CHECKED;
void gd_replay_free(gd_replay *replay); /* NULL is fine */

/* The roll of a step. The step must be one of the render's. */
void gd_replay_roll(const gd_replay *replay, int32_t octave, int32_t step, int64_t *dy, int64_t *dx);

#endif
