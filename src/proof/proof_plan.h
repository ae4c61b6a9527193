/* What a proof will take, worked out before it starts, as a plan of its own. */
#ifndef GD_PROOF_PROOF_PLAN_H
#define GD_PROOF_PROOF_PLAN_H

#include "plan/plan.h"
#include "proof/proof_way.h"

/* The plan of a proof: an octave is what is dreamt on of it, the whole canvas or three parts. In host memory
 * need.total_bytes is what is there at once; what ranks send each other is not worked out. Arguments are
 * those of gd_plan_create. Not collective; the caller frees the plan. */
gd_status gd_proof_plan_create(const gd_engine *engine, const gd_render_parameters *parameters,
                               const gd_proof_way *way, int32_t ranks, gd_plan **plan,
                               gd_error *error) GD_CHECKED;

#endif
