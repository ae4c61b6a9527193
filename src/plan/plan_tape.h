/* Data of tapes for a plan: tensors and FLOP of each window shape. */
#ifndef GD_PLAN_PLAN_TAPE_H
#define GD_PLAN_PLAN_TAPE_H

#include "base/status.h"
#include "engine/engine.h"
#include "plan/plan_result.h"
#include "tiling/tile_assignment.h"

/* Adds the windows of `count` steps with this tile assignment. */
gd_status gd_plan_count_tiles(gd_plan_shapes *shapes, const gd_tile_assignment *assignment, int64_t count,
                              gd_error *error) GD_CHECKED;

/* Adds all windows of `others`. */
gd_status gd_plan_count_all(gd_plan_shapes *shapes, const gd_plan_shapes *others, gd_error *error) GD_CHECKED;

/* Index of a shape in the list, or -1. */
int32_t gd_plan_find(const gd_plan_shapes *shapes, const gd_window_shape *window);

/* By how much the bytes a unit of the windows of a render may differ on processors. */
#define GD_PLAN_UNIT_SPREAD 1.2

/* Fills in what depends on tapes: FLOP and arenas of all shapes, tensors and filters. */
gd_status gd_plan_tapes(gd_plan *plan, const gd_engine *engine, gd_error *error) GD_CHECKED;

/* Bytes of the arena of a window. GD_USAGE if its tensors are too large. */
gd_status gd_plan_arena(const gd_engine *engine, const gd_window_shape *window, size_t *bytes,
                        gd_error *error) GD_CHECKED;

/* The convolutions of a window that the device computes without its tensor cores; none where the backend has
 * no such thing. GD_USAGE if its tensors are too large. */
gd_status gd_plan_demotion(const gd_engine *engine, const gd_window_shape *window, gd_demotion *demotion,
                           gd_error *error) GD_CHECKED;

/* FLOP of the gradient of a window: 2 for each multiply-add. */
gd_status gd_plan_flop(const gd_engine *engine, const gd_window_shape *window, double *flop,
                       gd_error *error) GD_CHECKED;

/* Bytes of the filters, the same for all shapes. */
gd_status gd_plan_filters(const gd_engine *engine, uint64_t *bytes, gd_error *error) GD_CHECKED;

#endif
