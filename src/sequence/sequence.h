/* Sequences: frames that are rendered one after the other, each from the one before. */
#ifndef GD_SEQUENCE_SEQUENCE_H
#define GD_SEQUENCE_SEQUENCE_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "mpi/comm.h"

/* The parameters of the frame after the one of `p`. Arithmetic only. */
gd_render_parameters gd_sequence_next(const gd_render_parameters *p);

/* Renders the frames from p->frame.index to the last one; a picture (p->frame.count 0) is a sequence of one.
 * hooks.begin_frame is called before each frame. *canvas as of gd_render; failures too. Collective. */
gd_status gd_sequence_render(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *p,
                             gd_canvas **canvas, gd_error *error) GD_CHECKED;

#endif
