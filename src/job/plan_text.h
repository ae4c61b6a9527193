/* --dry-run: a plan as tables for people. */
#ifndef GD_JOB_PLAN_TEXT_H
#define GD_JOB_PLAN_TEXT_H

#include "job/decision.h"
#include "job/memory_check.h"
#include "plan/estimate.h"
#include "plan/plan.h"
#include "proof/proof_way.h"

#include <stdio.h>

/* All that is printed. */
typedef struct gd_plan_report {
    const gd_plan *plan; /* borrowed, as are the next two */
    const gd_engine *engine;
    const gd_decision *decision;
    const gd_proof_way *way; /* borrowed; NULL: it is no plan of a proof */
    gd_outside outside;      /* that the plan was made with */
    gd_memory_check memory;
    gd_error refusal;     /* what a run would say instead of rendering; "": it would render */
    size_t workspace;     /* bytes: the most that one operation of the largest window takes */
    gd_estimate estimate; /* rate 0: nothing was measured */
} gd_plan_report;

void gd_plan_print(const gd_plan_report *report, FILE *out);

/* "40 s", "12 min", "3.5 h", "12 days". */
void gd_duration_text(double seconds, char text[32]);

#endif
