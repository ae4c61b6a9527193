/* --dry-run: a plan as a table for people. */
#ifndef GD_CLI_PLAN_TEXT_H
#define GD_CLI_PLAN_TEXT_H

#include "cli/prepare.h"
#include "dream/plan.h"

#include <stdio.h>

/* `workspace`: the most scratch that one operation of the largest window takes, in bytes. */
void gd_plan_print(const gd_plan *plan, const gd_engine *engine, const gd_decision *decision,
                   size_t workspace, FILE *out);

#endif
