/* The frames of a sequence while it runs: what each begins with, its file, and the checkpoint after it. */
#ifndef GD_JOB_RUN_FRAMES_H
#define GD_JOB_RUN_FRAMES_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "dream/parameters.h"
#include "job/run/run_state.h"

/* The render's begin_frame hook; the context is the gd_run_state. Collective. */
gd_status gd_run_begin_frame(void *context, gd_render_parameters *frame, gd_error *error) GD_CHECKED;

/* The render's toned hook. Not collective. */
void gd_run_note_tone(void *context, const gd_tone *tone);

/* Writes the last canvas of the current frame into its file, and tells the user. Collective. */
gd_status gd_run_write_frame(gd_run_state *r, const gd_canvas *canvas, gd_error *error) GD_CHECKED;

/* Saves the canvas of a frame that is written, so that it need not be rendered again, unless it is the last
 * one. GD_STOPPED after a stop request, with the message. Collective. */
gd_status gd_run_save_frame(gd_run_state *r, const gd_canvas *canvas, gd_error *error) GD_CHECKED;

#endif
