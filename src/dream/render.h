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

#endif
