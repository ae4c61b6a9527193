/* First pass: finds needed nodes and their readers, and decides which convolutions move or merge; private to
 * this folder. */
#ifndef GD_NET_LOWER_SURVEY_H
#define GD_NET_LOWER_SURVEY_H

#include "net/lower/lowering.h"

/* Finds the needed nodes and their readers. GD_INTERNAL for a network that cannot be lowered. */
gd_status gd_lower_survey(gd_lowering *l) GD_CHECKED;

/* Decides which masks are left to max pools, which average pools move behind their 1x1 convolutions, and
 * which convolutions are merged. */
void gd_lower_rewrite(gd_lowering *l);

#endif
