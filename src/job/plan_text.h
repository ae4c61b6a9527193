/* --dry-run: prints a plan as tables for users. */
#ifndef GD_JOB_PLAN_TEXT_H
#define GD_JOB_PLAN_TEXT_H

#include "job/decision.h"
#include "job/memory_check.h"
#include "plan/estimate.h"
#include "plan/plan.h"
#include "proof/proof_geometry.h"

#include <stdio.h>

/* What the halo of the last octave that is larger than a tile costs there. */
typedef struct gd_halo_report {
    int64_t rows, cols;        /* of that octave's canvas */
    int64_t halo, exact;       /* pixels; exact 0: no octave is larger than a tile */
    double ratio, exact_ratio; /* of the work without a halo; exact_ratio 0: too large a window */
} gd_halo_report;

/* The data to print. */
typedef struct gd_plan_report {
    const gd_plan *plan; /* borrowed, as are the next two */
    const gd_engine *engine;
    const gd_decision *decision;
    const gd_proof_geometry *way; /* borrowed; NULL: not a proof */
    gd_outside outside;           /* from the plan's parameters */
    gd_memory_check memory;
    gd_error refusal; /* error message of a run; "": it would render */
    gd_halo_report halo;
    char demoted[GD_DEMOTION_WORDS]; /* of the largest window, as in gd_parameters_choose */
    size_t workspace;                /* peak bytes of one operation of the largest window */
    gd_estimate estimate;            /* rate 0: nothing was measured */
} gd_plan_report;

/* Prints the report for --dry-run. */
void gd_plan_print(const gd_plan_report *report, FILE *out);

/* "40 s", "12 min", "3.5 h", "12 days". */
void gd_duration_text(double seconds, char text[32]);

#endif
