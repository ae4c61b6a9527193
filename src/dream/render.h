/* A whole render: octaves of steps, from the first canvas to the last. */
#ifndef GD_DREAM_RENDER_H
#define GD_DREAM_RENDER_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "mpi/comm.h"

/* Renders from the input to the last canvas. The caller frees *canvas, also after a failure. Collective. A
 * failure that was not agreed on is returned only on the rank where it occurred; that rank must then end the
 * others (gd_comm_abort). */
gd_status gd_render(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                    gd_canvas **canvas, gd_error *error) GD_CHECKED;

/* The same for several frames with one engine: threads, tapes and their memory stay from frame to frame, and
 * the last canvas of each is what the next one begins with. */
typedef struct gd_renderer gd_renderer;

/* Collective, as the next one. */
gd_status gd_renderer_create(gd_comm *comm, const gd_engine *engine, gd_renderer **renderer,
                             gd_error *error) GD_CHECKED;

/* Renders a frame. Failures are those of gd_render; call gd_renderer_end after one. */
gd_status gd_renderer_render(gd_renderer *renderer, const gd_render_parameters *parameters,
                             gd_error *error) GD_CHECKED;

/* Frees the renderer (NULL is fine); returns the last canvas, which the caller frees, or NULL. */
gd_canvas *gd_renderer_end(gd_renderer *renderer);

#endif
