/* A stage's pixels in one place, for tests. */
#ifndef GD_TESTS_RENDER_PIXELS_H
#define GD_TESTS_RENDER_PIXELS_H

#include "dream/stage.h"

/* [rows, cols, 3], filled in on rank 0; the caller frees it. Collective. */
float *gd_pixels_of(gd_comm *comm, const gd_engine *engine, gd_stage *stage);

#endif
