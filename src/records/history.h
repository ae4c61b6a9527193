/* A log that is read again, to be looked at. */
#ifndef GD_RECORDS_HISTORY_H
#define GD_RECORDS_HISTORY_H

#include "base/status.h"
#include "records/phases.h"
#include "records/rank_record.h"

#include <stdbool.h>
#include <stdint.h>

/* A step. Unknown numbers are NaN: those of steps before a resume, and what older logs do not have. */
typedef struct gd_history_step {
    int32_t octave;
    double seconds, computing, updating; /* of rank 0; computing includes updating */
    double deviation;                    /* of the gradient */
    double rows, cols;                   /* of the canvas */
} gd_history_step;

typedef struct gd_history {
    int64_t rows, cols; /* at the base size */
    int32_t ranks;
    gd_history_step *steps; /* owned; [count] */
    int64_t count;
    bool ended; /* the last line is there; without it, what follows is empty */
    gd_phases phases;
    gd_rank_record *records; /* owned; [record_count]; none in older logs */
    int32_t record_count;
} gd_history;

/* Reads a log of --log, also one that is still being written. GD_USAGE names the line that is none of a log.
 * The caller frees *history, also after a failure. Not collective. */
gd_status gd_history_read(const char *path, gd_history *history, gd_error *error) GD_CHECKED;
void gd_history_free(gd_history *history);

#endif
