/* Update of a plane by another. */
#ifndef GD_DREAM_UPDATE_H
#define GD_DREAM_UPDATE_H

#include "base/status.h"
#include "canvas/plane.h"
#include "engine/engine.h"

/* to = clip(to + factor * from, -1, 1), on planes of one partition. Finished when it returns. Not collective.
 */
gd_status gd_update(const gd_engine *engine, gd_plane *to, const gd_plane *from, float factor,
                    gd_error *error) GD_CHECKED;

#endif
