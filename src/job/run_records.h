/* What is shown and kept of a render beside its picture. */
#ifndef GD_JOB_RUN_RECORDS_H
#define GD_JOB_RUN_RECORDS_H

#include "base/status.h"
#include "dream/render.h"
#include "job/run_state.h"

/* Writes the picture's text field. Not collective. */
gd_status gd_run_write_text(gd_run_state *r, gd_error *error) GD_CHECKED;
void gd_run_say_no_gpu(const gd_run_state *r);

/* Opens what rank 0 keeps: the log, the text for the picture, the progress. Rank 0 only. */
gd_status gd_run_open_records(gd_run_state *r, gd_error *error) GD_CHECKED;

/* A render's step_done; the context is the gd_run_state. Collective. */
gd_status gd_run_note_step(void *context, const gd_step_report *report, gd_error *error) GD_CHECKED;

/* What the whole render, `seconds`, took beyond what is counted. */
void gd_run_note_between(gd_run_state *r, double seconds);

/* Lines before the input is read, and after the picture is written. Printed by rank 0; not collective. */
void gd_run_say_reading(const gd_run_state *r);
void gd_run_say_written(const gd_run_state *r, double seconds);

/* On rank 0: phases into the log, and on the screen after a render that people have waited for. */
gd_status gd_run_tell_phases(const gd_run_state *r, gd_error *error) GD_CHECKED;

#endif
