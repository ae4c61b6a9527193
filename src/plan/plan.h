/* Memory, traffic and work of a render, computed in advance from its parameters: the render's walk over
 * octaves and steps, without pixels. */
#ifndef GD_PLAN_PLAN_H
#define GD_PLAN_PLAN_H

#include "base/status.h"
#include "dream/parameters.h"
#include "engine/engine.h"
#include "plan/plan_result.h"

#include <stdint.h>
/* Plans a render on `ranks` ranks, which need not exist. The engine may have no weights and may be on a
 * device that is only described. parameters->threads is that of the rank with the most. Not collective; the
 * caller frees the plan. */
gd_status gd_plan_create(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                         gd_plan **plan, gd_error *error) GD_CHECKED;
void gd_plan_free(gd_plan *plan);

#endif
