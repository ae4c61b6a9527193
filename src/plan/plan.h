/* What a render will take, worked out before it starts: from its parameters alone, by walking over its
 * octaves and steps as the render does, without a pixel. */
#ifndef GD_PLAN_PLAN_H
#define GD_PLAN_PLAN_H

#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "plan/plan_result.h"

#include <stdint.h>
/* The engine may be without weights, and on a device that is only described. `ranks`: as if there were so
 * many. parameters->threads: of the rank that has most. Not collective; the caller frees the plan. */
gd_status gd_plan_create(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                         gd_plan **plan, gd_error *error) GD_CHECKED;
void gd_plan_free(gd_plan *plan);

#endif
