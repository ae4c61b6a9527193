/* The tone of a picture, mean and deviation of each channel, which the frames of a sequence keep. */
#ifndef GD_DREAM_TONE_H
#define GD_DREAM_TONE_H

#include "base/status.h"
#include "canvas/plane.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "mpi/comm.h"

#include <stddef.h>

/* Measures a plane of three channels: the sums of its blocks, added along the curve. Nothing is known on
 * ranks that hold no part of it. Collective. */
gd_status gd_tone_measure(gd_comm *comm, const gd_engine *engine, const gd_plane *plane, gd_tone *tone,
                          gd_error *error) GD_CHECKED;

/* Changes each channel by a factor and a summand, so that it has the tone; a channel without deviation only
 * gets the mean. Values are not clipped. Collective. */
gd_status gd_tone_keep(gd_comm *comm, const gd_engine *engine, gd_plane *plane, const gd_tone *tone,
                       gd_error *error) GD_CHECKED;

/* Memory for windows that both take. */
size_t gd_tone_bytes(gd_memory_kind kind);

#endif
