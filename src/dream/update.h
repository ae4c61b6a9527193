/* Update of a plane by another, and blend with another. */
#ifndef GD_DREAM_UPDATE_H
#define GD_DREAM_UPDATE_H

#include "base/status.h"
#include "canvas/plane.h"
#include "dream/parameters.h"
#include "engine/engine.h"

/* to = clip(to + factor * from, -1, 1), on planes of one partition. Finished when it returns. Not collective.
 */
gd_status gd_update(const gd_engine *engine, gd_plane *to, const gd_plane *from, float factor,
                    gd_error *error) GD_CHECKED;

/* dream = input + strength * (clip(input + difference, -1, 1) - input), on planes of one partition, of both
 * as clipped. The difference is dream - input, or, with keep_colors, its luma in all three channels: then
 * chroma is the input's. Luma: ITU-R BT.709-6, 0.2126 R + 0.7152 G + 0.0722 B. Finished when it returns. Not
 * collective. */
gd_status gd_blend_planes(const gd_engine *engine, gd_plane *dream, const gd_plane *input,
                          const gd_blend *blend, gd_error *error) GD_CHECKED;

/* to = keep * to + (1 - keep) * from, on planes of one partition, without clipping. Finished when it returns.
 * Not collective. */
gd_status gd_mix_planes(const gd_engine *engine, gd_plane *to, const gd_plane *from, double keep,
                        gd_error *error) GD_CHECKED;

#endif
