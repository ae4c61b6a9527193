/* Writing of a canvas into a picture of a running render. */
#ifndef GD_JOB_RUN_SAVE_H
#define GD_JOB_RUN_SAVE_H

#include "base/status.h"
#include "base/target.h"
#include "canvas/canvas.h"
#include "job/run/run_state.h"

/* Writes a canvas with the options, the profile and the text of the render. `target` (rank 0): locked.
 * Collective. */
gd_status gd_run_save(gd_run_state *r, const gd_canvas *canvas, gd_target *target, const char *path,
                      gd_error *error) GD_CHECKED;

#endif
