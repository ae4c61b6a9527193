/* The folder of --web during a render: its begin, the canvas after each octave, the picture, the end. */
#ifndef GD_JOB_RUN_WEB_H
#define GD_JOB_RUN_WEB_H

#include "job/run/run_state.h"

/* All of these do nothing without --web. */

/* Opens the folder on all ranks, and writes its page. GD_USAGE if it is not ours or not shared. Collective.
 */
gd_status gd_run_web_begin(gd_run_state *r, gd_error *error) GD_CHECKED;

/* Writes the tiles of the canvas after an octave, but for the last. A failure is told once and does not end
 * the render. Collective. */
gd_status gd_run_web_octave(gd_run_state *r, const gd_canvas *canvas, int32_t octave,
                            gd_error *error) GD_CHECKED;

/* Writes the tiles of the result, or of the input beside it. Collective. */
gd_status gd_run_web_picture(gd_run_state *r, const gd_canvas *canvas, gd_written what,
                             gd_error *error) GD_CHECKED;

/* Writes the page of the log, which is complete but for its end, and completes the folder. Collective. */
gd_status gd_run_web_end(gd_run_state *r, gd_error *error) GD_CHECKED;

void gd_run_web_close(gd_run_state *r);

#endif
