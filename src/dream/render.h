/* A whole render: octaves of steps, from a first canvas to the last. */
#ifndef GD_DREAM_RENDER_H
#define GD_DREAM_RENDER_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "mpi/comm.h"

/* Renders, from the input to the last canvas: *canvas, which the caller frees; NULL or some canvas after a
 * failure. Collective. A failure that is not agreed on is returned on the rank that met it, which must then
 * end the others (gd_comm_abort). */
gd_status gd_render(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                    gd_canvas **canvas, gd_error *error) GD_CHECKED;

#endif
