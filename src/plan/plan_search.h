/* Tile sizes that fit a memory, and setting aside the memory that a plan asks for. */
#ifndef GD_PLAN_PLAN_SEARCH_H
#define GD_PLAN_PLAN_SEARCH_H

#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "mpi/comm.h"

#include <stdbool.h>
#include <stdint.h>

/* The largest tile, a multiple of the objective's stride from 256 on, whose plan takes at most `bytes` in
 * all, with a scratch for its planes if need be and `scratch` is true; 0: none does. Not collective. */
gd_status gd_plan_largest_tile(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                               uint64_t bytes, bool scratch, int64_t *tile, gd_error *error) GD_CHECKED;

/* The tile of -ts auto: the largest multiple of the stride, at most the canvas, whose tensors, two windows
 * under way with their gradients, filters and the libraries' own take at most 60 % of the device's memory,
 * and whose tensors can be addressed. It depends on the kind of device and the parameters alone. 2048 where
 * the backend computes in host memory. Not collective. */
gd_status gd_plan_auto_tile(const gd_engine *engine, const gd_render_parameters *parameters, int64_t *tile,
                            gd_error *error) GD_CHECKED;

/* Sets the plan's memory aside, where the backend's memory can be set aside. When some rank cannot have it,
 * all end with the sentence that names the largest tile that fits there. Before the first canvas is made.
 * Collective. */
gd_status gd_plan_reserve(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                          gd_error *error) GD_CHECKED;

#endif
