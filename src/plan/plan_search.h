/* Finds tile sizes that fit into memory, and reserves the memory of a plan. */
#ifndef GD_PLAN_PLAN_SEARCH_H
#define GD_PLAN_PLAN_SEARCH_H

#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "mpi/comm.h"

#include <stdbool.h>
#include <stdint.h>

/* The largest tile whose plan needs at most `bytes` in total: a multiple of the objective's stride, at least
 * 256; 0: none fits. If `scratch` is true, the planes may be in a scratch file. Not collective. */
gd_status gd_plan_largest_tile(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                               uint64_t bytes, bool scratch, int64_t *tile, gd_error *error) GD_CHECKED;

/* The tile of -ts auto: the largest multiple of the stride, up to the canvas, for which tensors, two windows
 * with their gradients, filters and the libraries' memory take at most 60 % of the device's memory, and whose
 * tensors can be addressed. Windows whose convolutions are computed without tensor cores are too large,
 * unless all are. It depends only on the kind of device and the parameters. 2048 if the backend computes in
 * host memory. Not collective. */
gd_status gd_plan_auto_tile(const gd_engine *engine, const gd_render_parameters *parameters, int64_t *tile,
                            gd_error *error) GD_CHECKED;

/* Reserves the plan's memory, if the backend supports it. If it fails on a rank, all ranks fail with a
 * message that names the largest tile that fits there. Call it before the first canvas is created.
 * Collective. */
gd_status gd_plan_reserve(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                          gd_error *error) GD_CHECKED;

#endif
