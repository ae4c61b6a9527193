/* The plan of a proof: its memory and work, computed before it starts. */
#ifndef GD_PROOF_PROOF_PLAN_H
#define GD_PROOF_PROOF_PLAN_H

#include "plan/plan.h"
#include "proof/proof_geometry.h"

/* Creates the plan of a proof. Its octaves describe the whole canvas or three parts. In host memory,
 * need.total_bytes is the peak. Traffic between ranks is not computed. Arguments as for gd_plan_create. Not
 * collective; the caller frees the plan. */
gd_status gd_proof_plan_create(const gd_engine *engine, const gd_render_parameters *parameters,
                               const gd_proof_geometry *geometry, int32_t ranks, gd_plan **plan,
                               gd_error *error) GD_CHECKED;

#endif
