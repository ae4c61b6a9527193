/* Canvases without dreams, for tests: ranks and an engine, and a canvas's pixels in one place. */
#ifndef GD_TESTS_RENDER_PIXELS_H
#define GD_TESTS_RENDER_PIXELS_H

#include "canvas/canvas.h"
#include "engine/engine.h"
#include "mpi/comm.h"

/* Ranks, and an engine in fp32 that dreams of nothing; all for gd_pixels_stop, also when this is false.
 * Collective. */
bool gd_pixels_start(gd_comm **comm, gd_net **net, gd_engine **engine);
void gd_pixels_stop(gd_comm *comm, gd_net *net, gd_engine *engine);

/* [rows, cols, 3], filled in on rank 0; the caller frees it. Collective. */
float *gd_pixels_of(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas);

#endif
