/* Canvases without dreams, for tests: ranks and an engine, and a canvas's pixels in one place. */
#ifndef GD_TESTS_RENDER_PIXELS_H
#define GD_TESTS_RENDER_PIXELS_H

#include "canvas/canvas.h"
#include "engine/engine.h"
#include "mpi/comm.h"

/* Ranks, and an engine in fp32 that dreams of nothing. */
typedef struct gd_pixels {
    gd_comm *comm;     /* owned */
    gd_net *net;       /* owned */
    gd_engine *engine; /* owned */
} gd_pixels;

/* cmocka group set-up and tear-down: *state is a gd_pixels. Collective. */
int gd_pixels_start(void **state);
int gd_pixels_stop(void **state);

/* [rows, cols, 3], filled in on rank 0; the caller frees it. Collective. */
float *gd_pixels_of(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas);

#endif
