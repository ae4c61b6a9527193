/* Records of a render besides its picture: progress, log, previews. */
#ifndef GD_JOB_RUN_RECORDS_H
#define GD_JOB_RUN_RECORDS_H

#include "base/status.h"
#include "dream/render.h"
#include "job/run/run_state.h"

/* Creates the picture's text field. Not collective. */
gd_status gd_run_write_text(gd_run_state *r, gd_error *error) GD_CHECKED;
void gd_run_say_no_gpu(const gd_run_state *r);
void gd_run_say_processors(const gd_run_state *r); /* where ranks hold others back */
void gd_run_say_demoted(const gd_run_state *r);    /* where convolutions run off tensor cores */

/* Opens the log, the picture's text field and the progress display. Rank 0 only. */
gd_status gd_run_open_records(gd_run_state *r, gd_error *error) GD_CHECKED;

/* The render's step_done hook; the context is the gd_run_state. Collective. */
gd_status gd_run_note_step(void *context, const gd_step_report *report, gd_error *error) GD_CHECKED;

/* Sets the phase "between" to the rest of the render's total of `seconds`. */
void gd_run_note_between(gd_run_state *r, double seconds);

/* Messages before the input is read and after the picture is written. Printed by rank 0. Not collective. */
void gd_run_say_reading(const gd_run_state *r);
void gd_run_say_written(const gd_run_state *r, const gd_canvas *canvas, const char *path, double seconds);

/* On rank 0: writes the phases to the log, and prints them after a render of more than a minute. */
gd_status gd_run_tell_phases(const gd_run_state *r, gd_error *error) GD_CHECKED;

#endif
